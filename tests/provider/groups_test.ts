import assert from "node:assert/strict";
import { type ConfigEntry, createProvider } from "../../mod.ts";
import { coreOf } from "../../src/breaker/breaker.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { KeptLog } from "../support/kept_log.ts";
import { MemoryStore } from "../support/memory_store.ts";
import { entry, ScriptedBackend } from "../support/scripted_backend.ts";
import { CONFIG, type Documents, PolicyScene } from "./policy_scene.ts";

function collection(policies: Documents, revision: string, layer = 0): ConfigEntry {
  const source = `breakers.json of ${layer}`;
  return entry("breakers", policies, revision, { kind: "collection", source, layer });
}

Deno.test("R28: environment, default, group and own, a later one field by field", async () => {
  await using scene = await PolicyScene.of({
    default: { failureThreshold: 6, timeout: "2s", halfOpen: { maxProbes: 2, probeTimeout: "9s" } },
    "tenant-*": { timeout: "3s", minimumCalls: 30, halfOpen: { maxProbes: 3 } },
    "tenant-7": { minimumCalls: 40 },
  });
  const names = ["tenant-7", "tenant-8", "other", "default"];
  assert.deepEqual(scene.values("openStateTimeout", ...names), [10_000, 10_000, 10_000, 10_000]);
  assert.deepEqual(scene.values("failureThreshold", ...names), [6, 6, 6, 6]);
  assert.deepEqual(scene.values("timeout", ...names), [3_000, 3_000, 2_000, 2_000]);
  assert.deepEqual(scene.values("minimumCalls", ...names), [40, 30, 20, 20]);
  assert.deepEqual(scene.values("halfOpen", "tenant-7", "other"), [
    { maxProbes: 3 },
    { maxProbes: 2, probeTimeout: 9_000 },
  ]);
});

Deno.test("R28: null in a group goes back to the environment, and null of one's own past the group", async () => {
  await using scene = await PolicyScene.of({
    default: { openStateTimeout: "20s", timeout: "2s", minimumCalls: 9 },
    "tenant-*": { openStateTimeout: null, timeout: null, minimumCalls: 8 },
    "tenant-7": { minimumCalls: null },
  });
  assert.deepEqual(scene.values("openStateTimeout", "tenant-7", "other"), [10_000, 20_000]);
  assert.deepEqual(scene.values("timeout", "tenant-7", "other"), [undefined, 2_000]);
  assert.deepEqual(scene.values("minimumCalls", "tenant-7", "tenant-8"), [20, 8]);
});

Deno.test("R28: of several groups one is in force, and they do not add up", async () => {
  await using scene = await PolicyScene.of({
    "*": { failureThreshold: 1, minimumCalls: 11 },
    "tenant-*": { failureThreshold: 2 },
    "*-eu": { failureThreshold: 3 },
    "tenant-*-eu": { failureThreshold: 4 },
  });
  const names = ["tenant-7-eu", "tenant-eu", "tenant-7", "a-eu", "a", "default"];
  assert.deepEqual(scene.values("failureThreshold", ...names), [4, 2, 2, 3, 1, 5]);
  assert.deepEqual(scene.values("minimumCalls", "tenant-7", "a"), [20, 11]);
});

Deno.test("R28: within a level the lower layer wins, then a document; between groups their names decide", async () => {
  const backend = new ScriptedBackend();
  const clock = new ManualClock();
  backend.snapshot(
    collection({ "a*": { failureThreshold: 11 }, "b*": { failureThreshold: 12 } }, "1"),
    entry("b*", { failureThreshold: 13 }, "1", { layer: 0 }),
    entry("a*", { failureThreshold: 14 }, "1", { layer: 1 }),
    entry("*", { failureThreshold: 15 }, "1", { layer: 0 }),
    entry("c*", { failureThreshold: 16 }, "1", { layer: 1 }),
  );
  const provider = await createProvider(CONFIG, { backend, clock });
  const thresholds = ["a", "b", "c", "d"].map((name) =>
    provider.getBreaker(name).policy.failureThreshold
  );
  assert.deepEqual(thresholds, [11, 13, 16, 15]);
  const closed = provider.close();
  await clock.tick("1s");
  await closed;
});

