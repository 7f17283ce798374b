import assert from "node:assert/strict";
import { memoryBackend } from "../../../backends/memory.ts";
import { createProvider, type Policy, type Provider } from "../../../mod.ts";
import { parsePolicyText } from "../../../src/policy/parse_policy.ts";
import { resolvePolicy } from "../../../src/policy/resolve_policy.ts";
import { readKnownGood } from "../../../src/provider/known_good_state.ts";
import { ManualClock } from "../../../src/testing/mod.ts";
import { KeptLog } from "../../support/kept_log.ts";
import { MemoryStore } from "../../support/memory_store.ts";
import { collectionText, policyText, valueText } from "../make_json.ts";
import { mutated, mutatedTree } from "../mutate.ts";
import { NASTY_NAMES } from "../nasty.ts";
import { pairsIn } from "../pairs.ts";
import { isCollectionText, isPolicyText } from "../strict_policy.ts";
import type { FuzzTarget } from "../target.ts";

const CONFIG = {
  serviceName: "fuzzed",
  policiesPath: "/p/",
  defaultPolicy: { failureThreshold: 7 },
};
/** The name that stands for the collection in an input. */
const COLLECTION = "\0collection";

/** A turn of the event loop, in which the provider takes in what was written. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Edits of a backend's documents, one after another: what is in force is what was good last. */
export const PROVIDERS: FuzzTarget = {
  name: "providers",
  short: 250,
  input: (draws) =>
    JSON.stringify(draws.list(6, () => {
      if (draws.chance(0.2)) return [COLLECTION, collectionText(draws)];
      const text = draws.chance(0.9) ? policyText(draws) : valueText(draws, 3);
      const name = draws.chance(0.6) ? draws.pick(["a", "default"]) : draws.pick(NASTY_NAMES);
      return [name, draws.chance(0.2) ? mutated(draws, text) : text];
    })),
  check: async (input) => {
    const edits = pairsIn(input);
    if (edits === undefined) return;
    const backend = memoryBackend();
    const logger = new KeptLog();
    const clock = new ManualClock();
    await using provider = await createProvider(CONFIG, { backend, logger, clock });
    const good = new Map<string, string>();
    const refused = new Map<string, boolean>();
    for (const [name, text] of edits) {
      const isCollection = name === COLLECTION;
      if (isCollection) backend.setCollection("/p/", text);
      else backend.set("/p/", name, text);
      const isGood = isCollection ? isCollectionText(text) : isPolicyText(text);
      if (isGood) good.set(name, text);
      refused.set(name, !isGood);
      await turn();
      for (const each of [name, "a", "default"]) provider.getBreaker(each).tryAcquire()?.success();
    }
    assertInForce(provider, good);
    const status = provider.status();
    JSON.stringify(status);
    assert.equal(status.documents.length, refused.size);
    for (const { kind, name, refused: fault } of status.documents) {
      const key = kind === "collection" ? COLLECTION : name;
      assert.equal(fault !== null, refused.get(key), `${kind} ${name}`);
    }
    for (const line of logger.lines) assert(line.length < 200_000);
  },
};

/** Every breaker obeys its last good document, then the collection's, over the default. */
function assertInForce(provider: Provider, good: ReadonlyMap<string, string>): void {
  const collection: object = JSON.parse((good.get(COLLECTION) ?? "{}").replace(/^\ufeff/, ""));
  const own = (name: string): Policy | undefined => {
    const inCollection: unknown = Object.entries(collection).find(([key]) => key === name)?.[1];
    const text = good.get(name) ?? JSON.stringify(inCollection) ?? "";
    const result = parsePolicyText(text);
    return result.ok ? result.policy : undefined;
  };
  const byDefault = own("default") ?? {};
  const names = [...good.keys(), ...Object.keys(collection), "a", "default", "never heard of"];
  for (const name of names) {
    if (name === COLLECTION) continue;
    const named = name === "default" ? {} : own(name) ?? {};
    const expected = resolvePolicy(CONFIG.defaultPolicy, byDefault, named);
    assert.deepEqual(provider.getBreaker(name).policy, expected, name);
  }
}

/** States of a store of last known good policies: documents, or a TypeError that stays within. */
export const KNOWN_GOOD: FuzzTarget = {
  name: "last known good states",
  short: 400,
  input: (draws) => {
    const document = {
      kind: draws.pick(["policy", "collection"]),
      name: draws.pick(NASTY_NAMES),
      source: draws.pick(NASTY_NAMES),
      layer: draws.below(3),
      revision: "1",
      text: policyText(draws),
    };
    const state = { version: 1, service: "fuzzed", documents: [document] };
    const text = JSON.stringify(draws.chance(0.5) ? mutatedTree(draws, state) : state);
    return draws.chance(0.2) ? mutated(draws, text) : text;
  },
  check: async (text) => {
    try {
      readKnownGood("fuzzed", text);
    } catch (error) {
      assert(error instanceof TypeError, String(error));
      assert(error.message.length < 1_000);
    }
    const backend = memoryBackend();
    const logger = new KeptLog();
    const lastKnownGood = new MemoryStore(text);
    const clock = new ManualClock();
    await using provider = await createProvider(CONFIG, { backend, logger, clock, lastKnownGood });
    await turn();
    JSON.stringify(provider.status());
    assert.equal(provider.getBreaker("a").tryAcquire()?.success(), undefined);
  },
};
