import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { denoCommand } from "../programs/deno_command.ts";
import { Draws } from "./draws.ts";
import { describeFinding, tryInput } from "./fuzz.ts";
import type { FuzzTarget } from "./target.ts";
import { TARGETS } from "./targets/all.ts";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));

Deno.test("an input that fails is made as small as it fails, and told with what leads to it", async () => {
  const target: FuzzTarget = {
    name: "texts without a q",
    short: 1,
    input: () => "the quick brown fox jumps over the lazy dog".repeat(20),
    check: (text) => assert(!text.includes("q"), "there is a q"),
  };
  const finding = await tryInput(target, 7);
  assert.equal(finding?.input, "q");
  const text = describeFinding(finding);
  for (const part of ["seed 7", '"q"', "there is a q", '--target "texts without a q" --seed 7']) {
    assert(text.includes(part), `${part} is not in ${text}`);
  }
});

Deno.test("an input that changes what all objects share is a fault", async () => {
  const target: FuzzTarget = {
    name: "pollution",
    short: 1,
    input: () => "x",
    check: () => void Reflect.set(Object.prototype, "polluted", true),
  };
  try {
    assert.match(String((await tryInput(target, 1))?.error), /Object.prototype.polluted/);
  } finally {
    Reflect.deleteProperty(Object.prototype, "polluted");
  }
});

Deno.test("the same seed makes the same input", () => {
  for (const target of TARGETS) {
    for (const seed of [1, 2, 3]) {
      assert.equal(target.input(new Draws(seed)), target.input(new Draws(seed)), target.name);
    }
  }
});

for (
  const [args, status, printed] of [
    [["--inputs", "3", "--seed", "1", "--target", "durations"], 0, /\n3 inputs, 0 faults\n$/],
    [["--help"], 0, /^Usage: deno task fuzz/],
    [["--target", "nothing"], 2, /There is no target "nothing"/],
    [["--for", "soon"], 2, /"soon"/],
  ] as const
) {
  Deno.test(`fuzz ${args.join(" ")} ends with ${status}`, async () => {
    const { code, stdout, stderr } = await denoCommand({
      args: ["run", "-A", "--no-check", MAIN, ...args],
      env: { NO_COLOR: "1" },
    }).output();
    const [out = "", err = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    const text = status === 0 ? out : out + err;
    assert.equal(code, status, text);
    assert.match(text, printed);
  });
}

Deno.test({
  name: "an interrupted command says what it has tried so far, and exits with 130",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const child = denoCommand({
      args: ["run", "-A", "--quiet", MAIN, "--for", "1h", "--seed", "1"],
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    let out = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      if (out === "") child.kill("SIGINT");
      out += text;
    }
    assert.match(out, /^seed 1\n(?:[^]*\n)?[1-9]\d* inputs, 0 faults\n$/);
    assert.equal(await new Response(child.stderr).text(), "Interrupted\n");
    assert.equal((await child.status).code, 130);
  },
});
