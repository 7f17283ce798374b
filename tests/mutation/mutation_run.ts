import { dirname } from "node:path";
import type { Mutant } from "./mutant.ts";
import { MutationWorker } from "./mutation_worker.ts";
import type { Coverage, Ready, TestOrder, Verdict } from "./protocol.ts";

/** What became of a mutant. */
export interface Result {
  readonly mutant: Mutant;
  /** `uncovered`: no test passes by it. */
  readonly status: "killed" | "timeout" | "survived" | "uncovered";
  /** The test that failed, and what it said. */
  readonly by?: string;
  readonly message?: string;
}

/** Whether no test noticed the mutant. */
export function isUndetected({ status }: Result): boolean {
  return status === "survived" || status === "uncovered";
}

/** What else a run is given. */
export interface RunOptions {
  /** Processes at a time. */
  readonly jobs: number;
  /** Hears of every result. */
  readonly onResult: (result: Result) => void;
}

/** A mutated loop may turn so many times as often as the written one before it counts as endless. */
const HITS_FACTOR = 100;
const HITS_SLACK = 1_000;
/** A test may take so many times as long as without a mutant. */
const TIME_FACTOR = 20;
const TIME_SLACK_MS = 1_500;

/**
 * Judges mutants by the unit tests of an instrumented tree. A first run without
 * a mutant tells which tests pass by which mutants, and so which tests a mutant
 * must survive, the quickest first.
 *
 * Many mutants are tried in one process, one after the other. A mutant may spoil
 * the process for those after it, so a test's failure counts there only if the
 * same test passes again as soon as the mutant is off; else the mutant is tried
 * again in a process of its own. So is one that is passed by when modules are
 * loaded, because there it can no longer be switched on.
 */
export class MutationRun {
  readonly #root: string;
  readonly #jobs: number;
  readonly #onResult: (result: Result) => void;
  #coverage: readonly Coverage[] = [];
  #loaded: Ready = { kind: "ready", tests: [], packageHits: {}, fileHits: {} };
  /** For each test the files, and their folders, that it passes by. */
  #paths: readonly ReadonlySet<string>[] = [];
  /** For each file the tests that killed a mutant of it, the last one first. */
  readonly #killers = new Map<string, number[]>();

  /** A run on the instrumented tree at `root`. */
  constructor(root: string, { jobs, onResult }: RunOptions) {
    this.#root = root;
    this.#jobs = jobs;
    this.#onResult = onResult;
  }

