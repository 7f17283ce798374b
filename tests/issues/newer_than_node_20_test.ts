import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { portableCases } from "../everywhere/portable_cases.ts";
import { denoCommand } from "../programs/deno_command.ts";

/** Takes away what the first releases of Node 20 have not, then loads `module`. */
function onBareLanguage(module: string): string {
  return `
    delete Promise.withResolvers;
    delete Promise.try;
    delete Array.fromAsync;
    delete Map.groupBy;
    delete Object.groupBy;
    delete URL.parse;
    await import(${JSON.stringify(new URL(module, import.meta.url).href)});
  `;
}

for (
  const { what, module, args, answer } of [
    {
      what: "breakers, patterns, backends and integrations run",
      module: "../everywhere/on_platform/main.ts",
      args: ["cases.json"],
      answer: /^\d{3} passed, 0 failed$/m,
    },
    {
      what: "the command line tool checks a folder of policies",
      module: "../everywhere/on_platform/cli_main.ts",
      args: ["validate", "policies"],
      answer: /1 document/,
    },
  ]
) {
  Deno.test(`without what is newer than Node 20 ${what}`, async () => {
    const folder = await mkdtemp(join(tmpdir(), "switchgear-bare-"));
    try {
      await writeFile(join(folder, "cases.json"), JSON.stringify(await portableCases()));
      await Deno.mkdir(join(folder, "policies"));
      await writeFile(join(folder, "policies", "users.json"), "{}");
      await writeFile(join(folder, "main.ts"), onBareLanguage(module));
      const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
      const { code, stdout, stderr } = await denoCommand({
        cwd: folder,
        args: ["run", "-A", "--config", config, "main.ts", ...args],
      }).output();
      const complaint = new TextDecoder().decode(stderr);
      assert.match(new TextDecoder().decode(stdout), answer, complaint);
      assert.equal(code, 0, complaint);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}
