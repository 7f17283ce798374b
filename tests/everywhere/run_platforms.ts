import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pack } from "../../npm/pack.ts";
import { type Platform, PlatformMissingError, type PlatformTotals } from "./platform.ts";

/** How all platforms ended. */
export interface PlatformsOutcome {
  /** In the order of the platforms. */
  readonly totals: readonly PlatformTotals[];
  /** How many could not be had here. */
  readonly missing: number;
}

/** How platforms are run. */
export interface RunPlatformsOptions {
  /** How many at a time. */
  readonly jobs: number;
  /** Shows one line. */
  readonly print: (line: string) => void;
  /** Lets no platform begin any more, and nothing be shown. @default nothing does */
  readonly signal?: AbortSignal;
}

/**
 * Runs the platforms, each in a temporary folder of its own; one that fails or is missing stops no
 * other. Where it is aborted it waits for those that have begun, so that nothing is left behind.
 *
 * @throws What the signal was aborted with.
 */
export async function runPlatforms(
  platforms: readonly Platform[],
  options: RunPlatformsOptions,
): Promise<PlatformsOutcome> {
  const { jobs, signal } = options;
  const print = (line: string): void => {
    if (!signal?.aborted) options.print(line);
  };
  const folder = await mkdtemp(join(tmpdir(), "switchgear-everywhere-"));
  let packed: Promise<string> | undefined;
  const tarball = (): Promise<string> =>
    packed ??= pack(join(folder, "package.tgz"), signal && { signal });
  const ended = new Map<Platform, readonly PlatformTotals[]>();
  let missing = 0;

  const runOne = async (platform: Platform): Promise<void> => {
    const { id, about, run } = platform;
    print(`${id}: ${about} …`);
    const own = await mkdtemp(join(folder, `${id}-`));
    try {
      ended.set(platform, await run({ print, folder: own, tarball }));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (error instanceof PlatformMissingError) {
        missing++;
        print(`MISSING ${id}: ${why}`);
      } else {
        ended.set(platform, [{ name: id, version: "", passed: 0, failed: 1 }]);
        print(`FAILED ${id}: ${why}`);
      }
    } finally {
      await rm(own, { recursive: true, force: true });
    }
  };
  const queue = platforms.values();
  const worker = async (): Promise<void> => {
    for (const platform of queue) {
      if (signal?.aborted) return;
      const started = performance.now();
      await runOne(platform);
      const seconds = ((performance.now() - started) / 1_000).toFixed(1);
      for (const totals of ended.get(platform) ?? []) print(`${lineOf(totals)}, ${seconds} s`);
    }
  };
  try {
    await Promise.all(Array.from({ length: jobs }, worker));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  signal?.throwIfAborted();
  return { totals: platforms.flatMap((platform) => ended.get(platform) ?? []), missing };
}

/** One line of the summary. */
export function lineOf({ name, version, passed, failed }: PlatformTotals): string {
  return `${`${name} ${version}`.trim().padEnd(32)} ${passed} passed, ${failed} failed`;
}
