import { link, open, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pause } from "./pause.ts";
import { dateMs, steadyMs } from "./real_time.ts";
import { codeOf, isMissing } from "./system_errors.ts";

/** The lock's file. */
export const LOCK_FILE = ".switchgear.lock";

/** A lock older than this was left behind by a process that died. */
const STALE_MS = 10_000;
/** How long to wait for a lock that others hold in turn. */
const PATIENCE_MS = 2 * STALE_MS;
/** From one attempt to the next, at most. */
const RETRY_MS = 20;

/** Throws if the lock is no longer held. */
export type AssertHeld = () => Promise<void>;

/**
 * Runs `action` while holding the exclusive lock of `folder`, a file that only
 * one process can create. It binds those who ask for it, nobody else; one that is
 * older than 10 s is taken over, so an action that may have paused for so long
 * checks with `assertHeld` right before what cannot be undone.
 *
 * @throws {Error} if the lock cannot be had within 20 s, and whatever `action` throws.
 */
export async function withFolderLock<T>(
  folder: string,
  signal: AbortSignal | undefined,
  action: (assertHeld: AssertHeld) => Promise<T>,
): Promise<T> {
  const path = join(folder, LOCK_FILE);
  const token = crypto.randomUUID();
  const deadlineMs = steadyMs() + PATIENCE_MS;
  signal?.throwIfAborted();
  while (!await create(path, token)) {
    if (steadyMs() > deadlineMs) throw new Error(`"${path}" is held by another process`);
    await removeIfStale(path);
    await pause(Math.random() * RETRY_MS, signal);
    signal?.throwIfAborted();
  }
  try {
    return await action(async () => {
      if (await tokenIn(path) !== token) throw new Error(`the lock "${path}" was taken over`);
    });
  } finally {
    if (await tokenIn(path) === token) await rm(path, { force: true });
  }
}

async function create(path: string, token: string): Promise<boolean> {
  try {
    const file = await open(path, "wx");
    try {
      await file.writeFile(token);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

async function removeIfStale(path: string): Promise<void> {
  try {
    const token = await tokenIn(path);
    if (dateMs() - (await stat(path)).mtimeMs < STALE_MS) return;
    // Renaming lets only one of several win; if it caught a lock that is newer, that goes back.
    const aside = `${path}.${crypto.randomUUID()}`;
    await rename(path, aside);
    if (await tokenIn(aside) !== token) await link(aside, path);
    await rm(aside, { force: true });
  } catch (error) {
    if (!isMissing(error) && codeOf(error) !== "EEXIST") throw error;
  }
}

async function tokenIn(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
