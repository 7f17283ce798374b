/** The fake timers of a test tool. */
export interface FakeTimers {
  /** Puts the fakes in the place of the globals. */
  install(): void;
  /** Puts the platform's own globals back; does nothing where they are. */
  restore(): void;
  /** Moves the fake time by milliseconds. */
  advance(ms: number): Promise<void> | void;
  /** Whether `performance` is among them, which the package's own clock reads. */
  readonly fakesPerformance: boolean;
}

/** Something that must hold under fake timers. */
export interface FakedCheck {
  /** What holds, as a sentence. */
  readonly name: string;
  /** Whether it holds only where the package was loaded before the fakes were installed. @default false */
  readonly needsEarlyLoad?: boolean;
  /** Throws where it does not hold. The fakes may still be installed then. */
  readonly run: (fakes: FakeTimers) => Promise<void>;
}

/** The platform's own timers: this module is loaded before any fakes are installed. */
const { setTimeout, clearTimeout } = globalThis;
/** None of the checks waits for real time. */
const LIMIT_MS = 10_000;

/** Makes a check and restores the globals, whatever comes of it; one that hangs fails. */
export async function makeCheck(check: FakedCheck, fakes: FakeTimers): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it hangs, for ${LIMIT_MS} ms`)), LIMIT_MS);
  });
  try {
    await Promise.race([check.run(fakes), limit]);
  } finally {
    clearTimeout(timer);
    fakes.restore();
  }
}

/** Has the fakes installed while `body` runs. */
export async function under(fakes: FakeTimers, body: () => Promise<void>): Promise<void> {
  fakes.install();
  await body();
  fakes.restore();
}

/** Lets calls get to where they wait, by nothing that may be faked. */
export async function settle(): Promise<void> {
  for (let job = 0; job < 100; job++) await undefined;
}
