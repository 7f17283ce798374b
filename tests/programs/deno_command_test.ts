import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { denoCommand, environmentOfThisMachine } from "./deno_command.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What the program printed; it must succeed. */
async function outputOf(command: Deno.Command): Promise<string> {
  const { success, stdout, stderr } = await command.output();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test("a started program knows the caches, what it is given, and nothing else of the tests' environment", async () => {
  process.env["SWITCHGEAR_POLICY_of_20this_20test"] = "{}";
  try {
    const script = "console.log(JSON.stringify(Deno.env.toObject()))";
    const seen = JSON.parse(
      await outputOf(denoCommand({ args: ["eval", script], env: { GIVEN: "given" } })),
    );
    assert.equal(seen.GIVEN, "given");
    assert.equal(seen.SWITCHGEAR_POLICY_of_20this_20test, undefined);
    for (const [name, value] of Object.entries(environmentOfThisMachine())) {
      assert.equal(seen[name], value, name);
    }
    for (const name of ["PATH", "HOME", "DENO_DIR", "XDG_CACHE_HOME"]) {
      assert.equal(seen[name], process.env[name], name);
    }
  } finally {
    delete process.env["SWITCHGEAR_POLICY_of_20this_20test"];
  }
});

Deno.test("a started program keeps what it downloads where the tests keep it", async () => {
  const { denoDir } = JSON.parse(await outputOf(denoCommand({ args: ["info", "--json"] })));
  const here = new Deno.Command(Deno.execPath(), { args: ["info", "--json"] });
  assert.equal(denoDir, JSON.parse(await outputOf(here)).denoDir);
});

for (
  const args of [
    ["task", "demo", "--help"],
    ["task", "conformance", "--help"],
    ["run", "-A", "cli/mod.ts", "--help"],
  ]
) {
  Deno.test(`from an empty cache, deno ${args.join(" ")} asks for no package`, async () => {
    const asked: string[] = [];
    const options = { port: 0, hostname: "127.0.0.1", onListen: () => {} };
    await using registry = Deno.serve(options, ({ url }) => {
      asked.push(new URL(url).pathname);
      return new Response(null, { status: 404 });
    });
    const url = `http://127.0.0.1:${registry.addr.port}/`;
    const cache = await mkdtemp(join(tmpdir(), "switchgear-cache-"));
    try {
      const env = { DENO_DIR: cache, NPM_CONFIG_REGISTRY: url, JSR_URL: url };
      const { code, stdout } = await denoCommand({ args, cwd: ROOT, env }).output();
      assert.deepEqual(asked, []);
      assert.match(new TextDecoder().decode(stdout), /^Usage: /m);
      assert.equal(code, 0);
      const kept = await readdir(cache, { recursive: true });
      assert.deepEqual(kept.filter((path) => /^(npm|remote)\/.*\//.test(path)), []);
    } finally {
      await rm(cache, { recursive: true, force: true });
    }
  });
}
