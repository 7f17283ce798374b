import { connect, createServer, type Server, type Socket } from "node:net";
import { until } from "../support/until.ts";
import { freePort } from "./free_port.ts";

const LOOPBACK = "127.0.0.1";

/** Whether a client sees its connection reset, or ended as if the server had finished. */
export type CutKind = "reset" | "end";

type Mode = "forward" | "blackhole" | "refuse";

/** One connection of a client; `upstream` is missing while it waits in the black hole. */
interface Link {
  readonly client: Socket;
  upstream?: Socket;
}

interface ArmedCut {
  left: number;
  readonly how: CutKind;
  readonly done: (happened: boolean) => void;
}

/** A TCP proxy on loopback in front of a server there, that does to connections what networks do. */
export class TcpProxy implements AsyncDisposable {
  readonly host = LOOPBACK;
  readonly port: number;
  readonly #upstreamPort: number;
  readonly #links = new Set<Link>();
  #server: Server;
  #mode: Mode = "forward";
  #armed: ArmedCut | undefined;
  #cutting = false;
  #accepted = 0;

  private constructor(upstreamPort: number, port: number) {
    this.port = port;
    this.#upstreamPort = upstreamPort;
    this.#server = this.#createServer();
  }

  /**
   * Listens and forwards.
   *
   * @param upstreamPort The port of the server on loopback
   * @param port The port to listen on
   */
  static async start(upstreamPort: number, port: number = freePort()): Promise<TcpProxy> {
    const proxy = new TcpProxy(upstreamPort, port);
    await proxy.#listen();
    return proxy;
  }

  /** How many connections of clients are open now. */
  get connections(): number {
    return this.#links.size;
  }

  /** How many connections it has accepted so far. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Cuts every connection that is open now; new ones are served. */
  cut(how: CutKind = "reset"): void {
    for (const link of [...this.#links]) this.#destroy(link, how);
  }

  /**
   * Cuts every connection once so many more bytes have gone to clients over all of them: in
   * mid-frame, as good as always. Another cut that was armed is disarmed.
   *
   * @returns Whether it came to that; false where the cut was disarmed
   */
  cutAfter(bytes: number, how: CutKind = "reset"): Promise<boolean> {
    this.#disarm();
    return new Promise((done) => {
      this.#armed = { left: bytes, how, done };
    });
  }

  /**
   * Accepts and forwards nothing, either way: open connections stay and are silent, as when every
   * packet is lost. {@linkcode restore} delivers what was held back, as TCP would.
   */
  blackhole(): void {
    if (this.#mode === "refuse") throw new Error("Cannot blackhole while refusing: restore first");
    this.#mode = "blackhole";
    for (const { client, upstream } of this.#links) {
      client.pause();
      upstream?.pause();
    }
  }

  /** Resets every connection and refuses new ones, as a host does where nothing listens. */
  async refuse(): Promise<void> {
    if (this.#mode === "refuse") return;
    this.#mode = "refuse";
    await this.#close();
  }

  /** Forwards again, on the same port; a cut that was armed is disarmed. */
  async restore(): Promise<void> {
    this.#disarm();
    const mode = this.#mode;
    this.#mode = "forward";
    if (mode === "refuse") {
      this.#server = this.#createServer();
      await this.#listen();
    }
    for (const link of this.#links) {
      link.client.resume();
      if (link.upstream === undefined) this.#dial(link);
      else link.upstream.resume();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disarm();
    if (this.#mode !== "refuse") await this.#close();
  }

  #createServer(): Server {
    // What a client half-closes stays open the other way, as without a proxy.
    return createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#accept(client));
  }

  /** The port is reserved, so that only its own last listener can hold it still: Deno lets go of one a moment after it is closed. */
  async #listen(): Promise<void> {
    let failure: unknown;
    await until(async () => {
      failure = await this.#tryListening();
      if (failure !== undefined) this.#server = this.#createServer();
      return !isInUse(failure);
    }, `port ${this.port} is free`);
    if (failure !== undefined) throw failure;
  }

  #tryListening(): Promise<unknown> {
    const server = this.#server;
    return new Promise((resolve) => {
      server.once("error", resolve);
      server.listen(this.port, LOOPBACK, () => resolve(undefined));
    });
  }

  async #close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }

  #accept(client: Socket): void {
    this.#accepted++;
    const link: Link = { client };
    this.#links.add(link);
    this.#watch(link, client);
    if (this.#mode === "forward") this.#dial(link);
    else client.pause();
  }

  #dial(link: Link): void {
    const { client } = link;
    const upstream = connect({
      port: this.#upstreamPort,
      host: LOOPBACK,
      allowHalfOpen: true,
      noDelay: true,
    });
    link.upstream = upstream;
    this.#watch(link, upstream);
    this.#pump(client, upstream, false);
    this.#pump(upstream, client, true);
  }

  /** A half that fails takes the other with it; one that is finished lets it finish. */
  #watch(link: Link, socket: Socket): void {
    socket.on("error", () => this.#destroy(link, "reset"));
    socket.on("close", () => {
      if (link.client.destroyed && link.upstream?.destroyed !== false) this.#links.delete(link);
    });
  }

  #pump(from: Socket, to: Socket, isToClient: boolean): void {
    from.on("data", (chunk: Uint8Array) => {
      if (this.#cutting) return;
      const armed = isToClient ? this.#armed : undefined;
      if (armed !== undefined && chunk.length >= armed.left) this.#fire(armed, to, chunk);
      else {
        if (armed !== undefined) armed.left -= chunk.length;
        if (!to.write(chunk)) from.pause();
      }
    });
    from.on("end", () => to.end());
    to.on("drain", () => {
      if (this.#mode === "forward") from.resume();
    });
  }

  /** Lets the last bytes through to one client, then cuts all; what comes meanwhile is lost. */
  #fire(armed: ArmedCut, client: Socket, chunk: Uint8Array): void {
    this.#armed = undefined;
    this.#cutting = true;
    client.write(chunk.subarray(0, armed.left), () => {
      this.#cutting = false;
      this.cut(armed.how);
      armed.done(true);
    });
  }

  #disarm(): void {
    this.#armed?.done(false);
    this.#armed = undefined;
  }

  #destroy(link: Link, how: CutKind): void {
    if (!this.#links.delete(link)) return;
    for (const socket of [link.client, link.upstream]) {
      if (how === "reset") socket?.resetAndDestroy();
      else socket?.destroy();
    }
  }
}

function isInUse(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
}
