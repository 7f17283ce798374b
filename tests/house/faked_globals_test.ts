import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { modulesIn, statementsOf } from "./import_graph.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** What test tools fake, and then run only as the test advances their time. */
const DEFERRALS = /\b(?:queueMicrotask|setImmediate|setInterval|nextTick|requestAnimationFrame)\b/g;
const TIMERS = /(?<![.#\w])setTimeout(?=\()/g;
/** The one place for the global timers: whoever waits is given a clock. */
const CLOCK = "src/time/clock.ts";

/** By which globals that test tools fake a module waits. */
function fakedIn(file: string, text: string): string[] {
  // Comments and doc, and signatures of methods.
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$|^ +setTimeout\(callback: .*$/gm, "");
  const hasOwnTimers = file === CLOCK ||
    statementsOf(text).some(({ specifier }) => specifier === "node:timers");
  return [...code.matchAll(DEFERRALS), ...hasOwnTimers ? [] : code.matchAll(TIMERS)]
    .map(([name]) => name);
}

Deno.test("src/, backends/ and integrations/ wait by nothing that test tools fake, but for clocks", async () => {
  for (const file of await modulesIn(ROOT, ["src", "backends", "integrations"])) {
    assert.deepEqual(fakedIn(file, await readFile(join(ROOT, file), "utf8")), [], file);
  }
});

Deno.test("a planted wait by a global that test tools fake is found", () => {
  const planted = [
    "queueMicrotask(end);",
    "setImmediate(end);",
    "process.nextTick(end);",
    "const timer = setTimeout(end, 5);",
  ];
  for (const code of planted) assert.equal(fakedIn("src/planted.ts", code).length, 1, code);
  assert.deepEqual(fakedIn("src/planted.ts", "clock.setTimeout(end, 5); // setTimeout()"), []);
});
