import assert from "node:assert/strict";
import { readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { denoCommand } from "../programs/deno_command.ts";
import type { Chromium } from "../servers/chromium.ts";
import type { Checklist } from "./checklist.ts";

const GONE_DEADLINE_MS = 10_000;

/** What makes checks in pages fail does so: errors that nobody handles, and pages that hang. */
export async function checkPages(checks: Checklist, browser: Chromium): Promise<void> {
  await checks.check("an error that nobody handles in a page is noticed", async () => {
    await using page = await browser.open();
    await page.goto("data:text/html,<script>Promise.reject(new Error('nobody'))</script>");
    await page.evaluate("new Promise((resolve) => setTimeout(resolve))");
    assert.equal(page.complaints.length, 1);
    assert.match(page.complaints.join(), /Error: nobody/);
  });
  await checks.check("all that the browser writes is in its profile", async () => {
    const socket = await readlink(join(browser.profile, "SingletonSocket"));
    assert(socket.startsWith(browser.profile), socket);
  });
  await checks.check("a page that hangs is given up, and one that throws says what", async () => {
    await using page = await browser.open();
    const hung = page.evaluate("new Promise(() => {})", { deadlineMs: 200 });
    await assert.rejects(hung, /did not answer Runtime.evaluate within 200 ms/);
    await assert.rejects(page.evaluate("missing()"), /ReferenceError: missing is not defined/);
  });
}

/** A browser goes with who started it: one that has been disposed, and one whose owner is killed. */
export async function checkEnds(checks: Checklist, disposed: Chromium): Promise<void> {
  await checks.check("a browser that is done with leaves nothing behind", async () => {
    assert.deepEqual(await leftOf(disposed), []);
    await assert.rejects(readdir(disposed.profile), { code: "ENOENT" });
  });
  await checks.check("a browser whose owner is killed ends too", checkOrphan);
}

/** Kills a process that has a browser, and waits until that is gone. */
async function checkOrphan(): Promise<void> {
  const owner = fileURLToPath(new URL("browser_owner.ts", import.meta.url));
  const child = denoCommand({
    args: ["run", "-A", "--quiet", owner],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
  const [pid, profile = ""] = value.trim().split(" ");
  const orphan = { pid: Number(pid), profile };
  assert(orphan.pid > 0 && profile !== "", `the owner said ${JSON.stringify(value)}`);
  const end = performance.now() + GONE_DEADLINE_MS;
  let left = await leftOf(orphan);
  while (left.length > 0 && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    left = await leftOf(orphan);
  }
  await Deno.remove(profile, { recursive: true });
  assert.deepEqual(left, []);
}

/** The processes of a browser that are still there. */
async function leftOf(
  { pid, profile }: Pick<Chromium, "pid" | "profile">,
): Promise<string[]> {
  const left: string[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const command = await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "");
    if (Number(name) === pid || command.includes(profile)) left.push(`${name} ${command}`);
  }
  return left;
}
