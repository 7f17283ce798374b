// Real folders and real time: what is tested is that an edit arrives.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Breaker, createProvider, getDefaultConfig, type Provider } from "../../mod.ts";
import { fileBackend, fileLastKnownGood } from "../../backends/file/mod.ts";
import { KeptLog } from "./support.ts";

const CONFIG = getDefaultConfig("s", "development");

class Folder implements AsyncDisposable {
  readonly root: string;
  readonly policies: string;

  private constructor(root: string) {
    this.root = root;
    this.policies = join(root, "policies");
  }

  static async create(): Promise<Folder> {
    const folder = new Folder(await mkdtemp(join(tmpdir(), "switchgear-")));
    await mkdir(folder.policies);
    return folder;
  }

  async write(file: string, policy: unknown): Promise<void> {
    const text = typeof policy === "string" ? policy : JSON.stringify(policy);
    await writeFile(join(this.policies, file), text);
  }

  open(options: { log?: KeptLog; knownGood?: string } = {}): Promise<Provider> {
    return createProvider(CONFIG, {
      backend: fileBackend(this.policies),
      logger: options.log ?? new KeptLog(),
      loadTimeout: 1_000,
      ...(options.knownGood && { lastKnownGood: fileLastKnownGood(options.knownGood) }),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}

/** Waits until `holds`, and returns how long that took. */
async function msUntil(holds: () => boolean): Promise<number> {
  const startedAt = performance.now();
  while (!holds()) {
    assert(performance.now() - startedAt < 10_000, "it never came");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return performance.now() - startedAt;
}

function threshold(breaker: Breaker): number {
  return breaker.policy.failureThreshold;
}

Deno.test("an edit of a policy file is in force within a second, with the evidence kept", async () => {
  await using folder = await Folder.create();
  await folder.write("payments.json", { failureThreshold: 3 });
  await using provider = await folder.open();
  const payments = provider.getBreaker("payments");
  const users = provider.getBreaker("grpc:user-service");
  payments.tryAcquire()?.failure();
  const edits: [string, string, unknown, () => boolean][] = [
    ["in place", "payments.json", { failureThreshold: 4 }, () => threshold(payments) === 4],
    ["a new file", "grpc:user-service.json", { failureThreshold: 7 }, () => threshold(users) === 7],
    ["the default", "default.json", { timeout: "2s" }, () => payments.policy.timeout === 2_000],
    [
      "the collection",
      "breakers.json",
      { other: { failureThreshold: 9 } },
      () => threshold(provider.getBreaker("other")) === 9,
    ],
  ];
  for (const [how, file, policy, holds] of edits) {
    await folder.write(file, policy);
    const tookMs = await msUntil(holds);
    assert(tookMs < 1_000, `${how} took ${Math.round(tookMs)} ms`);
  }
  assert.equal(payments.counts.consecutiveFailures, 1);
  await rm(join(folder.policies, "payments.json"));
  assert(await msUntil(() => threshold(payments) === 5) < 1_000);
});

Deno.test("a half-written file leaves the last good policy in force until it is whole", async () => {
  await using folder = await Folder.create();
  await folder.write("payments.json", { failureThreshold: 3 });
  const log = new KeptLog();
  await using provider = await folder.open({ log });
  const payments = provider.getBreaker("payments");
  await folder.write("payments.json", '{"failureThreshold": 4, "openSt');
  await msUntil(() => provider.status().documents[0]?.refused != null);
  assert.equal(threshold(payments), 3);
  assert.match(log.lines.join("\n"), /payments\.json was refused, the last good one stays/);
  await folder.write("payments.json", '{"failureThreshold": 4, "openStateTimeout": "3s"}');
  assert(await msUntil(() => threshold(payments) === 4) < 1_000);
  assert.equal(provider.status().documents[0]?.refused, null);
});

Deno.test("a folder that is removed leaves everything in force, and is followed again when it is back", async () => {
  await using folder = await Folder.create();
  await folder.write("payments.json", { failureThreshold: 3 });
  await using provider = await folder.open();
  const payments = provider.getBreaker("payments");
  await rm(folder.policies, { recursive: true });
  await msUntil(() => provider.status().backend.state === "stale");
  assert.equal(threshold(payments), 3);
  assert.match(provider.status().backend.lastError ?? "", /policies/);
  await mkdir(folder.policies);
  await folder.write("payments.json", { failureThreshold: 6 });
  await msUntil(() => threshold(payments) === 6);
  await folder.write("payments.json", { failureThreshold: 7 });
  assert(await msUntil(() => threshold(payments) === 7) < 1_000);
});

Deno.test("a folder that is missing at start: rejects by default, starts on the last known good state if there is one", async () => {
  await using folder = await Folder.create();
  const knownGood = join(folder.root, "state", "known-good.json");
  await folder.write("payments.json", { failureThreshold: 3 });
  await (await folder.open({ knownGood })).close();
  await rm(folder.policies, { recursive: true });
  await assert.rejects(
    folder.open(),
    /Cannot load policies of service "s" from file\(.*within 1000 ms/,
  );
  await using provider = await folder.open({ knownGood });
  assert.equal(threshold(provider.getBreaker("payments")), 3);
  assert.equal(provider.status().origin, "last-known-good");
  await mkdir(folder.policies);
  await folder.write("payments.json", { failureThreshold: 4 });
  await msUntil(() => threshold(provider.getBreaker("payments")) === 4);
  assert.equal(provider.status().origin, "backend");
});

Deno.test("a ConfigMap's swap is in force within a second", async () => {
  await using folder = await Folder.create();
  const version = async (name: string, failureThreshold: number): Promise<void> => {
    await mkdir(join(folder.policies, name));
    await folder.write(join(name, "payments.json"), { failureThreshold });
    await symlink(name, join(folder.policies, "..data_tmp"));
    await rename(join(folder.policies, "..data_tmp"), join(folder.policies, "..data"));
  };
  await version("..2026_01", 3);
  await symlink(join("..data", "payments.json"), join(folder.policies, "payments.json"));
  await using provider = await folder.open();
  const payments = provider.getBreaker("payments");
  assert.equal(threshold(payments), 3);
  for (const failureThreshold of [4, 6]) {
    await version(`..2026_${failureThreshold}`, failureThreshold);
    assert(await msUntil(() => threshold(payments) === failureThreshold) < 1_000);
  }
});
