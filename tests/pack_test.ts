// Real processes, because only there signals, temporary folders and the exit status are real.
import assert from "node:assert/strict";
import { access, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { denoCommand } from "./programs/deno_command.ts";

const PACK = fileURLToPath(new URL("../npm/pack.ts", import.meta.url));

/** Resolves once there is something in `folder`. */
async function hasContent(folder: string): Promise<void> {
  using changes = Deno.watchFs(folder);
  if ((await readdir(folder)).length > 0) return;
  for await (const { kind } of changes) if (kind === "create") return;
}

for (
  const { how, signal, group, status } of [
    { how: "Ctrl-C", signal: "SIGINT", group: true, status: 130 },
    { how: "a SIGINT", signal: "SIGINT", group: false, status: 130 },
    { how: "a SIGTERM", signal: "SIGTERM", group: false, status: 143 },
  ] as const
) {
  Deno.test({
    name: `pack: ${how} ends it with status ${status}, no tarball and an empty temporary folder`,
    ignore: Deno.build.os === "windows",
    fn: async () => {
      const root = await mkdtemp(join(tmpdir(), "switchgear-pack-test-"));
      const [temporary, output] = [join(root, "tmp"), join(root, "package.tgz")];
      await Deno.mkdir(temporary);
      try {
        const child = denoCommand({
          args: ["run", "-A", "--quiet", PACK, "--output", output],
          env: { TMPDIR: temporary },
          stdout: "piped",
          stderr: "piped",
          detached: true, // in a process group of its own, as a terminal starts it
        }).spawn();
        await hasContent(temporary);
        process.kill(group ? -child.pid : child.pid, signal);
        const { code, stdout, stderr } = await child.output();
        assert.equal(code, status);
        assert.equal(new TextDecoder().decode(stdout), "");
        assert.equal(new TextDecoder().decode(stderr), "Interrupted; nothing was written.\n");
        assert.deepEqual(await readdir(temporary), []);
        await assert.rejects(access(output), { code: "ENOENT" });
      } finally {
        await rm(root, { recursive: true, force: true });
      }
    },
  });
}
