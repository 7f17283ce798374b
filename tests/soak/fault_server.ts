import { denoCommand } from "../programs/deno_command.ts";
import type { ServerFault } from "./server_faults.ts";

const MAIN = new URL("./fault_server_main.ts", import.meta.url).href;

/** How often a server did what. */
export type FaultCounts = Partial<Record<ServerFault, number>>;

/** The server of a soak, which runs in a process of its own. */
export class FaultServer {
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #text = "";
  #port = 0;

  private constructor() {
    this.#child = denoCommand({
      args: ["run", "-A", MAIN],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Starts a server, and waits until it listens. */
  static async start(): Promise<FaultServer> {
    const server = new FaultServer();
    server.#port = Number(await server.#line());
    return server;
  }

  /** Where it does `fault`. */
  url(fault: ServerFault): string {
    return `http://127.0.0.1:${this.#port}/${fault}`;
  }

  /** Ends it, and tells how often it did what. */
  async close(): Promise<FaultCounts> {
    await this.#child.stdin.close();
    const counts: FaultCounts = JSON.parse(await this.#line());
    await this.#lines.cancel();
    await this.#child.status;
    return counts;
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#text.indexOf("\n");
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        return line;
      }
      const { done, value } = await this.#lines.read();
      if (done) throw new Error("The server of the soak has ended");
      this.#text += value;
    }
  }
}
