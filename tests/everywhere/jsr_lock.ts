import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { Checklist } from "./checklist.ts";
import type { JsrConsumer } from "./jsr_consumer.ts";
import { type JsrRegistry, sha256 } from "./jsr_registry.ts";

const FORGED = { path: "/src/errors.ts", text: "console.log('forged');\n" };

/** Where the lock is tried. */
export interface JsrLockSubject {
  readonly registry: JsrRegistry;
  readonly consumer: JsrConsumer;
  /** The lock file that the consumer has by now. */
  readonly lockPath: string;
}

/**
 * Checks that a file which is not what was published is refused, and so that all else was run on
 * what was.
 */
export async function checkLock(
  checks: Checklist,
  { registry, consumer, lockPath }: JsrLockSubject,
): Promise<void> {
  await checks.check("the lock file holds the checksum of the manifest", async () => {
    const lock: { jsr?: Record<string, { integrity?: string }> } = JSON.parse(
      await readFile(lockPath, "utf8"),
    );
    const integrities = Object.values(lock.jsr ?? {}).map(({ integrity }) => integrity);
    assert.deepEqual(integrities, [sha256(registry.manifest())]);
  });
  await checks.check("with the lock file, a second machine installs the same", async () => {
    await consumer.mustRun(["run", "--no-prompt", "--frozen", "core.ts"], { cache: "second" });
  });
  await checks.check("a file that is not the one of the manifest is refused", async () => {
    registry.forgery = { ...FORGED, listed: false };
    const args = ["run", "--no-prompt", "--no-lock", "core.ts"];
    const { success, stderr } = await consumer.deno(args, { cache: "third" });
    assert(!success, "it ran");
    assert.match(stderr, /integrity check failed/i);
  });
  await checks.check("a manifest that is not the one of the lock file is refused", async () => {
    registry.forgery = { ...FORGED, listed: true };
    const { success, stderr } = await consumer.deno(["run", "--no-prompt", "core.ts"], {
      cache: "fourth",
    });
    assert(!success, "it ran");
    assert.match(stderr, /integrity check failed/i);
    const unlocked = ["run", "--no-prompt", "--no-lock", "core.ts"];
    const stdout = await consumer.mustRun(unlocked, { cache: "fifth" });
    assert.match(stdout, /^forged$/m, "nothing was forged");
  });
  registry.forgery = undefined;
}
