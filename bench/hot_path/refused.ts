/** Calls that open breakers refuse, and what a refusal costs without a breaker. */
import { type BreakerSettings, createBreaker, type StandaloneBreaker } from "../../mod.ts";
import type { AsyncGroup, SyncGroup } from "../in_turn.ts";
import { FAILURE, keep, nextSyncWork, nextWork } from "../work.ts";

const FALLBACK = { fallback: (): number => 0 };

/** A breaker that a failure has opened for a day. */
function opened(name: string, settings: BreakerSettings = {}): StandaloneBreaker {
  const breaker = createBreaker(name, { failureThreshold: 1, openStateTimeout: "24h" }, settings);
  breaker.tryAcquire()?.failure();
  if (breaker.state !== "open") throw new Error(`Breaker "${name}" is ${breaker.state}`);
  return breaker;
}

function throwFailure(): never {
  throw FAILURE;
}

/** Calls something that throws, and catches it. */
function caught(call: () => void): () => void {
  return () => {
    try {
      call();
    } catch {
      keep(1);
    }
  };
}

/** Refused permits and `doSync`. */
export function refusedSyncGroup(): SyncGroup {
  const open = opened("open");
  const heard = opened("open and heard");
  heard.on("reject", () => keep(1));
  return {
    kind: "sync",
    name: "refused, sync",
    baseline: "empty function",
    ways: {
      "empty function": () => {},
      "permit": () => {
        if (open.tryAcquire() === undefined) keep(1);
      },
      "permit, with a listener": () => {
        if (heard.tryAcquire() === undefined) keep(1);
      },
      "doSync with fallback": () => keep(open.doSync(nextSyncWork(), FALLBACK)),
      "bare throw, caught": caught(throwFailure),
      "doSync that throws": caught(() => keep(open.doSync(nextSyncWork()))),
    },
  };
}

/** Refused `do`. */
export function refusedDoGroup(): AsyncGroup {
  const open = opened("open");
  const shared = opened("open and shared", { freshErrors: false });
  return {
    kind: "async",
    name: "refused, do",
    baseline: "bare call",
    ways: {
      "bare call": () => nextWork()(),
      "bare rejection": () => Promise.reject(FAILURE),
      "bare rejection, new Error": () => Promise.reject(new Error("refused")),
      "do with fallback": () => open.do(nextWork(), FALLBACK),
      "do that throws": () => open.do(nextWork()),
      "do that throws, one error for all": () => shared.do(nextWork()),
    },
  };
}
