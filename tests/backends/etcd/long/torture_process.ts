import assert from "node:assert/strict";
import { denoCommand } from "../../../programs/deno_command.ts";
import { pauseMs } from "../subject.ts";
import type { Transport } from "../../../etcd/transports.ts";

const MAIN = new URL("./torture_main.ts", import.meta.url).href;
const DEADLINE_MS = 30_000;
const STEP_MS = 10;
const CLOSE_MS = 2_000;

/** What a process tells of itself. */
export interface TortureReport {
  /** How its provider stands with etcd. */
  readonly state: string;
  /** Each document's key and revision, in order. */
  readonly documents: readonly string[];
  /** The failure threshold in force, by breaker. */
  readonly inForce: Readonly<Record<string, number>>;
  /** The failure thresholds that have been in force, by breaker, oldest first. */
  readonly obeyed: Readonly<Record<string, readonly number[]>>;
  /** Rejections and errors that nobody handled. */
  readonly unhandled: readonly string[];
}

/** How a process is to be started. */
export interface TortureProcessOptions {
  readonly hosts: string;
  readonly transport: Transport;
  /** The breakers whose policies it records. */
  readonly breakers: readonly string[];
}

/** A provider on an etcd backend in a process of its own. */
export class TortureProcess implements AsyncDisposable {
  readonly description: string;
  readonly #child: Deno.ChildProcess;
  readonly #requests: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #answers: ReadableStreamDefaultReader<string>;
  #text = "";

  private constructor({ hosts, transport, breakers }: TortureProcessOptions) {
    this.#child = denoCommand({
      args: ["run", "-A", MAIN, hosts, transport, ...breakers],
      stdin: "piped",
      stdout: "piped",
      // What a process that dies has to say belongs among what the test prints.
      stderr: "inherit",
    }).spawn();
    this.description = `${transport}, process ${this.#child.pid}`;
    this.#requests = this.#child.stdin.getWriter();
    this.#answers = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Starts a process, and waits until its provider is there. */
  static async start(options: TortureProcessOptions): Promise<TortureProcess> {
    const started = new TortureProcess(options);
    try {
      await started.report();
      return started;
    } catch (error) {
      await started[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Asks the process how it stands; one request at a time. */
  async report(): Promise<TortureReport> {
    await this.#send("report");
    return await this.#answer();
  }

  /** Waits until the process holds these documents, as they are in etcd, and believes itself current. */
  async holds(documents: readonly string[], what: string): Promise<TortureReport> {
    const startedMs = performance.now();
    const wanted = documents.join("\n");
    for (;;) {
      const report = await this.report();
      if (report.state === "fresh" && report.documents.join("\n") === wanted) return report;
      if (performance.now() - startedMs > DEADLINE_MS) {
        const { state, documents: held } = report;
        throw new Error(
          `Not within ${DEADLINE_MS} ms: ${this.description}, ${what}; ${
            JSON.stringify({ state, held, documents })
          }`,
        );
      }
      await pauseMs(STEP_MS);
    }
  }

  /** Closes the provider; the process must then end by itself, within two seconds. Returns its last words and how long that took. */
  async close(): Promise<{ readonly last: TortureReport; readonly tookMs: number }> {
    const startedMs = performance.now();
    await this.#send("close");
    const overdue = setTimeout(() => this.#child.kill("SIGKILL"), DEADLINE_MS);
    try {
      const last = await this.#answer();
      const { code, signal } = await this.#child.status;
      const tookMs = performance.now() - startedMs;
      assert.deepEqual([code, signal], [0, null], this.description);
      assert.ok(tookMs < CLOSE_MS, `${this.description} ended after ${tookMs.toFixed(0)} ms`);
      return { last, tookMs };
    } finally {
      clearTimeout(overdue);
    }
  }

  /** Ends the process if it still runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#child.status;
    await this.#requests.abort().catch(() => {});
    await this.#answers.cancel().catch(() => {});
  }

  async #send(request: string): Promise<void> {
    await this.#requests.write(new TextEncoder().encode(`${request}\n`));
  }

  async #answer(): Promise<TortureReport> {
    for (;;) {
      const end = this.#text.indexOf("\n");
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        return JSON.parse(line);
      }
      const { done, value } = await this.#answers.read();
      if (done) throw new Error(`${this.description} ended without an answer`);
      this.#text += value;
    }
  }
}
