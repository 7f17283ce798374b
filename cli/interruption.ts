import process from "node:process";

/** The exit status by what ended the program: 128 and the signal's number. */
const STATUSES = { SIGHUP: 129, SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 } as const;

type Cause = keyof typeof STATUSES;

/**
 * Turns the signals that would end this process, and a reader of the standard
 * output that goes away, into an abort, until it is disposed.
 */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #listeners = new Map<Exclude<Cause, "SIGPIPE">, () => void>();
  #status: number | undefined;

  /** Begins to listen. */
  constructor() {
    process.stdout.on("error", this.#onClosedPipe);
    this.#listen("SIGINT");
    if (process.platform === "win32") return;
    this.#listen("SIGTERM");
    this.#listen("SIGHUP");
  }

  /** Is aborted by the first of them. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The exit status that the first of them asks for; `undefined`: none came. */
  get status(): number | undefined {
    return this.#status;
  }

  /** Leaves the signals to the system again. */
  [Symbol.dispose](): void {
    process.stdout.off("error", this.#onClosedPipe);
    for (const [name, listener] of this.#listeners) process.off(name, listener);
  }

  readonly #onClosedPipe = (): void => this.#end("SIGPIPE");

  #listen(name: Exclude<Cause, "SIGPIPE">): void {
    const listener = (): void => this.#end(name);
    this.#listeners.set(name, listener);
    process.on(name, listener);
  }

  #end(cause: Cause): void {
    this.#status ??= STATUSES[cause];
    this.#controller.abort(new Error(`Interrupted by ${cause}`));
  }
}
