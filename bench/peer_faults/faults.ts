import type { FaultContender, Subject, SubjectSettings } from "./subject.ts";
import {
  attempt,
  endOf,
  failing,
  failTimes,
  halfOpen,
  type HeldCall,
  hold,
  isUnhandled,
  nextProbe,
  OPEN_FOR_MS,
  trip,
  turns,
} from "./trial.ts";

/** Something that goes wrong around a breaker. */
export interface Fault {
  /** What goes wrong. */
  readonly name: string;
  /** Lets it go wrong, and tells in a few words what came of it. */
  run(contender: FaultContender): Promise<string>;
}

const SETTINGS: SubjectSettings = { openForMs: OPEN_FOR_MS };

const STUCK = "**refuses each call** from then on";

/** A call from before the trip settles while a probe is in flight, which then succeeds. */
async function lateInHalfOpen(
  { create, probeLimit }: FaultContender,
  settle: (call: HeldCall) => void,
): Promise<string> {
  using subject = await create(SETTINGS);
  const told = await afterLate(subject, settle);
  if (told !== STUCK || probeLimit === undefined) return told;
  using limited = probeLimit.create(SETTINGS);
  return `${told}; with \`${probeLimit.option}\` ${await afterLate(limited, settle)}`;
}

async function afterLate(subject: Subject, settle: (call: HeldCall) => void): Promise<string> {
  const old = await hold(subject);
  await trip(subject);
  const probe = await halfOpen(subject);
  settle(old);
  await old.answered;
  await turns();
  if (await attempt(subject) === "ran") return "**closes it**, the probe still running";
  probe.succeed();
  await probe.answered;
  await turns();
  if (await attempt(subject) === "ran") return "no effect";
  const { probe: later } = await nextProbe(subject);
  return later === undefined ? STUCK : "**reopens it**, the probe succeeding";
}

async function lateAfterClosing(contender: FaultContender): Promise<string> {
  using subject = await contender.create(SETTINGS);
  const old = [await hold(subject), await hold(subject)];
  await trip(subject);
  const probe = await halfOpen(subject);
  probe.succeed();
  await probe.answered;
  await turns();
  for (const call of old) {
    call.fail(new Error("late"));
    await call.answered;
  }
  await turns();
  return await attempt(subject) === "ran" ? "no effect" : "**opens it** again";
}

/** What follows a probe that never settles. */
async function afterHungProbe(subject: Subject): Promise<string> {
  await trip(subject);
  await halfOpen(subject);
  const { probe, last } = await nextProbe(subject);
  if (probe !== undefined) return "recovers";
  return last === "waits" ? "**each call waits with it**" : "**refuses each call**";
}

async function hungProbe(contender: FaultContender): Promise<string> {
  using bare = await contender.create(SETTINGS);
  const told = [await afterHungProbe(bare)];
  if (told[0] === "recovers") return "recovers, because a probe has a deadline";
  const { probeLimit } = contender;
  if (probeLimit !== undefined) {
    using subject = probeLimit.create(SETTINGS);
    told.push(`with \`${probeLimit.option}\` ${await afterHungProbe(subject)}`);
  }
  using limited = await contender.create({ ...SETTINGS, timeLimitMs: OPEN_FOR_MS / 2 });
  told.push(`with a time limit on calls ${await afterHungProbe(limited)}`);
  return told.join("; ");
}

async function livePolicy({ live }: FaultContender): Promise<string> {
  if (live === undefined) return "no documented way";
  using subject = live.create({ ...SETTINGS, failures: 5 });
  await failTimes(subject, 3);
  subject.setFailures(4);
  const fourth = await hold(subject);
  fourth.fail(new Error("down"));
  await fourth.answered;
  if (fourth.fate !== "ran") return `${live.means}: **opens at the edit**`;
  return await attempt(subject) === "refused"
    ? `${live.means}: obeyed, evidence kept`
    : `${live.means}: **evidence lost**`;
}

