import type { Fault } from "../../src/check/fault.ts";
import { describeError } from "../../src/errors.ts";
import type { ConfigBackend, ConfigUpdate } from "../../src/provider/backend.ts";
import { Feed, type FeedState } from "../../src/provider/feed.ts";
import type { Clock } from "../../src/time/clock.ts";
import { race } from "../../src/time/waiting.ts";
import type { LimitRule } from "./limit_rule.ts";
import type { RuleChangeEvent } from "./limiter_events.ts";
import { type RuleInForce, ruleInForce } from "./rule_in_force.ts";
import { type RuleDocument, RuleStore } from "./rule_store.ts";

/** The rule of names that have none. */
const DEFAULT = "default";
/** How long one attempt at the backend may take until it says anything. */
const ATTEMPT_MS = 10_000;

/** Where rule documents are. */
export interface RuleSource {
  readonly backend: ConfigBackend;
  readonly path: string;
}

/** What a rule book works with. */
export interface RuleBookOptions {
  /** Rules in code, checked. */
  readonly rules: ReadonlyMap<string, Readonly<LimitRule>>;
  readonly source: RuleSource | undefined;
  /** Processes of rules that do not say. */
  readonly processes: number;
  readonly clock: Clock;
  readonly onChange: (event: RuleChangeEvent) => void;
  readonly onRefused: (document: RuleDocument, faults: readonly Fault[]) => void;
  /** Hears why documents that are missing are kept. */
  readonly onIncomplete: (reason: string) => void;
  readonly onFeed: (state: "fresh" | "stale", error?: unknown) => void;
}

/**
 * The rules in force: those of the backend, followed live, before those in
 * code; and for a name that has neither, the rule `default`.
 */
export class RuleBook {
  readonly #options: RuleBookOptions;
  readonly #store = new RuleStore();
  readonly #feed: Feed | undefined;
  #rules: ReadonlyMap<string, Readonly<LimitRule>>;
  #inForce: ReadonlyMap<string, RuleInForce> = new Map();

  constructor(options: RuleBookOptions) {
    this.#options = options;
    this.#rules = options.rules;
    this.#compile();
    const { source, clock, onFeed } = options;
    this.#feed = source && new Feed({
      backend: source.backend,
      prefix: source.path,
      clock,
      random: Math.random,
      attemptMs: ATTEMPT_MS,
      onUpdate: (update) => this.#take(update),
      onState: onFeed,
    });
  }

  /** What of the backend there is to tell; `undefined`: there is no backend. */
  get feed(): { readonly state: FeedState; readonly lastError: string | undefined } | undefined {
    if (this.#feed === undefined) return undefined;
    const { state, lastError } = this.#feed;
    return { state, lastError: lastError === undefined ? undefined : describeError(lastError) };
  }

  /** Every rule by name. */
  get rules(): ReadonlyMap<string, Readonly<LimitRule>> {
    return this.#rules;
  }

  /** Every document of the backend. */
  documents(): Iterable<RuleDocument> {
    return this.#store.documents();
  }

  /** The rule for a name; `undefined`: there is none, and no default either. */
  find(name: string): RuleInForce | undefined {
    return this.#inForce.get(name) ?? this.#inForce.get(DEFAULT);
  }

  /** Begins to follow the backend; resolves once it was read. */
  async start(timeoutMs: number): Promise<void> {
    if (this.#feed === undefined) return;
    await race(this.#feed.start(), { clock: this.#options.clock, timeoutMs });
  }

  /** Ends the watch of the backend; the rules stay as they are. */
  async close(): Promise<void> {
    await this.#feed?.close();
  }

  #take(update: ConfigUpdate): void {
    const { rules, onChange, onRefused, onIncomplete } = this.#options;
    const documents = this.#store.apply(update);
    const before = this.#rules;
    this.#rules = new Map([...rules, ...this.#store.rules()]);
    this.#compile();
    if (update.kind === "snapshot" && update.snapshot.incomplete !== undefined) {
      onIncomplete(update.snapshot.incomplete);
    }
    for (const document of documents) {
      if (document.faults !== undefined) onRefused(document, document.faults);
    }
    for (const name of new Set([...before.keys(), ...this.#rules.keys()])) {
      const [from, to] = [before.get(name), this.#rules.get(name)];
      if (JSON.stringify(from) !== JSON.stringify(to)) onChange({ rule: name, from, to });
    }
  }

  #compile(): void {
    const { processes } = this.#options;
    this.#inForce = new Map(
      Array.from(this.#rules, ([name, rule]) => [name, ruleInForce(rule, processes)]),
    );
  }
}