Deno.test("R28: an edited group reaches the breakers that there are, with state and evidence kept, as of its instant", async () => {
  await using scene = await PolicyScene.of({ "tenant-*": { failureThreshold: 3 } });
  const { provider, clock } = scene;
  const [open, closed] = [provider.getBreaker("tenant-1"), provider.getBreaker("tenant-2")];
  for (let i = 0; i < 3; i++) open.tryAcquire()?.failure();
  closed.tryAcquire()?.failure();
  await clock.tick("2s");
  const heard: unknown[] = [];
  provider.on("policyChange", ({ breaker, at }) => heard.push([breaker, at]));
  provider.on("stateChange", ({ breaker, to, at }) => heard.push([breaker, to, at]));
  await scene.change({ "tenant-*": { failureThreshold: 2, openStateTimeout: "3s" } });
  await clock.tick("5s");
  assert.equal(open.state, "half-open");
  closed.tryAcquire()?.failure();
  assert.equal(closed.state, "open");
  assert.deepEqual(heard, [
    ["tenant-1", 2_000],
    ["tenant-1", "half-open", 3_000],
    ["tenant-2", 2_000],
    ["tenant-2", "open", 7_000],
  ]);
});

Deno.test("R28: an edit of a group walks over no breaker, and those of other groups see nothing of it", async () => {
  await using scene = await PolicyScene.of({ "a*": { failureThreshold: 3 }, "b*": {} });
  const { provider } = scene;
  const breakersOf = (letter: string) =>
    Array.from({ length: 1_000 }, (_, i) => provider.getBreaker(`${letter}${i}`));
  const [matching, others] = [breakersOf("a"), [...breakersOf("b"), ...breakersOf("c")]];
  let told = 0;
  provider.on("policyChange", () => told++);
  await scene.change({ "a*": { failureThreshold: 9 } });
  assert.equal(told, 0);
  assert(others.every((breaker) => !coreOf(breaker).behind));
  const [first] = matching;
  assert(matching.every(({ policy }) => policy === first?.policy)); // merged once for all of them
  assert.equal(first?.policy.failureThreshold, 9);
  assert.equal(told, 1_000);
  assert(others.every(({ policy }) => policy.failureThreshold === 5));
  assert.equal(told, 1_000);
});

Deno.test("R28: a default that is edited reaches the breakers of every group", async () => {
  await using scene = await PolicyScene.of({
    "a*": { failureThreshold: 3 },
    a1: { minimumCalls: 7 },
  });
  const names = ["a", "a1", "b"];
  scene.values("timeout", ...names);
  await scene.change({ default: { timeout: "3s", failureThreshold: 9 } });
  assert.deepEqual(scene.values("timeout", ...names), [3_000, 3_000, 3_000]);
  assert.deepEqual(scene.values("failureThreshold", ...names), [3, 3, 9]);
  assert.deepEqual(scene.values("minimumCalls", ...names), [20, 7, 20]);
});

Deno.test("R28: groups come and go, and each breaker has the one that is nearest by then", async () => {
  await using scene = await PolicyScene.of({ "*": { failureThreshold: 2 } });
  const names = ["tenant-7", "tenant-8", "other"];
  const thresholds = () => scene.values("failureThreshold", ...names);
  assert.deepEqual(thresholds(), [2, 2, 2]);
  await scene.change({ "tenant-*": { failureThreshold: 3 } });
  assert.deepEqual(thresholds(), [3, 3, 2]);
  await scene.change({ "tenant-7*": { failureThreshold: 4 } });
  assert.deepEqual(thresholds(), [4, 3, 2]);
  await scene.change({}, ["tenant-*"]);
  assert.deepEqual(thresholds(), [4, 2, 2]);
  await scene.change({}, ["*"]);
  assert.deepEqual(thresholds(), [4, 5, 5]);
  await scene.change({ "tenant-7*": { failureThreshold: 6 } });
  assert.deepEqual(thresholds(), [6, 5, 5]);
  await scene.change({}, ["tenant-7*"]);
  assert.deepEqual(thresholds(), [5, 5, 5]);
});

