// Real processes, because only there the environment, the streams, signals and the exit status are real.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { denoCommand } from "../programs/deno_command.ts";
import { policyFiles } from "./policy_files.ts";

const MAIN = fileURLToPath(new URL("../../cli/mod.ts", import.meta.url));

function command(
  folder: string,
  args: readonly string[],
  flags: readonly string[] = [],
): Deno.Command {
  return denoCommand({
    args: ["run", "-A", "--no-check", ...flags, MAIN, ...args],
    env: { SWITCHGEAR_FILE: folder },
    stdout: "piped",
    stderr: "piped",
  });
}

Deno.test("policy: a real process sets, forces open and shows a policy in a folder", async () => {
  await using folder = await policyFiles({ "a.json": { failureThreshold: 3 } });
  const run = async (args: readonly string[]): Promise<{ code: number; text: string }> => {
    const { code, stdout } = await command(folder.policies, args).output();
    return { code, text: new TextDecoder().decode(stdout) };
  };
  assert.equal((await run(["policy", "set", "a", "timeout=2s"])).code, 0);
  assert.equal((await run(["policy", "force-open", "a"])).code, 0);
  const { code, text } = await run(["policy", "get", "a", "--json"]);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(text).policy, {
    failureThreshold: 3,
    timeout: "2s",
    mode: "forced-open",
  });
  assert.equal((await run(["policy", "get", "b"])).code, 1);
});

Deno.test({
  name: "policy watch: Ctrl-C ends it with status 130 and nothing on the standard error output",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using folder = await policyFiles({ "a.json": { failureThreshold: 3 } });
    const watch = command(folder.policies, ["policy", "watch", "--json"]).spawn();
    let text = "";
    for await (const chunk of watch.stdout.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.endsWith("\n")) watch.kill("SIGINT");
    }
    assert.equal(JSON.parse(text).name, "a");
    assert.equal(await new Response(watch.stderr).text(), "");
    assert.equal((await watch.status).code, 130);
  },
});

Deno.test("CLI: what does not talk to etcd loads nothing from npm", async () => {
  await using folder = await policyFiles({ "a.json": {} });
  for (const args of [["validate", folder.policies], ["policy", "list"], ["doctor"]]) {
    const { code, stderr } = await command(folder.policies, args, ["--no-npm", "--no-remote"])
      .output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
  }
});
