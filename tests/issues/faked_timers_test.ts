/**
 * Test tools fake the globals that code waits by: `queueMicrotask`, immediates and timers among
 * them. Calls hung under these fakes, aborts and `ManualClock.tick` too, where they waited by what
 * a tool fakes.
 */
import { makeCheck } from "../everywhere/with_fakes/faked_check.ts";
import { fakedChecks } from "../everywhere/with_fakes/faked_checks.ts";
import { SINON_FAKES } from "../everywhere/with_fakes/sinon_fakes.ts";

for (const check of fakedChecks("before")) {
  Deno.test(`sinon's fake timers: ${check.name}`, () => makeCheck(check, SINON_FAKES));
}
