import { createServer, type Server, type ServerResponse } from "node:http";

/** How the service answers: it works, takes 100 ms, fails once or always, stalls once or always, or is busy once. */
export type Mood =
  | "works"
  | "slow"
  | "fails once"
  | "fails"
  | "stalls once"
  | "stalls"
  | "busy once";

/** What came to the service. */
export interface MenuServiceCounts {
  /** Requests. */
  readonly requests: number;
  /** Requests that ran at once, at most. */
  readonly peak: number;
}

/** An HTTP service on a free port of this machine, which is as bad as it is told to be. */
export class MenuService implements AsyncDisposable {
  /** How it answers from now on. */
  mood: Mood = "works";
  readonly #server: Server;
  #requests = 0;
  #running = 0;
  #peak = 0;

  private constructor() {
    this.#server = createServer((request, response) => {
      request.resume();
      this.#serve(response);
    });
  }

  /** Starts to listen. */
  static async start(): Promise<MenuService> {
    const service = new MenuService();
    const listening = Promise.withResolvers<void>();
    service.#server.once("error", listening.reject);
    service.#server.listen(0, "127.0.0.1", () => listening.resolve());
    await listening.promise;
    return service;
  }

  /** Where it is. */
  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("The service is closed");
    return `http://127.0.0.1:${address.port}/menu`;
  }

  /** What has come since it was asked last. */
  takeCounts(): MenuServiceCounts {
    const counts = { requests: this.#requests, peak: this.#peak };
    this.#requests = 0;
    this.#peak = this.#running;
    return counts;
  }

  /** Stops, and drops the requests that it has left hanging. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = Promise.withResolvers<void>();
    this.#server.close(() => closed.resolve());
    this.#server.closeAllConnections();
    await closed.promise;
  }

  #serve(response: ServerResponse): void {
    this.#requests++;
    this.#peak = Math.max(this.#peak, ++this.#running);
    response.once("close", () => this.#running--);
    const { mood } = this;
    if (mood.endsWith("once")) this.mood = "works";
    if (mood.startsWith("stalls")) return;
    if (mood.startsWith("fails")) response.writeHead(503).end("out of order");
    else if (mood === "busy once") response.writeHead(429, { "Retry-After": "1" }).end("full");
    else setTimeout(() => response.end("soup of the day"), mood === "slow" ? 100 : 0);
  }
}
