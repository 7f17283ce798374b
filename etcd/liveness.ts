import { systemClock } from "../src/time/clock.ts";
import { pause } from "../src/time/waiting.ts";
import { EtcdCallError, STATUS } from "./call_error.ts";
import type { RangeResult } from "./messages.ts";

/** How long what was delivered may lag behind what etcd holds. */
const LAG_MS = 1_000;
/** How often it is looked whether it has caught up. */
const LAG_STEP_MS = 50;

/** What {@linkcode watchHeartbeat} takes. */
export interface HeartbeatOptions {
  readonly heartbeatMs: number;
  readonly silenceMs: number;
  readonly signal: AbortSignal;
  /** Asks for a frame. */
  readonly requestProgress: () => void;
  /** When the newest frame came, in milliseconds of the system clock. */
  readonly lastFrameMs: () => number;
}

/** Asks a stream for frames until `signal` is aborted, and throws when none come. */
export async function watchHeartbeat(options: HeartbeatOptions): Promise<void> {
  const { heartbeatMs, silenceMs, signal, requestProgress, lastFrameMs } = options;
  let askedMs = systemClock.now();
  while (!signal.aborted) {
    const now = systemClock.now();
    const silentForMs = now - lastFrameMs();
    if (silentForMs >= silenceMs) {
      throw new EtcdCallError(STATUS.unavailable, `the watch was silent for ${silenceMs} ms`);
    }
    if (now - askedMs >= heartbeatMs) {
      requestProgress();
      askedMs = now;
    }
    const nextMs = Math.min(heartbeatMs - (now - askedMs), silenceMs - silentForMs);
    await pause(Math.max(1, nextMs), { clock: systemClock, signal });
  }
}

/** What was delivered, for comparison. */
export interface Mirror {
  /** The newest modification, a deletion included. */
  readonly newest: number;
  /** How many keys there are. */
  readonly count: number;
}

/** What {@linkcode watchMirror} takes. */
export interface MirrorOptions {
  readonly heartbeatMs: number;
  readonly signal: AbortSignal;
  /** Asks the quorum for the key that was modified last, and the count. */
  readonly look: () => Promise<RangeResult>;
  /** What was delivered so far. */
  readonly mirror: () => Mirror;
  /** Hears each answer. */
  readonly onAnswer: (answer: RangeResult) => void;
}

/**
 * For a stream that cannot be asked for a frame: compares what it has delivered with what etcd
 * holds until `signal` is aborted, and throws when etcd does not answer or they differ
 * for over a second.
 */
export async function watchMirror(options: MirrorOptions): Promise<void> {
  const { heartbeatMs, signal, look, mirror, onAnswer } = options;
  for (;;) {
    await pause(heartbeatMs, { clock: systemClock, signal });
    if (signal.aborted) return;
    const before = mirror();
    const answer = await look();
    onAnswer(answer);
    const deadlineMs = systemClock.now() + LAG_MS;
    while (!agrees(answer, before, mirror())) {
      if (systemClock.now() >= deadlineMs) {
        throw new EtcdCallError(STATUS.unavailable, "the watch did not deliver what etcd holds");
      }
      await pause(LAG_STEP_MS, { clock: systemClock, signal });
      if (signal.aborted) return;
    }
  }
}

/**
 * Whether the stream is as far as the answer. The counts can be compared only while nothing is
 * delivered: what is delivered meanwhile shows that the stream lives.
 */
function agrees({ kvs: [newest], count }: RangeResult, before: Mirror, now: Mirror): boolean {
  if (newest !== undefined && now.newest < newest.modRevision) return false;
  return now.count === count || now.newest > before.newest;
}