Deno.test("R28: one group that comes while a nearer one goes is one change for an open breaker", async () => {
  await using scene = await PolicyScene.of({
    "tenant-*": { failureThreshold: 1, openStateTimeout: "1m" },
    "*": { failureThreshold: 9, openStateTimeout: "1s" },
    "a*": {},
  });
  const { provider, clock } = scene;
  const [breaker, other] = [provider.getBreaker("tenant-7"), provider.getBreaker("a")];
  breaker.tryAcquire()?.failure();
  await clock.tick("2s");
  const told: unknown[] = [];
  breaker.on("policyChange", ({ policy }) => told.push(policy.openStateTimeout));
  other.on("policyChange", () => told.push("other"));
  await scene.change({ "ten*": { openStateTimeout: "30s" } }, ["tenant-*"]);
  assert.equal(breaker.state, "open"); // by `*`, for an instant, its time would have been over
  assert.equal(other.state, "closed");
  assert.deepEqual(told, [30_000]);
  await clock.tick("28s");
  assert.equal(breaker.state, "half-open");
});

Deno.test("R28: a policy that moves from a breaker's own document into a group leaves its mode alone", async () => {
  await using scene = await PolicyScene.of({ "tenant-7": { mode: "forced-open" } });
  const breaker = scene.provider.getBreaker("tenant-7");
  const changes: unknown[] = [];
  breaker.on("stateChange", ({ to }) => changes.push(to));
  await scene.change({ "tenant-*": { mode: "forced-open" } }, ["tenant-7"]);
  assert.equal(breaker.mode, "forced-open");
  await scene.change({ "tenant-7": { mode: "forced-open" } }, ["tenant-*"]);
  assert.equal(breaker.mode, "forced-open");
  assert.deepEqual(changes, []);
  await scene.change({ default: { mode: "forced-open" } }, ["tenant-7"]);
  assert.deepEqual([breaker.mode, changes], ["forced-open", []]);
});

Deno.test("R20: a breaker that missed groups that came and went makes up for them each at its instant", async () => {
  await using scene = await PolicyScene.of({ "tenant-7": { failureThreshold: 3 } });
  const { provider, clock } = scene;
  const [missing, looking] = [provider.getBreaker("tenant-6"), provider.getBreaker("tenant-8")];
  const heard: unknown[] = [];
  missing.on("stateChange", ({ to, at }) => heard.push([to, at]));
  for (const breaker of [missing, looking]) breaker.tryAcquire()?.failure();
  for (const mode of ["forced-open", "metrics-only", undefined] as const) {
    await clock.tick("1s");
    await (mode ? scene.change({ "ten*": { mode } }) : scene.change({}, ["ten*"]));
    assert.equal(looking.mode, mode ?? "normal");
  }
  await clock.tick("1s");
  assert.equal(missing.counts.consecutiveFailures, 0);
  assert.deepEqual(heard, [["open", 1_000], ["closed", 2_000]]);
  assert.deepEqual(looking.counts, missing.counts);
});

Deno.test("R28: an invalid group is refused whole and the last good one stays, or the next group if there is none", async () => {
  await using scene = await PolicyScene.of({
    "*": { failureThreshold: 2 },
    "a*": { failureThreshold: 3 },
    "b*": { failureThreshold: -1 },
  });
  assert.deepEqual(scene.values("failureThreshold", "a", "b"), [3, 2]);
  await scene.change({ "a*": { failureThreshold: 4, timeout: "2 sec" } });
  assert.deepEqual(scene.values("failureThreshold", "a", "b"), [3, 2]);
  const refused = scene.provider.status().documents.filter(({ refused }) => refused !== null);
  assert.deepEqual(refused.map(({ name, inForce }) => [name, inForce?.revision]), [
    ["a*", "1"],
    ["b*", undefined],
  ]);
  await scene.change({ "b*": { failureThreshold: 5 } });
  assert.deepEqual(scene.values("failureThreshold", "a", "b"), [3, 5]);
});

