/** A program that has used all that could hold it, closed what it opened, and then just ends. */
import {
  createBreaker,
  createProvider,
  createTimeout,
  getDefaultConfig,
} from "@switchgear/breaker";
import { fileBackend } from "@switchgear/breaker/file";
import { createHttpClient } from "@switchgear/breaker/fetch";
import { ManualClock } from "@switchgear/breaker/testing";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = await mkdtemp(join(tmpdir(), "switchgear-everywhere-"));
const provider = await createProvider(getDefaultConfig("s", "development"), {
  backend: fileBackend(folder),
});
const caller = new AbortController();
const breaker = createBreaker("b", { timeout: "1h", failureThreshold: 1 });
await breaker.do(() => "done", { signal: caller.signal });
await breaker.do(() => Promise.reject(new Error("down"))).catch(() => {});
await provider.getBreaker("users").do(() => "done", { timeout: "1h" });
await createTimeout("1h").do(() => "done");
createHttpClient();
await new ManualClock().tick("1s");
for (let i = 0; i < 2_000; i++) await createBreaker("busy").do(() => i); // a burst shares clock readings
await provider.close();
await rm(folder, { recursive: true });
console.log("done");
