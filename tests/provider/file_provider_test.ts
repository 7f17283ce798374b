// Real folders and real time: what is tested is that an edit arrives.
import assert from "node:assert/strict";
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileBackend, fileLastKnownGood } from "../../backends/file/mod.ts";
import { type Breaker, createProvider, getDefaultConfig, type Provider } from "../../mod.ts";
import { KeptLog } from "../support/kept_log.ts";
import { TemporaryFolder } from "../support/temporary_folder.ts";

const CONFIG = getDefaultConfig("s", "development");

async function write(folder: TemporaryFolder, file: string, policy: unknown): Promise<void> {
  const text = typeof policy === "string" ? policy : JSON.stringify(policy);
  await writeFile(folder.path(file), text);
}

function open(
  folder: TemporaryFolder,
  options: { log?: KeptLog; knownGood?: string } = {},
): Promise<Provider> {
  return createProvider(CONFIG, {
    backend: fileBackend(folder.policies),
    logger: options.log ?? new KeptLog(),
    loadTimeout: 1_000,
    ...(options.knownGood && { lastKnownGood: fileLastKnownGood(options.knownGood) }),
  });
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
  await using folder = await TemporaryFolder.create();
  await write(folder, "payments.json", { failureThreshold: 3 });
  await using provider = await open(folder);
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
    await write(folder, file, policy);
    const tookMs = await msUntil(holds);
    assert(tookMs < 1_000, `${how} took ${Math.round(tookMs)} ms`);
  }
  assert.equal(payments.counts.consecutiveFailures, 1);
  await rm(folder.path("payments.json"));
  assert(await msUntil(() => threshold(payments) === 5) < 1_000);
});

Deno.test("a half-written file leaves the last good policy in force until it is whole", async () => {
  await using folder = await TemporaryFolder.create();
  await write(folder, "payments.json", { failureThreshold: 3 });
  const log = new KeptLog();
  await using provider = await open(folder, { log });
  const payments = provider.getBreaker("payments");
  await write(folder, "payments.json", '{"failureThreshold": 4, "openSt');
  await msUntil(() => provider.status().documents[0]?.refused != null);
  assert.equal(threshold(payments), 3);
  assert.match(log.lines.join("\n"), /payments\.json was refused, the last good one stays/);
  await write(folder, "payments.json", '{"failureThreshold": 4, "openStateTimeout": "3s"}');
  assert(await msUntil(() => threshold(payments) === 4) < 1_000);
  assert.equal(provider.status().documents[0]?.refused, null);
});

Deno.test("a folder that is removed leaves everything in force, and is followed again when it is back", async () => {
  await using folder = await TemporaryFolder.create();
  await write(folder, "payments.json", { failureThreshold: 3 });
  await using provider = await open(folder);
  const payments = provider.getBreaker("payments");
  await rm(folder.policies, { recursive: true });
  await msUntil(() => provider.status().backend.state === "stale");
  assert.equal(threshold(payments), 3);
  assert.match(provider.status().backend.lastError ?? "", /policies/);
  await mkdir(folder.policies);
  await write(folder, "payments.json", { failureThreshold: 6 });
  await msUntil(() => threshold(payments) === 6);
  await write(folder, "payments.json", { failureThreshold: 7 });
  assert(await msUntil(() => threshold(payments) === 7) < 1_000);
});

Deno.test("a folder that is missing at start: rejects by default, starts on the last known good state if there is one", async () => {
  await using folder = await TemporaryFolder.create();
  const knownGood = join(folder.outer, "state", "known-good.json");
  await write(folder, "payments.json", { failureThreshold: 3 });
  await (await open(folder, { knownGood })).close();
  await rm(folder.policies, { recursive: true });
  await assert.rejects(
    open(folder),
    /Cannot load policies of service "s" from file\(.*within 1000 ms/,
  );
  await using provider = await open(folder, { knownGood });
  assert.equal(threshold(provider.getBreaker("payments")), 3);
  assert.equal(provider.status().origin, "last-known-good");
  await mkdir(folder.policies);
  await write(folder, "payments.json", { failureThreshold: 4 });
  await msUntil(() => threshold(provider.getBreaker("payments")) === 4);
  assert.equal(provider.status().origin, "backend");
});

Deno.test("a ConfigMap's swap is in force within a second", async () => {
  await using folder = await TemporaryFolder.create();
  const version = async (name: string, failureThreshold: number): Promise<void> => {
    await mkdir(folder.path(name));
    await write(folder, join(name, "payments.json"), { failureThreshold });
    await symlink(name, folder.path("..data_tmp"));
    await rename(folder.path("..data_tmp"), folder.path("..data"));
  };
  await version("..2026_01", 3);
  await symlink(join("..data", "payments.json"), folder.path("payments.json"));
  await using provider = await open(folder);
  const payments = provider.getBreaker("payments");
  assert.equal(threshold(payments), 3);
  for (const failureThreshold of [4, 6]) {
    await version(`..2026_${failureThreshold}`, failureThreshold);
    assert(await msUntil(() => threshold(payments) === failureThreshold) < 1_000);
  }
});
