/** A port that takes requests and never answers, as a service that hangs does. */
export class HangingPort implements AsyncDisposable {
  readonly url: string;
  readonly #listener: Deno.TcpListener;
  readonly #connections = new Set<Deno.TcpConn>();
  readonly #serving: Promise<void>;
  #asked = 0;
  #abandoned = 0;

  private constructor() {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.url = `http://127.0.0.1:${this.#listener.addr.port}/`;
    this.#serving = this.#serve();
  }

  /** Listens on a free port. */
  static listen(): HangingPort {
    return new HangingPort();
  }

  /** How many requests have come. */
  get asked(): number {
    return this.#asked;
  }

  /** How many of their clients have hung up. */
  get abandoned(): number {
    return this.#abandoned;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of [...this.#connections]) connection.close();
    await this.#serving;
  }

  async #serve(): Promise<void> {
    const reading: Promise<void>[] = [];
    try {
      for await (const connection of this.#listener) reading.push(this.#read(connection));
    } catch (error) {
      // A listener that is closed ends its loop so.
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
    await Promise.all(reading);
  }

  async #read(connection: Deno.TcpConn): Promise<void> {
    this.#connections.add(connection);
    const buffer = new Uint8Array(4_096);
    let hasAsked = false;
    try {
      // A browser may open connections beforehand, and say nothing on them.
      while (await connection.read(buffer) !== null) {
        if (!hasAsked) this.#asked++;
        hasAsked = true;
      }
      if (hasAsked) this.#abandoned++;
      connection.close();
    } catch {
      if (hasAsked) this.#abandoned++;
    }
    this.#connections.delete(connection);
  }
}