Deno.test("R28: a name with two single stars refuses a document, and a collection whole", async () => {
  await using scene = await PolicyScene.of({
    "*": { failureThreshold: 2 },
    "a*b*": { minimumCalls: 7 },
  });
  assert.deepEqual(scene.values("minimumCalls", "ab", "a*b*"), [20, 20]);
  scene.backend.changes([collection({ c: { failureThreshold: 3 }, "*a*": {} }, "2")]);
  await scene.clock.tick();
  assert.deepEqual(scene.values("failureThreshold", "c"), [2]);
  const faults = scene.provider.status().documents.flatMap(({ refused }) => refused?.faults ?? []);
  assert.deepEqual(faults.map(({ path, found }) => [path, found]), [
    ["$", 'the name "a*b*"'],
    ['$["*a*"]', 'the name "*a*"'],
  ]);
});

Deno.test("R28: the status names each source of a breaker, the deciding one first", async () => {
  await using scene = await PolicyScene.of({
    default: { timeout: "1s" },
    "a*": { slowCallRateThreshold: 0.5 },
    a1: { minimumCalls: 7 },
    "a**": { minimumCalls: -1 },
    "b*": { slowCallRateThreshold: 0.5 },
  });
  for (const name of ["a1", "a2", "c", "default", "a*"]) scene.provider.getBreaker(name);
  const { breakers, documents } = scene.provider.status();
  assert.deepEqual(breakers.map(({ name, sources }) => [name, ...sources.map((it) => it.source)]), [
    ["a1", "a1.json", "a*.json", "default.json"],
    ["a2", "a*.json", "default.json"],
    ["c", "default.json"],
    ["default", "default.json"],
    ["a*", "a*.json", "default.json"],
  ]);
  assert.deepEqual(breakers.map(({ refused }) => refused), [
    ...[undefined, undefined, undefined, undefined],
    "a**.json",
  ]);
  // A group is judged with the default beneath it, and what is one's own with the group.
  assert.deepEqual(documents.map(({ name, warnings }) => [name, warnings.length]), [
    ["default", 0],
    ["a*", 1],
    ["a1", 1],
    ["a**", 0],
    ["b*", 1],
  ]);
});

Deno.test("R28: a start on the last known good state knows its groups, and saves them", async () => {
  const lastKnownGood = new MemoryStore();
  {
    await using scene = await PolicyScene.of({ "a*": { failureThreshold: 3 } }, { lastKnownGood });
    assert.deepEqual(scene.values("failureThreshold", "a"), [3]);
  }
  const backend = new ScriptedBackend();
  const clock = new ManualClock();
  backend.fail("down");
  const starting = createProvider(CONFIG, {
    backend,
    clock,
    lastKnownGood,
    logger: new KeptLog(),
    onLoadFailure: "use-defaults",
  });
  await clock.tick("10s");
  const provider = await starting;
  assert.equal(provider.status().origin, "last-known-good");
  assert.equal(provider.getBreaker("a").policy.failureThreshold, 3);
  const closed = provider.close();
  await clock.tick("1s");
  await closed;
});

Deno.test("R28: a breaker that is made or restored later has the policy of its group", async () => {
  await using scene = await PolicyScene.of({ "a*": { failureThreshold: 3 } });
  await scene.change({ "a*": { failureThreshold: 4 }, "ab*": { failureThreshold: 6 } });
  assert.deepEqual(scene.values("failureThreshold", "ac", "ab"), [4, 6]);
  const snapshot = scene.provider.getBreaker("ab").snapshot();
  assert.equal(
    scene.provider.restore({ ...snapshot, name: "abc" }).policy.failureThreshold,
    6,
  );
});
