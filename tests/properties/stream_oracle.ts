/** What a random history of one stream is made of. Times are whole milliseconds. */
export type Step =
  /** The consumer asks for an item, perhaps while it waits for another. */
  | { readonly kind: "ask" }
  | { readonly kind: "pass"; readonly ms: number }
  /** The producer answers the oldest question. */
  | { readonly kind: "give" | "end" | "fail" }
  | { readonly kind: "leave" }
  /** The caller's signal is aborted. */
  | { readonly kind: "abort"; readonly isTimeout: boolean };

/** The limits of a stream in milliseconds, infinite for none. */
export interface Limits {
  readonly first: number;
  readonly idle: number;
  readonly total: number;
  readonly slow: number;
}

/** How a stream is to be counted. */
export interface Counted {
  readonly how: "success" | "failure" | "timeout" | "ignored";
  readonly isSlow: boolean;
}

/** What a question is answered with; `none`: it is open. */
export type Answer = "item" | "done" | "error" | "limit" | "reason" | "none";

/**
 * R27 again, slow and obvious: a stream whose clock runs while the consumer
 * waits. It knows nothing of promises, timers and breakers.
 */
export class StreamOracle {
  readonly answers: Answer[] = [];
  counted: Counted | undefined;
  readonly #limits: Limits;
  readonly #isProbe: boolean;
  #hasBegun = false;
  #hasEnded = false;
  #untold: "reason" | undefined;
  #waited = 0;
  /** How long this wait has lasted. */
  #wait = 0;
  #items = 0;

  constructor(limits: Limits, isProbe: boolean) {
    this.#limits = limits;
    this.#isProbe = isProbe;
  }

  /** How many questions are open. */
  get open(): number {
    return this.answers.filter((answer) => answer === "none").length;
  }

  /** Whether a time limit runs. */
  get isLimited(): boolean {
    return this.open > 0 && !this.#hasEnded && this.#left() < Infinity;
  }

  take(step: Step): void {
    if (step.kind === "ask") this.#ask();
    else if (step.kind === "pass") { for (let i = 0; i < step.ms; i++) this.#tick(); }
    else if (step.kind === "leave") this.#leave();
    else if (step.kind === "abort") this.#abort(step.isTimeout);
    else if (this.open > 0) this.#answer(step.kind);
  }

  #ask(): void {
    if (this.#hasEnded) {
      this.answers.push(this.#untold ?? "done");
      this.#untold = undefined;
      return;
    }
    this.#hasBegun = true;
    if (this.open === 0) this.#wait = 0;
    this.answers.push("none");
  }

  #tick(): void {
    if (this.open === 0 || this.#hasEnded) return;
    this.#waited++;
    this.#wait++;
    if (this.#left() <= 0) this.#stop("timeout", "limit");
  }

  #left(): number {
    const { first, idle, total } = this.#limits;
    return Math.min((this.#items === 0 ? first : idle) - this.#wait, total - this.#waited);
  }

  #answer(kind: "give" | "end" | "fail"): void {
    if (kind === "give") {
      this.#items++;
      this.#wait = 0;
      this.#tell("item");
      if (this.#isProbe) this.#count("success");
    } else {
      this.#tell(kind === "end" ? "done" : "error");
      this.#end(kind === "end" ? "success" : "failure");
    }
  }

  #leave(): void {
    this.#untold = undefined;
    if (!this.#hasBegun) this.#hasEnded = true;
    if (this.#hasEnded) return;
    for (let open = this.open; open > 0; open--) this.#tell("done");
    this.#end("ignored");
  }

  #abort(isTimeout: boolean): void {
    if (this.#hasEnded) return;
    if (!this.#hasBegun) {
      this.#hasEnded = true;
      this.#untold = "reason";
      return;
    }
    const isWaitedFor = this.open > 0;
    this.#stop(isTimeout && isWaitedFor ? "timeout" : "ignored", "reason");
    if (!isWaitedFor) this.#untold = "reason";
  }

  #stop(how: Counted["how"], answer: Answer): void {
    if (this.open > 0) this.#tell(answer);
    for (let open = this.open; open > 0; open--) this.#tell("done");
    this.#end(how);
  }

  #end(how: Counted["how"]): void {
    this.#hasEnded = true;
    this.#count(how);
  }

  #count(how: Counted["how"]): void {
    this.counted ??= { how, isSlow: how !== "ignored" && this.#waited > this.#limits.slow };
  }

  #tell(answer: Answer): void {
    this.answers[this.answers.indexOf("none")] = answer;
  }
}
