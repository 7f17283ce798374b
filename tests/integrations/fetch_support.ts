import { Breaker } from "../../src/breaker/breaker.ts";
import { createBreaker } from "../../src/breaker/create_breaker.ts";
import type { BreakerSettings } from "../../src/breaker/host/settings.ts";
import type { Policy } from "../../src/policy/policy.ts";

/** Breakers by name, all under one policy. */
export class Breakers {
  readonly #byName = new Map<string, Breaker>();
  readonly #policy: Policy;
  readonly #settings: BreakerSettings;

  constructor(policy: Policy = {}, settings: BreakerSettings = {}) {
    this.#policy = policy;
    this.#settings = settings;
  }

  getBreaker(name: string): Breaker {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const breaker = createBreaker(name, this.#policy, this.#settings);
    this.#byName.set(name, breaker);
    return breaker;
  }

  get names(): string[] {
    return [...this.#byName.keys()];
  }

  /** The one breaker that there is. */
  get only(): Breaker {
    const [breaker, ...others] = this.#byName.values();
    if (!(breaker instanceof Breaker) || others.length > 0) throw new Error("not exactly one");
    return breaker;
  }
}

/** A promise, and what settles it. */
export interface Answer {
  readonly signal: AbortSignal | undefined;
  readonly resolve: (response: Response) => void;
  readonly reject: (error: unknown) => void;
}

/** A fetch whose answers a test gives. It heeds no signal, as a bad one does. */
export class ManualFetch {
  readonly answers: Answer[] = [];

  readonly fetch = (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const own = input instanceof Request ? input.signal : undefined;
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    this.answers.push({ signal: init?.signal ?? own, resolve, reject });
    return promise;
  };

  get last(): Answer {
    const answer = this.answers.at(-1);
    if (answer === undefined) throw new Error("nothing was sent");
    return answer;
  }
}

/** A body whose chunks a test gives. */
export class ManualBody {
  cancelledWith: unknown = undefined;
  #controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  readonly stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => {
      this.#controller = controller;
    },
    cancel: (reason) => {
      this.cancelledWith = reason ?? "no reason";
    },
  });

  push(text: string): void {
    this.#controller?.enqueue(new TextEncoder().encode(text));
  }

  end(): void {
    this.#controller?.close();
  }

  fail(error: unknown): void {
    this.#controller?.error(error);
  }
}
