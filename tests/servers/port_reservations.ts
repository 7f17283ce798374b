import { closeSync, mkdirSync, openSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";

/** How long a port stays with whoever asked for it: longer than a test that uses it. */
const RESERVED_MS = 15 * 60_000;

/**
 * Which ports are in use by whom among all processes of a user, their servers up or down: a port
 * whose server is down for a while is free to the system, and yet not to be taken. Kept as
 * empty files in the user's cache folder; without one, nobody is kept from anything.
 */
export class PortReservations {
  readonly #folder: string | undefined;

  /** @param folder Where they are kept; by default `switchgear-tests/ports` in the user's cache folder */
  constructor(folder: string | undefined = usualFolder()) {
    this.#folder = folder !== undefined && canHold(folder) ? folder : undefined;
  }

  /** Takes a port, unless somebody has it. */
  take(port: number): boolean {
    if (this.#folder === undefined) return true;
    const path = join(this.#folder, String(port));
    try {
      closeSync(openSync(path, "wx"));
      return true;
    } catch {
      return this.#takeOver(path);
    }
  }

  #takeOver(path: string): boolean {
    try {
      const now = Date.now();
      if (now - statSync(path).mtimeMs < RESERVED_MS) return false;
      utimesSync(path, now / 1_000, now / 1_000);
      return true;
    } catch {
      return false; // somebody else was quicker, or the disk is full
    }
  }
}

function usualFolder(): string | undefined {
  const home = Deno.env.get("HOME");
  const cache = Deno.env.get("XDG_CACHE_HOME") || (home && join(home, ".cache"));
  return cache ? join(cache, "switchgear-tests", "ports") : undefined;
}

function canHold(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true });
    return true;
  } catch {
    return false;
  }
}
