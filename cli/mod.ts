/**
 * The command line tool `switchgear`: checks and explains policies, prints
 * their JSON Schema, reads and writes them in etcd or in a folder, looks at the
 * health of either, and shows a breaker at work on real HTTP calls.
 *
 * ```sh
 * deno run -A jsr:@switchgear/breaker/cli validate ./policies
 * deno run -A jsr:@switchgear/breaker/cli explain ./policies/payments.json
 * deno run -A jsr:@switchgear/breaker/cli schema > policy.schema.json
 * deno run -A jsr:@switchgear/breaker/cli policy list --file ./policies
 * deno run -A jsr:@switchgear/breaker/cli policy force-open payments --etcd etcd-1 --service shop
 * deno run -A jsr:@switchgear/breaker/cli doctor --etcd etcd-1,etcd-2,etcd-3 --service shop
 * deno run -A jsr:@switchgear/breaker/cli demo
 * ```
 *
 * @example Usage from a program
 * ```ts
 * import { processIo, runCli } from "@switchgear/breaker/cli";
 * import assert from "node:assert/strict";
 *
 * const status = await runCli(["explain", '{ "failureThreshold": 3 }'], processIo());
 * assert.equal(status, 0);
 * ```
 *
 * @module
 */
import { runProcess } from "./run_process.ts";

export { type CliIo, processIo, type Terminal } from "./io.ts";
export { runCli } from "./run_cli.ts";

if (import.meta.main) void runProcess();
