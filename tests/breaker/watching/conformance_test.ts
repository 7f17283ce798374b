import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { Breaker } from "../../../mod.ts";
import { coreOf } from "../../../src/breaker/breaker.ts";
import type { CallWatcher } from "../../../src/breaker/events/call_watcher.ts";
import type { Library } from "../../conformance/library.ts";
import { caseFiles, OWN_CASES } from "../../conformance/main.ts";
import { runCases } from "../../conformance/run_cases.ts";
import { THIS_LIBRARY } from "../../conformance/this_library.ts";

/** The package, each breaker of which is watched. */
function watchedLibrary(watcherOf: () => CallWatcher): Library {
  const watch = <Watched extends Breaker>(breaker: Watched): Watched => {
    coreOf(breaker).addWatcher(watcherOf());
    return breaker;
  };
  // Who comes to watch looks, and the first look announces what fell due before the restoring.
  const watchOnceHeard = <Watched extends Breaker>(breaker: Watched): Watched => {
    const value = (...heard: Parameters<Breaker["on"]>): () => void => {
      Reflect.deleteProperty(breaker, "on");
      const silence = breaker.on(...heard);
      watch(breaker);
      return silence;
    };
    return Object.defineProperty(breaker, "on", { configurable: true, value });
  };
  return {
    ...THIS_LIBRARY,
    createBreaker: (...args) => watch(THIS_LIBRARY.createBreaker(...args)),
    restoreBreaker: (...args) => watchOnceHeard(THIS_LIBRARY.restoreBreaker(...args)),
  };
}

const ignore = (): void => {};
const raise = (): never => {
  throw new Error("a watcher that fails");
};

const WATCHERS: Record<string, () => CallWatcher> = {
  "hears nothing": () => ({}),
  "hears everything": () => ({
    hearsAdmissions: true,
    admitted: () => ({}),
    settled: ignore,
    refused: ignore,
    happened: ignore,
  }),
};

/** Runs the cases that come with the package and gives what failed, and how many passed. */
async function runOwnCases(library: Library): Promise<{ lines: string[]; passed: number }> {
  const paths = await caseFiles([OWN_CASES]);
  const files = await Promise.all(
    paths.map(async (file) => ({ file, text: await readFile(file, "utf8") })),
  );
  const lines: string[] = [];
  const { passed } = runCases(files, { library, print: (line) => lines.push(line) });
  return { lines, passed };
}

for (const [what, watcherOf] of Object.entries(WATCHERS)) {
  Deno.test(`the conformance cases pass on breakers with a watcher that ${what}`, async () => {
    const { lines, passed } = await runOwnCases(watchedLibrary(watcherOf));
    assert.deepEqual(lines, []);
    assert(passed >= 80, `${passed} passed`);
  });
}

Deno.test("the conformance cases pass on breakers with a watcher that fails at everything", async () => {
  const { createBreaker, restoreBreaker, ...watched } = watchedLibrary(() => ({
    hearsAdmissions: true,
    admitted: raise,
    settled: raise,
    refused: raise,
    happened: raise,
  }));
  let reports = 0;
  const logger = { debug: ignore, info: ignore, warn: ignore, error: () => void reports++ };
  const { lines } = await runOwnCases({
    ...watched,
    createBreaker: (name, policy, settings) => createBreaker(name, policy, { ...settings, logger }),
    restoreBreaker: (snapshot, policy, settings) =>
      restoreBreaker(snapshot, policy, { ...settings, logger }),
  });
  assert.deepEqual(lines, []);
  assert(reports > 500, `${reports}`);
});
