// Real folders and real time: what is tested is how each backend names a group, and that its edit arrives.
import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { envBackend } from "../../backends/env.ts";
import { fileBackend } from "../../backends/file/mod.ts";
import { memoryBackend } from "../../backends/memory.ts";
import {
  configCentre,
  createProvider,
  getDefaultConfig,
  InvalidPolicyError,
  layered,
} from "../../mod.ts";
import { KeptLog } from "../support/kept_log.ts";
import { TemporaryFolder } from "../support/temporary_folder.ts";
import { until } from "../support/until.ts";

const CONFIG = getDefaultConfig("s", "development");
const logger = new KeptLog();

Deno.test("R28: file: a group stands in a file under its name, encoded or as people write it", async () => {
  await using folder = await TemporaryFolder.create();
  const write = (file: string, text: string): Promise<void> => writeFile(folder.path(file), text);
  await write("tenant-%2A.json", '{"failureThreshold":3}');
  const backend = fileBackend(folder.policies);
  await using provider = await createProvider(CONFIG, { backend, logger });
  const breaker = provider.getBreaker("tenant-7");
  const becomes = (threshold: number): Promise<void> =>
    until(() => breaker.policy.failureThreshold === threshold);
  await becomes(3);
  await write("tenant-7*.json", '{"failureThreshold":4}');
  await becomes(4);
  await write("tenant-7*.json", '{"failureThreshold":4,}');
  await write("tenant-%2A.json", '{"failureThreshold":2}');
  await until(() => provider.status().documents.some(({ refused }) => refused !== null));
  assert.equal(breaker.policy.failureThreshold, 4);
  await rm(folder.path("tenant-7*.json"));
  await becomes(2);
  await write("breakers.json", '{"tenant-7":{"failureThreshold":6}}');
  await becomes(6);
});

Deno.test("R28: env: a group stands in a variable under its encoded name, or in the one of all", async () => {
  const env = {
    SWITCHGEAR_POLICY_tenant_2D_2A: '{"failureThreshold":3}',
    SWITCHGEAR_POLICIES: '{"users-*":{"failureThreshold":4},"tenant-*":{"failureThreshold":9}}',
  };
  await using provider = await createProvider(CONFIG, { backend: envBackend({ env }), logger });
  const thresholds = ["tenant-7", "users-7", "other"].map((name) =>
    provider.getBreaker(name).policy.failureThreshold
  );
  assert.deepEqual(thresholds, [3, 4, 5]);
});

Deno.test("R28: layered: a layer above has the group, and the one below shows when that goes", async () => {
  const [above, below] = [memoryBackend(), memoryBackend({ "a*": { failureThreshold: 3 } })];
  above.setCollection(CONFIG.policiesPath, { "a*": { failureThreshold: 4 } });
  const backend = layered(above, below);
  await using provider = await createProvider(CONFIG, { backend, logger });
  const breaker = provider.getBreaker("ab");
  assert.equal(breaker.policy.failureThreshold, 4);
  above.setCollection(CONFIG.policiesPath, undefined);
  await until(() => breaker.policy.failureThreshold === 3);
  above.set(CONFIG.policiesPath, "ab*", { minimumCalls: 7 });
  await until(() => breaker.policy.minimumCalls === 7);
  assert.equal(breaker.policy.failureThreshold, 5);
});

Deno.test("R28: the config centre writes groups, and no name that nobody could have", async () => {
  const backend = memoryBackend({ "*a*": {} });
  const centre = configCentre(backend, CONFIG.policiesPath);
  await using provider = await createProvider(CONFIG, { backend, logger });
  const revision = await centre.put("tenant-*", { failureThreshold: 3 });
  await until(() => provider.getBreaker("tenant-7").policy.failureThreshold === 3);
  assert(await centre.compareAndSet("tenant-*", { failureThreshold: 4 }, revision) !== undefined);
  const isNameFault = (error: unknown): boolean =>
    error instanceof InvalidPolicyError && error.faults[0]?.found === 'the name "a*b*"';
  await assert.rejects(() => centre.put("a*b*", {}), isNameFault);
  await assert.rejects(() => centre.compareAndSet("a*b*", {}, undefined), isNameFault);
  const items = await centre.list();
  assert.deepEqual(items.map(({ name, value }) => [name, value !== undefined]), [
    ["*a*", false],
    ["tenant-*", true],
  ]);
});