  /**
   * Runs the tests without a mutant; `mutants` are all that the tree holds.
   *
   * @returns How many there are, and how long they take.
   * @throws {Error} If one fails, or cannot be repeated.
   */
  async cover(mutants: readonly Mutant[]): Promise<{ tests: number; ms: number }> {
    await using worker = await this.#start();
    this.#loaded = worker.loaded;
    this.#coverage = await worker.cover();
    const failed = this.#coverage.flatMap(({ failure }, index) =>
      failure === undefined ? [] : [`  ${this.#nameOf(index)}: ${failure}`]
    );
    if (failed.length > 0) throw new Error(`Tests fail without a mutant:\n${failed.join("\n")}`);
    const files = new Map(mutants.map(({ id, file }) => [id, file]));
    this.#paths = this.#coverage.map(({ hits }) => {
      const reached = Object.keys(hits).flatMap((id) => files.get(id) ?? []);
      return new Set([...reached, ...reached.map((file) => dirname(file))]);
    });
    const ms = this.#coverage.reduce((sum, coverage) => sum + coverage.ms, 0);
    return { tests: this.#loaded.tests.length, ms };
  }

  /** Judges mutants, in `jobs` processes at a time. */
  async judge(mutants: readonly Mutant[]): Promise<void> {
    const queue = mutants.values();
    await Promise.all(Array.from({ length: this.#jobs }, () => this.#judgeNext(queue)));
  }

  async #judgeNext(queue: Iterator<Mutant> & Iterable<Mutant>): Promise<void> {
    let worker: MutationWorker | undefined;
    try {
      for (const mutant of queue) {
        const orders = this.#ordersFor(mutant);
        let verdict: Verdict = { status: "survived" };
        if (orders.length > 0) {
          worker ??= await this.#start();
          verdict = await worker.try(mutant.id, orders);
          if (verdict.status !== "survived" && !verdict.isClean) {
            await worker[Symbol.asyncDispose]();
            worker = undefined;
            if (verdict.status === "killed") verdict = await this.#tryAlone(mutant, orders);
          }
        }
        const early = this.#earlyOrdersFor(mutant);
        if (verdict.status === "survived" && early.length > 0) {
          verdict = await this.#tryAlone(mutant, early);
        }
        this.#report(mutant, verdict, orders.length + early.length > 0);
      }
    } finally {
      await worker?.[Symbol.asyncDispose]();
    }
  }

  /** Tries a mutant in a process of its own, in which it is active from the start. */
  async #tryAlone(mutant: Mutant, orders: readonly TestOrder[]): Promise<Verdict> {
    const worker = await MutationWorker.start(this.#root, { active: mutant.id });
    if (!(worker instanceof MutationWorker)) return worker;
    await using alone = worker;
    if (alone.loaded.tests.length !== this.#loaded.tests.length) {
      return { status: "killed", test: -1, message: "tests are missing", isClean: false };
    }
    return await alone.try(mutant.id, orders);
  }

  #report(mutant: Mutant, verdict: Verdict, isCovered: boolean): void {
    if (verdict.status === "survived") {
      return this.#onResult({ mutant, status: isCovered ? "survived" : "uncovered" });
    }
    const { status, test, message } = verdict;
    const killers = this.#killers.get(mutant.file) ?? [];
    this.#killers.set(mutant.file, [test, ...killers.filter((other) => other !== test)]);
    this.#onResult({ mutant, status, by: this.#nameOf(test), message });
  }

  #ordersFor({ id, file }: Mutant): TestOrder[] {
    const reaching = this.#coverage.flatMap((coverage, index) => {
      const hits = coverage.hits[id];
      return hits === undefined ? [] : [this.#orderOf(index, hits)];
    });
    return this.#sorted(reaching, file);
  }

  /**
   * The tests that a mutant concerns because it is passed by when modules are
   * loaded: those of the files of tests that do so; where the package itself
   * does, all but those that pass by mutated code, yet by none of the mutant's
   * folder; those that pass by its file come first.
   */
  #earlyOrdersFor({ id, file }: Mutant): TestOrder[] {
    const { packageHits, fileHits, tests } = this.#loaded;
    const isOfPackage = packageHits[id] !== undefined;
    const ofFile: TestOrder[] = [];
    const others: TestOrder[] = [];
    for (const [index, { hits }] of this.#coverage.entries()) {
      const order = this.#orderOf(index, hits[id] ?? 0);
      if (isOfPackage && this.#reaches(index, file)) ofFile.push(order);
      else if (isOfPackage && this.#mayConcern(index, dirname(file))) others.push(order);
      else if (fileHits[tests[index]?.file ?? ""]?.[id] !== undefined) others.push(order);
    }
    return [...this.#sorted(ofFile, file), ...this.#sorted(others, file)];
  }

  /** Whether a test passes by a folder, or by nothing: then it may still look at a constant. */
  #mayConcern(index: number, folder: string): boolean {
    return this.#reaches(index, folder) || this.#paths[index]?.size === 0;
  }

  /** Whether a test passes by a mutant of a file or folder. */
  #reaches(index: number, path: string): boolean {
    return this.#paths[index]?.has(path) ?? false;
  }

  #orderOf(index: number, hits: number): TestOrder {
    const ms = this.#coverage[index]?.ms ?? 0;
    return {
      index,
      limitMs: Math.ceil(TIME_SLACK_MS + TIME_FACTOR * ms),
      mostHits: HITS_SLACK + HITS_FACTOR * hits,
    };
  }

  /** The quickest tests first, and before them the quick ones that have killed in this file. */
  #sorted(orders: TestOrder[], file: string): TestOrder[] {
    const killers = (this.#killers.get(file) ?? []).slice(0, 10);
    const rank = ({ index, limitMs }: TestOrder): number => {
      const place = killers.indexOf(index);
      return place < 0 || limitMs > TIME_SLACK_MS + 200 ? limitMs : place - killers.length;
    };
    return orders.sort((a, b) => rank(a) - rank(b));
  }

  async #start(): Promise<MutationWorker> {
    const worker = await MutationWorker.start(this.#root);
    if (worker instanceof MutationWorker) return worker;
    const message = worker.status === "survived" ? "" : worker.message;
    throw new Error(`Cannot load the unit tests: ${message}`);
  }

  #nameOf(index: number): string {
    const test = this.#loaded.tests[index];
    return test === undefined ? "loading the modules" : `${test.file}: ${test.name}`;
  }
}
