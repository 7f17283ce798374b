import assert from "node:assert/strict";
import fc from "npm:fast-check@4.9.0";
import type { ConfigEntry, ConfigUpdate, Policy } from "../../mod.ts";
import { Breaker, coreOf } from "../../src/breaker/breaker.ts";
import { BreakerCore } from "../../src/breaker/core.ts";
import { BreakerHost } from "../../src/breaker/host/host.ts";
import { documentNameOf, nameFault, scopeOf } from "../../src/policy/document_name.ts";
import { parseCollectionText } from "../../src/policy/parse_policy.ts";
import { resolvePolicy } from "../../src/policy/resolve_policy.ts";
import { collectionSchema } from "../../src/policy/schema.ts";
import { BreakerPolicies } from "../../src/provider/breaker_policies.ts";
import { composeBreakerStatus } from "../../src/provider/compose_status.ts";
import { DocumentStore } from "../../src/provider/document_store.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { KeptLog } from "../support/kept_log.ts";
import { isGoodName, type NaiveDocument, naiveLevels, naivePolicy } from "./naive_groups.ts";
import { holds } from "./settings.ts";

const ENVIRONMENT: Policy = { failureThreshold: 5, minimumCalls: 20, openStateTimeout: "10s" };
const BREAKERS = ["", "a", "b", "ab", "aab", "aba", "bab", "*", "a*", "a*b", "**", "default"];

const anyDocumentName = fc.oneof(
  fc.array(fc.constantFrom("a", "b", "*", "**"), { maxLength: 4 }).map((it) => it.join("")),
  fc.constantFrom("default", "a", "ab", "a*", "*b", "*", "**"),
);
const anyPolicy: fc.Arbitrary<Policy> = fc.record({
  failureThreshold: fc.constantFrom(1, 2, 3, null),
  minimumCalls: fc.constantFrom(1, 2, 3, null),
  openStateTimeout: fc.constantFrom("1s", "3s", null),
  timeout: fc.constantFrom("1s", "2s", null),
  mode: fc.constantFrom("normal", "forced-open", "metrics-only", null),
}, { requiredKeys: [] });

/** What becomes of a document, or of an entry of the collection in a layer. */
interface Edit {
  readonly name: string;
  readonly layer: number;
  readonly kind: ConfigEntry["kind"];
  /** `undefined`: it is deleted. */
  readonly policy: Policy | undefined;
}
/** What is refused. */
const INVALID: Policy = { failureThreshold: -1 };

const anyEdit: fc.Arbitrary<Edit> = fc.record({
  name: anyDocumentName,
  layer: fc.constantFrom(0, 1),
  kind: fc.constantFrom("policy", "policy", "collection"),
  policy: fc.oneof(
    { weight: 5, arbitrary: anyPolicy },
    { weight: 2, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constant(INVALID) },
  ),
});

function sourceOf({ kind, layer, name }: Edit): string {
  return kind === "policy" ? `${layer} policy ${name}` : `${layer} collection`;
}

/** A backend's documents by source, each with an entry by name. */
type Held = Map<string, { layer: number; kind: Edit["kind"]; entries: Map<string, Policy> }>;

