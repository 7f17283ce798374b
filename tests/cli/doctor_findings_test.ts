import assert from "node:assert/strict";
import { chmod, readdir, symlink, writeFile } from "node:fs/promises";
import { fileBackend } from "../../backends/file/mod.ts";
import { MemoryBackend, memoryBackend } from "../../backends/memory.ts";
import { diagnoseStore } from "../../cli/doctor/diagnose_store.ts";
import { type Finding, PRODUCTION_POLICY, type WritableConfigBackend } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { policyFiles } from "./policy_files.ts";
import { PREFIX, runOn } from "./policy_support.ts";

/** What a look at the backend itself finds. */
class DiagnosedBackend extends MemoryBackend {
  constructor(readonly findings: readonly Finding[]) {
    super({ a: {} });
  }

  diagnose(): Promise<readonly Finding[]> {
    return Promise.resolve(this.findings);
  }
}

Deno.test("doctor: all is well is status 0, with how long reading and watching took", async () => {
  const { status, stdout } = await runOn(memoryBackend({ a: {}, b: {} }), ["doctor"]);
  assert.equal(status, 0);
  assert.match(stdout, /^ok +read +2 policies in \d+ ms$/m);
  assert.match(stdout, /^ok +watch +its first state came after \d+ ms$/m);
  assert.match(stdout, /healthy: 0 failures, 0 warnings\n$/);
});

Deno.test("doctor: says which policies are refused and why, and what else there is to know", async () => {
  const backend = memoryBackend({
    default: { slowCallRateThreshold: 0.5 },
    inherits: {},
    forced: { mode: "forced-open" },
    wrong: { timeout: -1 },
    broken: "{",
  });
  backend.setCollection(PREFIX, "[]");
  const { status, stdout } = await runOn(backend, ["doctor", "--json"]);
  assert.equal(status, 1);
  const { findings, condition, counts } = JSON.parse(stdout);
  assert.equal(condition, "troubled");
  assert.deepEqual(counts, { ok: 2, warn: 2, fail: 3 });
  const by = (subject: string): string[] =>
    findings.filter((finding: Finding) => finding.subject === subject)
      .map(({ verdict, detail }: Finding) => `${verdict} ${detail}`);
  assert.match(by("policy wrong")[0] ?? "", /^fail .*refused: \$\.timeout /);
  assert.match(by("policy broken")[0] ?? "", /^fail .*refused: \$ is no JSON/);
  assert.match(by("policy default")[0] ?? "", /^warn slowCallRateThreshold/);
  assert.deepEqual(by("policy forced"), ["warn its mode is forced-open"]);
  assert.deepEqual(by("policy inherits"), [], "what default is warned of is said once");
});

Deno.test("doctor: shows what the backend finds about itself; what fails there is status 1", async () => {
  const leader: Finding = { subject: "status at h1", verdict: "ok", detail: "the leader" };
  const alarm: Finding = { subject: "alarms at h1", verdict: "fail", detail: "NOSPACE" };
  const well = await runOn(new DiagnosedBackend([leader]), ["doctor"]);
  assert.equal(well.status, 0);
  assert.match(well.stdout, /^ok +status at h1 +the leader$/m);
  const ill = await runOn(new DiagnosedBackend([leader, alarm]), ["doctor"]);
  assert.equal(ill.status, 1);
  assert.match(ill.stdout, /^fail +alarms at h1 +NOSPACE$/m);
});

Deno.test("doctor: a backend out of reach is status 2, with what was tried", async () => {
  const backend = memoryBackend();
  backend.fail();
  const { status, stdout } = await runOn(backend, ["doctor"]);
  assert.equal(status, 2);
  assert.match(stdout, /^fail +read +Cannot reach memory\(\)/m);
  assert.match(stdout, /^fail +watch +Cannot reach memory\(\)/m);
  assert.match(stdout, /^unreachable: /m);
});

Deno.test("doctor: a look at the backend that fails is a finding", async () => {
  const backend: WritableConfigBackend = Object.assign(memoryBackend(), {
    diagnose: () => Promise.reject(new Error("no answer")),
  });
  const { status, stdout } = await runOn(backend, ["doctor"]);
  assert.equal(status, 1);
  assert.match(stdout, /^fail +backend +no answer$/m);
});

Deno.test("doctor: a watch that yields nothing is broken after 10 s, and leaves nothing behind", async () => {
  const clock = new ManualClock();
  const backend = memoryBackend();
  const never: WritableConfigBackend = Object.assign(Object.create(backend), {
    description: "never",
    read: () => backend.read(PREFIX),
    watch: () => ({
      [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }),
    }),
  });
  const environment = { name: "production", policy: PRODUCTION_POLICY } as const;
  const diagnosis = diagnoseStore(
    { backend: never, prefix: PREFIX, environment, secrets: [] },
    clock,
  );
  await clock.tick("11s");
  const { findings, condition } = await diagnosis;
  assert.equal(condition, "troubled");
  assert.match(
    findings.find(({ subject }) => subject === "watch")?.detail ?? "",
    /within 10000 ms/,
  );
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("doctor: a backend that is read once says so", async () => {
  const backend = Object.assign(Object.create(memoryBackend()), { watches: false });
  const reading = memoryBackend();
  backend.read = (prefix: string) => reading.read(prefix);
  const { stdout } = await runOn(backend, ["doctor"]);
  assert.match(stdout, /^warn +watch +changes are not reported: it is read once$/m);
});

Deno.test("doctor: of a folder, whether it exists, can be read and written, and is watched or polled", async () => {
  await using folder = await policyFiles({ "a.json": {} });
  const path = folder.policies;
  const well = await runOn(fileBackend(path), ["doctor"], { folder: path });
  assert.equal(well.status, 0);
  assert.match(well.stdout, /^ok +folder .* exists, can be read, can be written$/m);
  assert.match(well.stdout, /^ok +watch .*; the system reports changes$/m);
  assert.deepEqual(await readdir(path), ["a.json"]);

  await writeFile(`${folder.outer}/target.json`, "{}");
  await symlink(`${folder.outer}/target.json`, folder.path("link.json"));
  const linked = await runOn(fileBackend(path), ["doctor"], { folder: path });
  assert.match(linked.stdout, /^warn +watch +polling every 500 ms: /m);

  const missing = `${folder.outer}/missing`;
  const gone = await runOn(fileBackend(missing), ["doctor"], { folder: missing });
  assert.equal(gone.status, 2);
  assert.match(gone.stdout, /^fail +folder .*cannot be read: no such file or folder$/m);

  const file = folder.path("a.json");
  const noFolder = await runOn(fileBackend(file), ["doctor"], { folder: file });
  assert.match(noFolder.stdout, /^fail +folder .*it is not a folder$/m);
});

Deno.test("doctor: a folder that can only be read works, and says so", async () => {
  // Nothing keeps the superuser from writing but a file system that takes no files.
  const unwritable = Deno.build.os === "linux" && Deno.uid() === 0 ? "/sys/kernel" : undefined;
  await using folder = await policyFiles({ "a.json": {} });
  const path = unwritable ?? folder.policies;
  if (unwritable === undefined) await chmod(path, 0o555);
  try {
    const { status, stdout } = await runOn(fileBackend(path), ["doctor"], { folder: path });
    assert.equal(status, 0);
    assert.match(stdout, /cannot be written \(not permitted\): policies can only be read here/);
  } finally {
    if (unwritable === undefined) await chmod(path, 0o755);
  }
});
