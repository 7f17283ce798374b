import { join } from "node:path";
import { denoCommand } from "../programs/deno_command.ts";
import {
  type Answer,
  ANSWER_MARK,
  type Coverage,
  type Ready,
  type Request,
  type TestOrder,
  type Verdict,
} from "./protocol.ts";

/** How long loading the modules, or a test without a mutant, may take. */
const PATIENCE_MS = 120_000;
/**
 * What a worker is allowed beyond a test's own limit, after which it is hung
 * itself: long, because on a busy machine a slow process looks the same.
 */
const GRACE_MS = 15_000;

/** What else a worker is started with. */
export interface WorkerOptions {
  /** The mutant that is active from the start, while modules are loaded too. */
  readonly active?: string;
}

/** A process that has the unit tests of an instrumented tree loaded and runs them with mutants. */
export class MutationWorker {
  static readonly #running = new Set<MutationWorker>();
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers: AsyncGenerator<Answer>;
  /** What it has loaded. */
  loaded: Ready = { kind: "ready", tests: [], packageHits: {}, fileHits: {} };

  private constructor(root: string, { active }: WorkerOptions) {
    const command = denoCommand({
      args: [
        ...["run", "-A", "--no-check", "--quiet", "--frozen=false"],
        join(root, "tests/mutation/worker.ts"),
        ...(active === undefined ? [] : ["--active", active]),
        root,
      ],
      cwd: root,
      ...{ stdin: "piped", stdout: "piped", stderr: "null" },
    });
    this.#process = command.spawn();
    this.#input = this.#process.stdin.getWriter();
    this.#answers = answersOf(this.#process.stdout);
    MutationWorker.#running.add(this);
  }

  /** Ends all processes at once: one in an endless loop would not notice that nobody listens any more. */
  static killAll(): void {
    for (const worker of MutationWorker.#running) worker.#kill();
  }

  /** Starts a worker; a verdict instead if its modules cannot be loaded. */
  static async start(root: string, options: WorkerOptions = {}): Promise<MutationWorker | Verdict> {
    const worker = new MutationWorker(root, options);
    const answer = await worker.#next(PATIENCE_MS);
    if (answer !== undefined && answer.kind === "ready") {
      worker.loaded = answer;
      return worker;
    }
    await worker[Symbol.asyncDispose]();
    const message = answer !== undefined && answer.kind === "broken"
      ? answer.message
      : "the modules are never loaded";
    const status = answer === undefined ? "timeout" : "killed";
    return { status, test: -1, message, isClean: false };
  }

  /** Runs every test without a mutant and tells what each does. */
  async cover(): Promise<Coverage[]> {
    await this.#ask({ kind: "cover" });
    const covered: Coverage[] = [];
    let test = -1;
    for (;;) {
      const answer = await this.#next(PATIENCE_MS);
      if (answer === undefined) {
        const name = this.loaded.tests[test]?.name ?? "the first test";
        throw new Error(`Cannot run the tests without a mutant: the process ended in "${name}"`);
      }
      if (answer.kind === "begin") test = answer.test;
      if (answer.kind === "covered") covered[answer.test] = answer.coverage;
      if (answer.kind === "coveredAll") return covered;
    }
  }

  /** Runs tests with a mutant until one fails. A verdict that is not clean ends the worker. */
  async try(mutant: string, tests: readonly TestOrder[]): Promise<Verdict> {
    await this.#ask({ kind: "try", mutant, tests });
    const limits = new Map(tests.map(({ index, limitMs }) => [index, limitMs]));
    let test = -1;
    let limitMs = 0;
    for (;;) {
      const answer = await this.#next(limitMs + GRACE_MS);
      if (answer === undefined) {
        return { status: "timeout", test, message: "the process hangs or ended", isClean: false };
      }
      if (answer.kind === "verdict") return answer.verdict;
      if (answer.kind !== "begin") continue;
      test = answer.test;
      limitMs = limits.get(test) ?? limitMs;
    }
  }

  /** Ends the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    MutationWorker.#running.delete(this);
    this.#kill();
    await this.#process.status;
    await this.#answers.return(undefined);
    await this.#input.abort().catch(() => {});
  }

  #kill(): void {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }

  async #ask(request: Request): Promise<void> {
    const line = new TextEncoder().encode(`${JSON.stringify(request)}\n`);
    // A worker that has died shows in the answer that does not come.
    await this.#input.write(line).catch(() => {});
  }

  /** The next answer; `undefined` if the process ends, or is silent for too long and killed. */
  async #next(patienceMs: number): Promise<Answer | undefined> {
    const timer = setTimeout(() => this.#kill(), patienceMs);
    try {
      const { value, done } = await this.#answers.next();
      return done === true ? undefined : value;
    } finally {
      clearTimeout(timer);
    }
  }
}

async function* answersOf(output: ReadableStream<Uint8Array>): AsyncGenerator<Answer> {
  let rest = "";
  for await (const text of output.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith(ANSWER_MARK)) yield JSON.parse(line.slice(ANSWER_MARK.length));
    }
  }
}