async function throwingListener(contender: FaultContender): Promise<string> {
  using subject = await contender.create(SETTINGS);
  const fromListener = new Error("from the listener");
  subject.onOpen(() => {
    throw fromListener;
  });
  await turns();
  await failTimes(subject, 1);
  const down = new Error("down");
  const call = subject.call(failing(down));
  call.catch(() => {});
  const isLost = await isUnhandled(fromListener);
  const isOpen = await attempt(subject) === "refused";
  const { ended, with: seen } = await endOf(call);
  const told = [
    ended
      ? seen === down
        ? "the caller gets its operation's error"
        : "**the caller gets the listener's error**"
      : "**the call never settles**",
    ...(isLost ? ["the error is an unhandled rejection"] : []),
    ...(isOpen ? [] : ["**the breaker is not open**"]),
  ];
  return told.join("; ");
}

async function unawaited(contender: FaultContender): Promise<string> {
  using subject = await contender.create(SETTINGS);
  const down = new Error("down, and nobody awaits it");
  void subject.call(failing(down));
  await turns();
  return await isUnhandled(down) ? "`unhandledrejection`" : "**lost**";
}

async function ignoredSignal(contender: FaultContender): Promise<string> {
  using subject = await contender.create({ ...SETTINGS, timeLimitMs: OPEN_FOR_MS / 2 });
  await attempt(subject); // so that one failure is half of the calls, and no rate holds
  const { promise, reject } = Promise.withResolvers<string>();
  const { ended } = await endOf(subject.call(() => promise));
  if (!ended) return "**never settles**";
  const late = new Error("late");
  reject(late);
  const isLost = await isUnhandled(late);
  const counted = await attempt(subject) === "ran" ? "counted once" : "**counted twice**";
  return ["ends at its limit", counted, ...(isLost ? ["**unhandled rejection**"] : [])].join(", ");
}

async function brokenStream({ create }: FaultContender): Promise<string> {
  using subject = await create(SETTINGS);
  async function* broken(): AsyncGenerator<string> {
    yield "one";
    throw new Error("the connection broke");
  }
  for (let i = 0; i < 5; i++) {
    try {
      for await (const _ of subject.stream?.(broken) ?? await iterableBy(subject, broken)) continue;
    } catch {
      // it broke, or was refused
    }
  }
  if (await attempt(subject) !== "refused") return "**counts as a success**";
  return subject.stream === undefined ? "opens the breaker" : "`stream`: opens the breaker";
}

/** What a call gives that returns an iterable. */
async function iterableBy(
  subject: Subject,
  operation: () => AsyncIterable<string>,
): Promise<AsyncIterable<string>> {
  let items: AsyncIterable<string> | undefined;
  await subject.call(() => {
    items = operation();
    return Promise.resolve("the items");
  });
  return items ?? operation();
}

async function callersStack(contender: FaultContender): Promise<string> {
  using subject = await contender.create({ ...SETTINGS, timeLimitMs: OPEN_FOR_MS / 2 });
  async function whoCalled(): Promise<string> {
    return await subject.call(async () => {
      await Promise.resolve();
      throw new Error("down");
    });
  }
  const { with: error } = await endOf(whoCalled());
  const stack = error instanceof Error ? error.stack ?? "" : "";
  return stack.includes("whoCalled") ? "its stack names the caller" : "its stack ends inside";
}

/** What goes wrong, in the order in which they are printed. */
export const FAULTS: readonly Fault[] = [
  {
    name: "A success from before the trip arrives in half-open",
    run: (contender) => lateInHalfOpen(contender, (call) => call.succeed()),
  },
  {
    name: "A failure from before the trip arrives in half-open",
    run: (contender) => lateInHalfOpen(contender, (call) => call.fail(new Error("late"))),
  },
  {
    name: "Two failures from before the trip arrive after the breaker has closed",
    run: lateAfterClosing,
  },
  { name: "A probe hangs", run: hungProbe },
  { name: "The threshold is edited while the breaker runs", run: livePolicy },
  { name: "A listener throws when the breaker opens", run: throwingListener },
  { name: "Calls give async iterables, which break off", run: brokenStream },
  { name: "A call that nobody awaits fails", run: unawaited },
  { name: "A call with a time limit ignores its signal and fails late", run: ignoredSignal },
  { name: "An operation with a time limit throws after it has waited", run: callersStack },
];
