import type { ConfigVersion } from "../../src/provider/backend.ts";
import { systemClock } from "../../src/time/clock.ts";
import { pause } from "../../src/time/waiting.ts";
import type { EtcdEvent } from "../../etcd/messages.ts";
import type { EtcdSession } from "../../etcd/session.ts";
import { holdKey } from "./held_key.ts";
import type { KeySpace } from "./keys.ts";

/** How long etcd may be silent before what it has told of a deleted key counts as all. */
const QUIET_MS = 1_000;
/** How often it is looked whether all has come. */
const STEP_MS = 10;

/** What {@linkcode readHistory} takes. */
export interface HistoryOptions {
  readonly session: EtcdSession;
  readonly keys: KeySpace;
  /** The breaker's name. */
  readonly name: string;
  /** How revisions are marked. */
  readonly era: number;
  readonly signal: AbortSignal;
}

/**
 * Every version of a document that etcd has not compacted yet, newest first. They are told by a
 * watch from the oldest revision that there is, deletions included; the version from
 * before that revision is read as of it.
 */
export async function readHistory(options: HistoryOptions): Promise<ConfigVersion[]> {
  const { session, keys, name, era } = options;
  const key = keys.keyOf(name);
  const now = await session.range({ key });
  const newest = now.kvs[0]?.modRevision;
  let replay = await watchFrom(options, key, 1, newest);
  if (replay.compactRevision > 0) {
    const from = replay.compactRevision;
    const [oldest] = (await session.range({ key, revision: from })).kvs;
    replay = newest !== undefined && newest === oldest?.modRevision
      ? { compactRevision: 0, events: [] }
      : await watchFrom(options, key, from, newest);
    if (replay.compactRevision > 0) throw new Error("etcd was compacted meanwhile, ask again");
    const isTold = replay.events.some(({ modRevision }) => modRevision === oldest?.modRevision);
    if (oldest !== undefined && !isTold) replay.events.unshift({ ...oldest, isDelete: false });
  }
  return replay.events.reverse().map((event) => {
    const { entry } = holdKey(event, keys, era);
    return { revision: entry?.revision ?? "", text: event.isDelete ? undefined : entry?.text };
  });
}

interface Replay {
  /** The oldest revision that can be asked for; 0: the one that was. */
  readonly compactRevision: number;
  readonly events: EtcdEvent[];
}

async function watchFrom(
  { session, signal }: HistoryOptions,
  key: Uint8Array,
  startRevision: number,
  newest: number | undefined,
): Promise<Replay> {
  const events: EtcdEvent[] = [];
  let compactRevision = 0;
  let failure: Error | undefined;
  let lastFrameMs = systemClock.now();
  const stream = session.watch({
    range: { key },
    startRevision,
    onFrame: (frame) => {
      lastFrameMs = systemClock.now();
      events.push(...frame.events);
      if (frame.compactRevision > 0) compactRevision = frame.compactRevision;
      else if (frame.cancelReason !== undefined) failure = new Error(frame.cancelReason);
    },
    onEnd: (error) => failure = error,
  });
  const isDone = (): boolean =>
    compactRevision > 0 || events.at(-1)?.modRevision === newest && newest !== undefined ||
    newest === undefined && systemClock.now() - lastFrameMs > QUIET_MS;
  const deadlineMs = systemClock.now() + 5 * QUIET_MS;
  try {
    while (!isDone()) {
      signal.throwIfAborted();
      if (failure !== undefined) throw failure;
      if (systemClock.now() > deadlineMs && newest !== undefined) throw new Error("no answer");
      await pause(STEP_MS, { clock: systemClock, signal });
    }
  } finally {
    await stream.cancel();
  }
  return { compactRevision, events };
}