/** Breakers under the documents of a store, on a manual clock. */
class Scene {
  readonly clock = new ManualClock();
  readonly #store = new DocumentStore();
  readonly #host = new BreakerHost({ clock: this.clock, random: () => 0, logger: new KeptLog() });
  readonly #breakers = new Map<string, Breaker>();
  readonly #policies = new BreakerPolicies({
    environment: ENVIRONMENT,
    store: this.#store,
    timeline: this.#host.timeline,
    find: (name) => this.#breakers.get(name),
  });
  readonly #held: Held = new Map();
  readonly #good = new Map<string, NaiveDocument>();
  #revision = 0;

  breaker(name: string): Breaker {
    const found = this.#breakers.get(name);
    if (found !== undefined) return found;
    const policies = this.#policies;
    const version = policies.versionFor(name);
    const made = new Breaker(new BreakerCore(name, this.#host, version, policies.own(name)));
    this.#breakers.set(name, made);
    return made;
  }

  /** Takes in edits as one update, the whole state or what has changed. */
  update(edits: readonly Edit[], isWhole: boolean): void {
    const touched = new Set(edits.map((edit) => this.#edit(edit)));
    const revision = String(++this.#revision);
    const entriesOf = (sources: Iterable<string>): ConfigEntry[] =>
      [...sources].flatMap((source) => this.#entry(source, revision) ?? []);
    const removed = [...touched].filter((source) => !this.#held.has(source));
    const update: ConfigUpdate = isWhole
      ? { kind: "snapshot", snapshot: { entries: entriesOf(this.#held.keys()), revision } }
      : {
        kind: "changes",
        changed: entriesOf([...touched].filter((source) => this.#held.has(source))),
        removed: removed.map((source) => ({ source })),
        revision,
      };
    for (const source of removed) this.#good.delete(source);
    this.#policies.obey(this.#store.apply(update).names);
  }

  /** Holds every breaker against what the rule says. */
  check(names: readonly string[]): void {
    const documents = [...this.#good.values()];
    for (const name of names) {
      const levels = naiveLevels(documents, name);
      const policies = levels.map((level) => naivePolicy(documents, level)).reverse();
      assert.deepEqual(this.breaker(name).policy, resolvePolicy(ENVIRONMENT, ...policies), name);
      const [status] = composeBreakerStatus([this.breaker(name)], this.#store);
      assert.equal(status?.sources.length, levels.length, name);
    }
  }

  #edit(edit: Edit): string {
    const { kind, layer, name, policy } = edit;
    const source = sourceOf(edit);
    const held = this.#held.get(source) ?? { layer, kind, entries: new Map() };
    if (policy === undefined) held.entries.delete(name);
    else held.entries.set(name, policy);
    if (held.entries.size === 0) this.#held.delete(source);
    else this.#held.set(source, held);
    return source;
  }

  #entry(source: string, revision: string): ConfigEntry | undefined {
    const held = this.#held.get(source);
    if (held === undefined) return undefined;
    const { layer, kind, entries } = held;
    const [[name, policy] = ["", {}]] = entries;
    const policies = Object.fromEntries(entries);
    const isGood = [...entries].every(([name, policy]) => isGoodName(name) && policy !== INVALID);
    const document = { name: kind === "policy" ? name : "breakers", layer, kind };
    if (isGood) this.#good.set(source, { ...document, policies });
    const text = JSON.stringify(kind === "policy" ? policy : policies);
    return { ...document, source, text, revision };
  }
}

Deno.test("R28: any name of a breaker is one document's, which is for that breaker alone", () => {
  holds(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), anyDocumentName), (breaker) => {
      const name = documentNameOf(breaker);
      assert.deepEqual(scopeOf(name), { kind: "breaker", breaker });
      assert.equal(name === breaker, !breaker.includes("*"));
    }),
    { runs: 2_000 },
  );
});

Deno.test("R28: any name is a breaker's, a group's or a fault, and parser and schema agree on which", () => {
  const anyName = fc.array(fc.constantFrom("*", "**", "a", "-", "\n", "\u{1f600}", "\ud800"));
  const { pattern } = Object(collectionSchema()["propertyNames"]);
  const schema = new RegExp(pattern);
  holds(
    fc.property(anyName.map((it) => it.join("")), (name) => {
      assert.equal(schema.test(name), isGoodName(name));
      assert.equal(parseCollectionText(JSON.stringify({ [name]: {} })).ok, isGoodName(name));
      assert.equal(nameFault(name, "$") === undefined, isGoodName(name));
      assert.equal(scopeOf(name).kind === "invalid", !isGoodName(name));
    }),
    { runs: 2_000 },
  );
});

const anyUpdates = fc.array(
  fc.record({ edits: fc.array(anyEdit, { minLength: 1, maxLength: 5 }), isWhole: fc.boolean() }),
  { maxLength: 6 },
);

Deno.test("R28: whatever documents come and go, each breaker has the policy that the rule says", () => {
  holds(
    fc.property(anyUpdates, fc.subarray(BREAKERS), (updates, early) => {
      const scene = new Scene();
      for (const name of early) scene.breaker(name);
      for (const { edits, isWhole } of updates) {
        scene.update(edits, isWhole);
        scene.check(early.slice(0, 3));
      }
      scene.check(BREAKERS);
    }),
    { runs: 1_500 },
  );
});

Deno.test("R20: a breaker that nobody looks at comes out as one that is looked at after each update", () => {
  holds(
    fc.property(anyUpdates, fc.subarray(BREAKERS), (updates, failing) => {
      const [eager, lazy] = [new Scene(), new Scene()];
      for (const scene of [eager, lazy]) {
        for (const name of BREAKERS) scene.breaker(name);
        for (const name of failing) {
          for (let i = 0; i < 5; i++) scene.breaker(name).tryAcquire()?.failure();
        }
      }
      for (const { edits, isWhole } of updates) {
        for (const scene of [eager, lazy]) {
          scene.clock.advance("1500ms");
          scene.update(edits, isWhole);
        }
        for (const name of BREAKERS) coreOf(eager.breaker(name)).look();
      }
      for (const name of BREAKERS) {
        assert.deepEqual(lazy.breaker(name).snapshot(), eager.breaker(name).snapshot(), name);
      }
    }),
    { runs: 700 },
  );
});
