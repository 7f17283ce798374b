import type { Mode } from "../../src/policy/policy.ts";
import { resolvePolicy } from "../../src/policy/resolve_policy.ts";
import { pick, seededRandom } from "../support/seeded_random.ts";
import type { History, Move, Way } from "./differential_move.ts";
import { editedPolicy, randomPolicy } from "./differential_policy.ts";
import { type Difference, Pair } from "./differential_run.ts";
import type { Outcome } from "./observation.ts";

const WAYS: readonly Way[] = ["permits", "missed versions", "do"];
const MODES: readonly (Mode | null)[] = [
  null,
  null,
  null,
  "normal",
  "disabled",
  "forced-open",
  "metrics-only",
];
const USUAL: readonly Outcome[] = ["success", "success", "failure", "ignored", "cancelled"];
const BY_OPERATION: readonly Outcome[] = [...USUAL, "timeout"];
const BY_PERMIT: readonly Outcome[] = [...USUAL, "timeout", "dropped"];
const DRAWS = [0, 0.25, 0.5, 0.75];
const OWNERS = ["code", "code", "deploy"];
/** How long holds are, and how old snapshots. */
const SPANS_MS = [100, 250, 500, 1000, 2000, 5000];
const MAX_IN_FLIGHT = 4;
const HOUR_MS = 3_600_000;

/** A history as it was made, and the first difference in it. */
export interface Made {
  readonly history: History;
  readonly difference: Difference | undefined;
}

/** What a history is made with. */
export interface HistoryOptions {
  /** Moves in it. @default 30 to 149, as the seed draws */
  readonly moves?: number;
}

/** Makes up the history of `seed` move by move, until the model and production part or it is long enough. */
export async function makeHistory(seed: number, { moves }: HistoryOptions = {}): Promise<Made> {
  const random = seededRandom(seed);
  const way = pick(random, WAYS);
  const policy = randomPolicy(random, way);
  const author = new Author(random, new Pair(way, policy), way);
  const length = moves ?? 30 + Math.floor(random() * 120);
  while (author.moves.length < length) {
    const values = await author.go();
    if (values.length > 0) {
      const index = author.moves.length - 1;
      return { history: { way, policy, moves: author.moves }, difference: { index, values } };
    }
  }
  return { history: { way, policy, moves: author.moves }, difference: undefined };
}

class Author {
  readonly moves: Move[] = [];
  readonly #random: () => number;
  readonly #pair: Pair;
  readonly #outcomes: readonly Outcome[];
  /** How often somebody looks after a move: always, or seldom, so that other moves find what is due. */
  readonly #looks: number;
  /** How often the policy, the mode and the object change. */
  readonly #upheaval: number;
  /** Calls in flight, those of breakers that have been replaced too. */
  readonly #open: string[] = [];
  readonly #settled: string[] = [];
  /** Instants from which something may be counted. */
  readonly #instants: number[] = [0];
  readonly #way: Way;
  /** When the newest hold ends. */
  #holdEndsAtMs = 0;
  #begun = 0;
  /** Whether the dependency is down: outcomes come in streaks. */
  #down = false;
  #nowMs = 0;
  #looksNext = false;

  constructor(random: () => number, pair: Pair, way: Way) {
    this.#random = random;
    this.#pair = pair;
    this.#way = way;
    this.#outcomes = way === "do" ? BY_OPERATION : BY_PERMIT;
    this.#looks = pick(random, [1, 0.5, 0.1]);
    this.#upheaval = pick(random, [0.05, 0.15, 0.3]);
  }

  go(): ReturnType<Pair["take"]> {
    const looks = this.#looksNext || this.moves.length > 0 && this.#random() < this.#looks / 2;
    this.#looksNext = false;
    const move: Move = looks ? { kind: "look" } : this.#next();
    this.moves.push(move);
    return this.#pair.take(move);
  }

