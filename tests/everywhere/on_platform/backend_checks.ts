import { createProvider, getDefaultConfig } from "@switchgear/breaker";
import { envBackend } from "@switchgear/breaker/env";
import { fileBackend, fileLastKnownGood } from "@switchgear/breaker/file";
import assert from "node:assert/strict";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type Check, SILENT, until } from "./check_list.ts";

const CONFIG = getDefaultConfig("everywhere", "development");

/** Edits policies in a real folder under a running provider. */
async function editFiles(folder: string): Promise<void> {
  const file = join(folder, "users.json");
  await writeFile(file, '{"failureThreshold": 3}');
  const provider = await createProvider(CONFIG, { backend: fileBackend(folder), logger: SILENT });
  try {
    const users = provider.getBreaker("users");
    assert.equal(users.policy.failureThreshold, 3);

    await writeFile(file, '{"failureThreshold": 4}');
    await until(() => users.policy.failureThreshold === 4);

    await writeFile(join(folder, ".new"), '{"failureThreshold": 5}');
    await rename(join(folder, ".new"), file);
    await until(() => users.policy.failureThreshold === 5);

    await writeFile(file, '{"failureThreshold": ');
    const isRefused = (): boolean =>
      provider.status().documents.some(({ refused }) => refused !== null);
    await until(isRefused);
    assert.equal(users.policy.failureThreshold, 5);

    await writeFile(join(folder, "default.json"), '{"successThreshold": 9}');
    await rm(file);
    await until(() => users.policy.successThreshold === 9 && !isRefused());
  } finally {
    await provider.close();
  }
}

/** Starts from what was written down while the policies were there. */
async function startWithoutFolder(folder: string): Promise<void> {
  await writeFile(join(folder, "users.json"), '{"failureThreshold": 3}');
  const lastKnownGood = fileLastKnownGood(join(folder, "state", "good.json"));
  const first = await createProvider(CONFIG, { backend: fileBackend(folder), lastKnownGood });
  await first.close();
  const second = await createProvider(CONFIG, {
    backend: fileBackend(join(folder, "missing")),
    lastKnownGood,
    loadTimeout: "1s",
    logger: SILENT,
  });
  try {
    assert.equal(second.getBreaker("users").policy.failureThreshold, 3);
  } finally {
    await second.close();
  }
}

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "switchgear-everywhere-"));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The backends that need no server. */
export const BACKEND_CHECKS: readonly Check[] = [
  {
    name: "file: edits in place, by rename, half written and deleted are obeyed while it runs",
    run: () => inFolder(editFiles),
  },
  {
    name: "file: starts from the last known good policies",
    run: () => inFolder(startWithoutFolder),
  },
  {
    name: "env: reads the environment of the process",
    run: async () => {
      process.env["SWITCHGEAR_POLICY_users"] = '{"failureThreshold": 11}';
      const provider = await createProvider(CONFIG, { backend: envBackend() });
      try {
        assert.equal(provider.getBreaker("users").policy.failureThreshold, 11);
      } finally {
        await provider.close();
        delete process.env["SWITCHGEAR_POLICY_users"];
      }
    },
  },
];
