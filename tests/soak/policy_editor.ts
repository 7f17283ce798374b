import type { Mode, Policy, Provider } from "../../mod.ts";
import type { BreakerFleet } from "./breaker_fleet.ts";
import type { Chance } from "./chance.ts";
import type { EditedFolder, Saving } from "./edited_folder.ts";
import { FETCH_NAMES, FETCH_POLICY } from "./fetch_driver.ts";
import { Latencies } from "./latencies.ts";
import { PROFILES } from "./policy_profiles.ts";
import { after, until } from "./real_timers.ts";
import type { SoakContext } from "./soak_context.ts";
import type { TrackedBreaker } from "./tracked_breaker.ts";

/** What is edited: a breaker's own document, the collection, or the default of all. */
export type EditedDocument = "own" | "collection" | "default";

/** What an edit comes to: a good policy, one that must be refused, or none. */
type Edit = "good" | "no JSON" | "invalid" | "removed";

/** An edit must be obeyed within this time, whatever else the machine does. */
const LIMIT_MS = 10_000;
/** Policies are told apart by a `slowCallThreshold` that no call reaches: where each document's begin. */
const FIRST_MARK_MS = { own: 100_000, collection: 10_000_000, default: 20_000_000 } as const;

const FILES = { own: "edited.json", collection: "breakers.json", default: "default.json" } as const;
const NAMES = { own: "edited", collection: "grouped", default: "service 0" } as const;
/** What is done first, once each; a document that all depend on is not removed. */
const FIRST_EDITS: Readonly<Record<EditedDocument, readonly Edit[]>> = {
  own: ["good", "no JSON", "invalid", "removed"],
  collection: ["good", "no JSON", "invalid"],
  default: ["good", "no JSON", "invalid"],
};
const MODES: readonly [Mode, ...Mode[]] = ["normal", "disabled", "forced-open", "metrics-only"];
const SAVINGS: readonly Saving[] = ["renaming", "in two halves", "removing first"];
const BROKEN = ["", "{", '{"failureThreshold": 3,}', "null", "[1]", '{"a":'] as const;
const INVALID = [
  '{"failureThreshold": -1}',
  '{"failureTreshold": 3}',
  '{"openStateTimeout": "soon"}',
  '{"window": {"kind": "count", "size": 0}}',
] as const;

/** The documents that the folder holds at first. */
export function firstDocuments(): Record<string, unknown> {
  const http = Object.fromEntries(FETCH_NAMES.map((name) => [`${name}.json`, FETCH_POLICY]));
  const [first] = PROFILES;
  return {
    ...http,
    [FILES.own]: first,
    [FILES.collection]: { [NAMES.collection]: first },
    [FILES.default]: first,
  };
}

/** Edits one document again and again, and measures how soon the provider obeys. */
export class PolicyEditor {
  readonly latencies: Latencies;
  readonly document: EditedDocument;
  readonly #context: SoakContext;
  readonly #folder: EditedFolder;
  readonly #provider: Provider;
  readonly #chance: Chance;
  readonly #tracked: TrackedBreaker | undefined;
  #mark: number;
  #edits = 0;
  #saved = 0;

  /** An editor of `document`. */
  constructor(document: EditedDocument, context: SoakContext, options: {
    readonly folder: EditedFolder;
    readonly provider: Provider;
    readonly fleet: BreakerFleet;
    readonly chance: Chance;
  }) {
    const { folder, provider, fleet, chance } = options;
    this.document = document;
    this.#mark = FIRST_MARK_MS[document];
    this.#context = context;
    this.#folder = folder;
    this.#provider = provider;
    this.#chance = chance;
    if (document !== "default") {
      this.#tracked = fleet.addProvided(NAMES[document], { isPartial: true });
    }
    this.latencies = new Latencies(
      LIMIT_MS,
      (seen) => context.violations.add("an edit is obeyed in time", `${document}: ${seen}`),
    );
  }

  /** The breaker that is edited alone. */
  get tracked(): TrackedBreaker | undefined {
    return this.#tracked;
  }

  /** Edits until the soak ends. */
  async run(): Promise<void> {
    while (!this.#context.isOver) {
      const edit = this.#chance.weighted<Edit>([
        ["good", 8],
        ["no JSON", 2],
        ["invalid", 2],
        ["removed", this.document === "own" ? 1 : 0],
      ]);
      await this.#perform(FIRST_EDITS[this.document][this.#edits++] ?? edit);
      await after(this.#chance.between(20, 300));
    }
  }

  async #perform(edit: Edit): Promise<void> {
    const { tally } = this.#context;
    tally.add(`edit:${this.document}, ${edit}`);
    if (edit === "good") {
      const saving = SAVINGS[this.#saved++ % SAVINGS.length] ?? "renaming";
      tally.add(`saving:${saving}`);
      await this.#improve(saving);
    } else if (edit === "removed") {
      await this.#remove();
    } else {
      await this.#break(edit === "no JSON" ? this.#chance.pick(BROKEN) : this.#invalid());
    }
  }

  async #improve(saving: Saving): Promise<void> {
    const policy = { ...this.#chance.pick(PROFILES), slowCallThreshold: ++this.#mark };
    // The default's mode stays: one that is disabled would leave nobody's calls counted.
    const mode = this.document === "default" ? "normal" : this.#chance.pick(MODES);
    const text = this.#text({ ...policy, mode });
    await this.#folder.save(FILES[this.document], text, saving);
    await this.#expect("an edit", () => this.#markInForce() === this.#mark);
  }

  async #remove(): Promise<void> {
    await this.#folder.remove(FILES[this.document]);
    await this.#expect("a removal", () => this.#markInForce() !== this.#mark);
    await this.#improve("renaming");
  }

  /** Saves what must be refused: the policy before it stays in force, and the status says so. */
  async #break(text: string): Promise<void> {
    const before = this.#markInForce();
    await this.#folder.save(FILES[this.document], text, "renaming");
    await this.#expect("a refusal", () => this.#isRefused());
    const now = this.#markInForce();
    if (now !== before) {
      const seen = `${text} put ${now} in force in place of ${before}`;
      this.#context.violations.add("a refused policy changes nothing", seen);
    }
    await this.#improve("renaming");
    await this.#expect("a mended document", () => !this.#isRefused());
  }

  #text(policy: Policy): string {
    const document = this.document === "collection" ? { [NAMES.collection]: policy } : policy;
    return JSON.stringify(document, undefined, 2);
  }

  #invalid(): string {
    const text = this.#chance.pick(INVALID);
    return this.document === "collection" ? `{"${NAMES.collection}": ${text}}` : text;
  }

  #markInForce(): number | undefined {
    return this.#provider.getBreaker(NAMES[this.document]).policy.slowCallThreshold;
  }

  #isRefused(): boolean {
    const { documents } = this.#provider.configStatus();
    return documents.some(({ source, refused }) =>
      source.endsWith(FILES[this.document]) && refused !== null
    );
  }

  async #expect(what: string, holds: () => boolean): Promise<void> {
    const begunAt = performance.now();
    const isObeyed = await until(holds, LIMIT_MS);
    this.latencies.note(what, isObeyed ? performance.now() - begunAt : Infinity);
  }
}
