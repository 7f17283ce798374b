/** A restoring that was refused for its options left a breaker behind, and the next one found that in use. */
import assert from "node:assert/strict";
import { memoryBackend } from "../../backends/memory.ts";
import { createBreaker, createProvider, getDefaultConfig, restoreBreaker } from "../../mod.ts";
import { KeptLog } from "../support/kept_log.ts";

const ELAPSED: readonly unknown[] = ["soon", NaN, {}];

for (const elapsed of ELAPSED) {
  Deno.test(`R19: a restoring with elapsed ${String(elapsed)} is refused and leaves nothing behind`, async () => {
    const snapshot = createBreaker("users").snapshot();
    const provider = await createProvider(getDefaultConfig("s", "development"), {
      backend: memoryBackend(),
      logger: new KeptLog(),
    });
    const options = {};
    Reflect.set(options, "elapsed", elapsed);
    assert.throws(() => provider.restore(snapshot, options));
    assert.throws(() => restoreBreaker(snapshot, {}, options));
    assert.deepEqual([...provider.breakers()], []);
    assert.equal(provider.restore(snapshot).name, "users");
    await provider.close();
  });
}
