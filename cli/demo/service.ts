import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Deferred } from "../../src/call/deferred.ts";

/** How a service treats its requests. */
export type Behaviour = "healthy" | "failing" | "hanging";

/** How long an answer takes, in milliseconds; nearly the same for each, and the same in each run. */
const HEALTHY_MS = { least: 12, spread: 25 };
const FAILING_MS = 60;

/** A real HTTP service on the loopback interface that can be told to fail. */
export class DemoService implements AsyncDisposable {
  readonly #server: Server;
  readonly #received: Record<Behaviour, number> = { healthy: 0, failing: 0, hanging: 0 };
  #behaviour: Behaviour = "healthy";

  private constructor() {
    this.#server = createServer((request, response) => this.#serve(request, response));
  }

  /** Starts a healthy service on a free port. */
  static async start(): Promise<DemoService> {
    const service = new DemoService();
    const listening = new Deferred<void>();
    service.#server.once("error", listening.reject);
    service.#server.listen(0, "127.0.0.1", () => listening.resolve());
    await listening.promise;
    return service;
  }

  /** Where it listens. */
  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("The service is closed");
    return `http://127.0.0.1:${address.port}/`;
  }

  /** How many requests it has received so far, by how it treated them. */
  get received(): Readonly<Record<Behaviour, number>> {
    return { ...this.#received };
  }

  /** Treats the requests from now on in another way; those that hang go on hanging. */
  behave(behaviour: Behaviour): void {
    this.#behaviour = behaviour;
  }

  /** Ends every connection and stops listening. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Deferred<void>();
    this.#server.close(() => closed.resolve());
    this.#server.closeAllConnections();
    await closed.promise;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const behaviour = this.#behaviour;
    const nth = ++this.#received[behaviour];
    request.resume();
    if (behaviour === "hanging") return;
    const delayMs = behaviour === "failing"
      ? FAILING_MS
      : HEALTHY_MS.least + (nth * 7) % HEALTHY_MS.spread;
    const timer = setTimeout(() => {
      // One connection per call, so that none is left open when the demo ends.
      response.writeHead(behaviour === "failing" ? 500 : 200, { connection: "close" });
      response.end(behaviour === "failing" ? "out of order\n" : "in stock\n");
    }, delayMs);
    response.on("close", () => clearTimeout(timer));
  }
}
