/**
 * The command line tool `switchgear`: checks and explains policies, prints
 * their JSON Schema, and shows a breaker at work on real HTTP calls.
 *
 * ```sh
 * deno run -A jsr:@switchgear/breaker/cli validate ./policies
 * deno run -A jsr:@switchgear/breaker/cli explain ./policies/payments.json
 * deno run -A jsr:@switchgear/breaker/cli schema > policy.schema.json
 * deno run -A jsr:@switchgear/breaker/cli demo
 * ```
 *
 * @example Usage from a program
 * ```ts
 * import { processIo, runCli } from "@switchgear/breaker/cli";
 *
 * const status = await runCli(["explain", '{ "failureThreshold": 3 }'], processIo());
}
 * console.log(status); // 0
 * ```
 *
 * @module
 */
import process from "node:process";
import { processIo } from "./io.ts";
import { runCli } from "./run_cli.ts";

export { type CliIo, processIo, type Terminal } from "./io.ts";
export { runCli } from "./run_cli.ts";

if (import.meta.main) {
  // A reader that goes away, as in "switchgear schema | head", is no error.
  process.stdout.on("error", () => {});
  process.exitCode = await runCli(process.argv.slice(2), processIo());
}
