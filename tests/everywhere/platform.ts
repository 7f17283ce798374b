/** How the checks on one platform ended. */
export interface PlatformTotals {
  /** What it is: `"Node"`. */
  readonly name: string;
  /** The version that really ran, as the platform itself states it. */
  readonly version: string;
  readonly passed: number;
  readonly failed: number;
}

/** What a platform's run is given. */
export interface PlatformRun {
  /** Shows one line: progress, or what failed. */
  readonly print: (line: string) => void;
  /** An empty folder of its own, removed when the run has ended. */
  readonly folder: string;
  /** The path of the npm tarball of this package, packed on first use. */
  readonly tarball: () => Promise<string>;
}

/** A place where the package claims to run. */
export interface Platform {
  /** Its name after `--only`: `"node20"`. */
  readonly id: string;
  /** One line for `--help`. */
  readonly about: string;
  /**
   * Runs the conformance cases and the checks there.
   *
   * @throws {PlatformMissingError} If the platform itself cannot be had here.
   */
  readonly run: (run: PlatformRun) => Promise<PlatformTotals[]>;
}

/** Thrown where a platform cannot be had on this machine, through no fault of the package. */
export class PlatformMissingError extends Error {
  override readonly name = "PlatformMissingError";
}
