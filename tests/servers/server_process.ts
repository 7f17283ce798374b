import { readdirSync, readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";

const LOG_CHARACTERS = 8_192;
const KILL_WITH_CHILDREN = `trap "" HUP INT TERM; read -r _
read -r children 2>/dev/null <"/proc/$0/task/$0/children"
kill -9 "$0" $children`;

/** What to run. */
export interface ServerCommand {
  /** Path of the executable. */
  readonly path: string;
  readonly args: readonly string[];
  /** Its whole environment: nothing is inherited. @default {} */
  readonly env?: Readonly<Record<string, string>>;
  /** Whom it runs as, where that is not this user; takes root. @default this user */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** How a process ended: with a code, or by a signal. */
export type Ending = Readonly<Deno.CommandStatus>;

/**
 * A server that runs as a child process, with its output drained. Processes that it starts are
 * killed, frozen and thawed with it.
 *
 * It never outlives the tests: a small shell holds the other end of a pipe, and kills the server
 * when this process is gone, however it went.
 */
export class ServerProcess implements AsyncDisposable {
  /** Resolves when the process has ended and nothing of it is left here. Never rejects. */
  readonly ended: Promise<Ending>;
  readonly #child: Deno.ChildProcess;
  #running = true;
  #log = "";

  constructor(command: ServerCommand) {
    this.#child = new Deno.Command(command.path, {
      args: [...command.args],
      env: { ...command.env },
      clearEnv: true,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      ...command.user,
    }).spawn();
    this.ended = this.#end(guard(this.#child.pid));
  }

  get pid(): number {
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#running;
  }

  /** The end of what it wrote to standard output and error. */
  get log(): string {
    return this.#log.trim();
  }

  /** Ends it at once, paused or not, as a crash would. */
  async kill(): Promise<void> {
    this.#killAll();
    await this.ended;
  }

  /**
   * Asks it to end, paused or not, and waits.
   *
   * @throws {Error} Where it has not ended in time; it has been killed then
   */
  async stop(deadlineMs = 10_000): Promise<void> {
    this.#signal("SIGTERM");
    this.#resumeAll();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#killAll();
    }, deadlineMs);
    await this.ended;
    clearTimeout(timer);
    if (late) throw new Error(`The server did not stop within ${deadlineMs} ms: ${this.log}`);
  }

  /**
   * Freezes it: its sockets stay open, the system still accepts connections, nothing answers.
   * Resolves when the last of its threads stands still.
   */
  async pause(): Promise<void> {
    this.#mustRun("pause");
    this.#signal("SIGSTOP");
    await this.#untilStopped(this.pid);
    this.#signalChildren("SIGSTOP");
    for (const child of childrenOf(this.pid)) await this.#untilStopped(child);
  }

  resume(): void {
    this.#mustRun("resume");
    this.#resumeAll();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  #signal(signal: Deno.Signal): void {
    if (!this.#running) return;
    unlessGone(() => this.#child.kill(signal));
  }

  #resumeAll(): void {
    this.#signalChildren("SIGCONT");
    this.#signal("SIGCONT");
  }

  #killAll(): void {
    // Frozen first, it starts no further ones while those that there are get killed.
    this.#signal("SIGSTOP");
    this.#signalChildren("SIGKILL");
    this.#signal("SIGKILL");
  }

  #signalChildren(signal: Deno.Signal): void {
    if (!this.#running) return;
    for (const child of childrenOf(this.pid)) unlessGone(() => Deno.kill(child, signal));
  }

  async #untilStopped(pid: number): Promise<void> {
    while (this.#running && !(await isStopped(pid))) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  #mustRun(action: string): void {
    if (!this.#running) throw new Error(`Cannot ${action} a server that has ended: ${this.log}`);
  }

  async #end(watcher: Deno.ChildProcess): Promise<Ending> {
    const drained = Promise.all([this.#drain(this.#child.stdout), this.#drain(this.#child.stderr)]);
    const status = await this.#child.status;
    this.#running = false;
    // Before its pipe is closed, or it would kill whoever has the same process id by then.
    watcher.kill("SIGKILL");
    await Promise.all([drained, watcher.status]);
    await watcher.stdin.close();
    return status;
  }

  async #drain(output: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of output.pipeThrough(new TextDecoderStream())) {
      this.#log = (this.#log + text).slice(-LOG_CHARACTERS);
    }
  }
}

/** Sends a signal; the process may have ended, and its status be on the way. */
function unlessGone(send: () => void): void {
  try {
    send();
  } catch (error) {
    const gone = error instanceof Deno.errors.NotFound || error instanceof TypeError;
    if (!gone) throw error;
  }
}

/** The processes that one has started; where the system does not tell, none. */
function childrenOf(pid: number): number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const lists = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`));
    return lists.join(" ").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Whether all threads of a process are stopped; where the system does not tell, they are. */
async function isStopped(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  for (const thread of threads) {
    const stat = await readFile(`/proc/${pid}/task/${thread}/stat`, "utf8").catch(() => "");
    // The letter after the name, which may hold parentheses itself.
    if (/^[RSD]/.test(stat.slice(stat.lastIndexOf(")") + 2))) return false;
  }
  return true;
}

/** Kills a process as soon as this one is gone; interrupts from the terminal do not reach it. */
function guard(pid: number): Deno.ChildProcess {
  return new Deno.Command("/bin/sh", {
    args: ["-c", KILL_WITH_CHILDREN, String(pid)],
    clearEnv: true,
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
}
