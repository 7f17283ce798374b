import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { denoCommand } from "../programs/deno_command.ts";

const REPORT = fileURLToPath(new URL("../../bench/report.ts", import.meta.url));
const RESULTS = fileURLToPath(new URL("../../bench/RESULTS.md", import.meta.url));

const CALLS: readonly (readonly [args: string[], status: number, said: RegExp])[] = [
  [["--help"], 0, /^Usage: deno task bench:report [^]*--quick[^]*--rounds N/],
  [["-h"], 0, /^Usage: /],
  [["--bogus"], 2, /^Unknown option '--bogus'[^]*\nUsage: /],
  [["hot_path"], 2, /^Unexpected argument 'hot_path'[^]*\nUsage: /],
  [["--quick=yes"], 2, /'--quick'[^]*\nUsage: /],
  [["--rounds=0"], 2, /^--rounds must be a positive integer, received "0"[^]*\nUsage: /],
  [["--rounds", ""], 2, /^--rounds must be a positive integer, received ""/],
];

for (const [args, status, said] of CALLS) {
  Deno.test(`bench:report ${args.join(" ")} measures nothing and exits with ${status}`, async () => {
    const before = await Deno.stat(RESULTS);
    const { code, stdout, stderr } = await denoCommand({
      args: ["run", "-A", "--quiet", "--no-check", REPORT, ...args],
      signal: AbortSignal.timeout(60_000),
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assert.match((status === 0 ? out : err) ?? "", said);
    assert.equal(status === 0 ? err : out, "");
    assert.equal(code, status);
    assert.deepEqual((await Deno.stat(RESULTS)).mtime, before.mtime);
  });
}
