import type { ConfigUpdate, Finding } from "../../src/provider/backend.ts";
import type { Clock } from "../../src/time/clock.ts";
import { race } from "../../src/time/waiting.ts";
import type { PolicyStore } from "../store/policy_store.ts";

/** How long a watch may take to its first state, in milliseconds, before it counts as broken, and as slow. */
const BROKEN_MS = 10_000;
const SLOW_MS = 1_000;
/** How long its end is waited for. */
const END_MS = 1_000;

/** Opens a watch, as a provider does, until it yields its first state. */
export async function examineWatch(store: PolicyStore, clock: Clock): Promise<Finding[]> {
  const subject = "watch";
  if (!store.backend.watches) {
    return [{ subject, verdict: "warn", detail: "changes are not reported: it is read once" }];
  }
  const startedAt = clock.now();
  try {
    const first = await firstUpdate(store, clock);
    const tookMs = clock.now() - startedAt;
    const notes = notesIn(first);
    const took = `its first state came after ${tookMs.toFixed(0)} ms`;
    const isReported = store.folder !== undefined && notes.length === 0;
    const detail = isReported ? `${took}; the system reports changes` : took;
    return [
      { subject, verdict: tookMs > SLOW_MS ? "warn" : "ok", detail },
      ...notes.map((note): Finding => ({ subject, verdict: "warn", detail: note })),
    ];
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return [{ subject, verdict: "fail", detail }];
  }
}

async function firstUpdate(
  { backend, prefix }: PolicyStore,
  clock: Clock,
): Promise<ConfigUpdate | undefined> {
  const stop = new AbortController();
  const updates = backend.watch(prefix, { signal: stop.signal })[Symbol.asyncIterator]();
  try {
    const next = await race(updates.next(), { clock, timeoutMs: BROKEN_MS });
    return next.done ? undefined : next.value;
  } finally {
    stop.abort();
    // One that hangs does not answer this either.
    const ended = (async () => await updates.return?.())();
    await race(ended, { clock, timeoutMs: END_MS }).catch(() => {});
  }
}

function notesIn(update: ConfigUpdate | undefined): string[] {
  if (update?.kind !== "snapshot") return [];
  const { incomplete, notes = [] } = update.snapshot;
  return incomplete === undefined ? [...notes] : [incomplete, ...notes];
}
