import { LineSplitter } from "../../etcd/json_lines.ts";

/** Stands before etcd's gateway, hands every call on, and can swallow what a watch is told. */
export class DeafGateway implements AsyncDisposable {
  /** Whether events are swallowed: the stream stays open and says nothing. */
  isDeaf = false;
  /** Runs once, when etcd has answered a list and before the answer is handed on. */
  afterList: (() => Promise<void>) | undefined;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });

  constructor(endpoint: string) {
    const options = { port: 0, hostname: "127.0.0.1", onListen: () => {} };
    this.#server = Deno.serve(options, (request) => this.#forward(endpoint, request));
  }

  /** Where it listens. */
  get endpoint(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    this.#client.close();
  }

  async #forward(endpoint: string, request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const { ok, status, body } = await fetch(endpoint + pathname, {
      method: "POST",
      body: await request.text(),
      client: this.#client,
    });
    if (pathname === "/v3/kv/range" && ok) {
      const { afterList } = this;
      this.afterList = undefined;
      await afterList?.();
    }
    return new Response(
      pathname === "/v3/watch" ? body?.pipeThrough(this.#hearing()) ?? null : body,
      { status },
    );
  }

  #hearing(): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
    let whole: string[] = [];
    const splitter = new LineSplitter((line) => whole.push(line));
    return new TransformStream({
      transform: (piece, controller) => {
        splitter.push(piece);
        const told = whole.filter((line) => !this.isDeaf || line.includes(`"created":true`));
        whole = [];
        for (const line of told) controller.enqueue(new TextEncoder().encode(`${line}\n`));
      },
    });
  }
}
