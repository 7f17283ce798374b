/** The soak as a program. */
import assert from "node:assert/strict";
import { denoCommand } from "../programs/deno_command.ts";
import { parseSoak } from "./soak_options.ts";

const MAIN = new URL("./main.ts", import.meta.url).href;

async function soak(args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await denoCommand({
    args: ["run", "-A", "--v8-flags=--expose-gc", MAIN, ...args],
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

Deno.test("soak: a short one passes, ends by itself, and names its seed", async () => {
  const { code, out, err } = await soak(["--for", "2s", "--seed", "3", "--breakers", "200"]);
  assert.match(out, /\nsoak passed: \d+ calls, --for 2s --seed 3\n$/);
  assert.match(out, /^transitions: .*tripped \d+/m);
  assert.match(err, /200 breakers, --for 2s --seed 3/);
  assert.equal(code, 0);
});

Deno.test("soak: an interrupt ends it early, with its report", async () => {
  const child = denoCommand({
    args: ["run", "-A", "--v8-flags=--expose-gc", MAIN, "--for", "1h", "--breakers", "100"],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stdout = new Response(child.stdout).text();
  let told = "";
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    const hasStarted = told.includes("--seed");
    told += text;
    if (!hasStarted && told.includes("--seed")) child.kill("SIGINT"); // it hears signals by now
  }
  assert.match(await stdout, /^calls by way: [^]*\nsoak passed: /m);
  assert.equal((await child.status).code, 0);
});

Deno.test("soak: --help tells how it is used", async () => {
  const { code, out } = await soak(["--help"]);
  assert.match(out, /^Usage: deno task soak .*--for DURATION/);
  assert.equal(code, 0);
});

Deno.test("soak: a mistake in its call is told with the usage, and exits with 2", async () => {
  const { code, err } = await soak(["--for", "soon"]);
  assert.match(err, /soon[^]*Usage: deno task soak/);
  assert.equal(code, 2);
});

Deno.test("soak: what it is asked for has defaults", () => {
  assert.deepEqual(parseSoak([], () => 0.5), {
    kind: "soak",
    options: { forMs: 600_000, seed: 2 ** 31, breakers: 3_000 },
  });
  assert.deepEqual(parseSoak(["--for=1m30s", "--seed", "7", "--breakers", "100"], () => 0.5), {
    kind: "soak",
    options: { forMs: 90_000, seed: 7, breakers: 100 },
  });
});

for (
  const [args, message] of [
    [["--for"], /--for needs a value/],
    [["--for", "1ms"], /--for must be at least 1s, received 1ms/],
    [["--for", "NaN"], /NaN/],
    [["--seed", "-1"], /--seed must be a whole number from 0 to 4294967295, received -1/],
    [["--seed", "4294967296"], /received 4294967296/],
    [["--breakers", "7"], /--breakers must be a whole number from 100/],
    [["--sed", "7"], /Unknown argument --sed/],
    [["10m"], /Unknown argument 10m/],
  ] as const
) {
  Deno.test(`soak: ${args.join(" ")} is refused`, () => {
    const invocation = parseSoak(args, () => 0);
    assert(invocation.kind === "mistake", invocation.kind);
    assert.match(invocation.message, message);
  });
}