  #next(): Move {
    const random = this.#random;
    if (random() < this.#upheaval) return this.#upset();
    const chance = random();
    if (chance < 0.3) return this.#advance();
    if (this.#open.length < MAX_IN_FLIGHT && chance < 0.62) {
      const id = `c${this.#begun++}`;
      this.#open.push(id);
      this.#mark();
      return { kind: "begin", id };
    }
    const again = this.#settled.length > 0 && random() < 0.05;
    const id = again ? pick(random, this.#settled) : this.#take();
    if (id === undefined) return this.#advance();
    this.#mark();
    const as = this.#outcome();
    if (as !== "failure" || random() < 0.8) return { kind: "settle", id, as };
    return { kind: "settle", id, as, holdAfterMs: this.#holdFor() };
  }

  #holdFor(): number {
    const ms = pick(this.#random, SPANS_MS);
    this.#holdEndsAtMs = this.#nowMs + ms;
    return ms;
  }

  #outcome(): Outcome {
    const random = this.#random;
    if (random() < 0.1) this.#down = !this.#down;
    if (random() < 0.25) return pick(random, this.#outcomes);
    return this.#down ? "failure" : "success";
  }

  /** One of the calls in flight: one that was refused counts for one here. */
  #take(): string | undefined {
    const [id] = this.#open.splice(Math.floor(this.#random() * this.#open.length), 1);
    if (id !== undefined) this.#settled.push(id);
    return id;
  }

  #mark(): void {
    this.#instants.push(this.#nowMs);
    if (this.#instants.length > 8) this.#instants.shift();
  }

  #upset(): Move {
    const random = this.#random;
    const way = this.#way;
    const { policy } = this.#pair;
    if (random() < 0.2) {
      const owner = pick(random, OWNERS);
      if (random() < 0.4) return { kind: "release", owner };
      return { kind: "hold", owner, ms: this.#holdFor() };
    }
    if (random() < 0.05) return { kind: "trip" };
    const chance = random();
    if (chance < 0.4) {
      this.#mark();
      return {
        kind: "policy",
        document: random() < 0.7 ? editedPolicy(random, policy, way) : randomPolicy(random, way),
      };
    }
    if (chance < 0.5) return { kind: "mode", mode: pick(random, MODES) };
    if (chance < 0.57) return { kind: "reset" };
    if (chance < 0.72) return { kind: "restore", ...this.#age() };
    if (chance < 0.8) {
      return { kind: "restore", ...this.#age(), document: editedPolicy(random, policy, way) };
    }
    const draws = Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(random, DRAWS));
    return { kind: "random", draws };
  }

  /** How old a snapshot is: often not at all, now and then as old as to meet what comes. */
  #age(): { readonly ageMs?: number } {
    const random = this.#random;
    if (random() < 0.4) return {};
    const due = this.#pair.model.dueInMs;
    if (random() < 0.5 && due > 0 && due < Infinity) {
      return { ageMs: due + pick(random, [-0.25, 0, 0.25]) };
    }
    return { ageMs: random() < 0.1 ? -pick(random, SPANS_MS) : pick(random, SPANS_MS) };
  }

  #advance(): Move {
    const ms = this.#length();
    this.#nowMs += Math.max(0, ms);
    return { kind: "advance", ms };
  }

  #length(): number {
    const random = this.#random;
    const chance = random();
    if (chance < 0.06) return -Math.ceil(random() * 2000);
    if (chance < 0.08) return HOUR_MS * Math.ceil(random() * 3);
    if (chance < 0.2) return Math.ceil(random() * 3000);
    const due = this.#pair.model.dueInMs;
    const held = this.#holdEndsAtMs - this.#nowMs;
    const wait = held > 0 && random() < 0.2
      ? held
      : due > 0 && due < Infinity && random() < 0.6
      ? due
      : this.#waitForAge();
    return Math.max(0, wait + pick(random, [-0.25, 0, 0, 0, 0.25, 1]));
  }

  /** How long until something that was marked has reached an age that a policy names. */
  #waitForAge(): number {
    const policy = resolvePolicy(this.#pair.policy);
    const { window, openStateTimeout, slowCallThreshold, ramp, halfOpen } = policy;
    const ages = [
      openStateTimeout,
      slowCallThreshold,
      policy.failureThresholdWithin,
      ramp?.per,
      halfOpen.probeTimeout,
      ...(window.kind === "time"
        ? [window.duration, window.duration - window.duration / window.buckets]
        : []),
    ].filter((age) => age !== undefined);
    const wait = pick(this.#random, this.#instants) + pick(this.#random, ages) - this.#nowMs;
    return wait > 0 ? wait : pick(this.#random, ages);
  }
}
