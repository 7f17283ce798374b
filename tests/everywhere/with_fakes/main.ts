/**
 * Makes the checks of calls under fake timers: `main.js TOOL LOADED`, where TOOL is `sinon`
 * or `node`, and LOADED tells when the package is loaded: `before` or `under` the fakes.
 * Says what it ran on, prints what failed, and closes with `N passed, N failed`.
 *
 * @module
 */
import process from "node:process";
import { thisRuntime } from "../on_platform/runtime.ts";
import { makeCheck } from "./faked_check.ts";

const print = (line: string): void => console.log(line);
const [tool, loaded] = process.argv.slice(2);
const fakes = tool === "sinon"
  ? (await import("./sinon_fakes.ts")).SINON_FAKES
  : (await import("./node_fakes.ts")).NODE_FAKES;
const { name, version } = thisRuntime();
print(`platform ${name} ${version}`);

if (loaded === "under") fakes.install();
const { fakedChecks } = await import("./faked_checks.ts");
fakes.restore();
const checks = fakedChecks(loaded === "under" ? "under" : "before");

let passed = 0;
for (const check of checks) {
  try {
    await makeCheck(check, fakes);
    passed++;
  } catch (error) {
    print(`FAILED ${check.name}: ${error instanceof Error ? error.message : error}`);
  }
}
print(`${passed} passed, ${checks.length - passed} failed`);
