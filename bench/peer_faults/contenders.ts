import {
  circuitBreaker,
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  handleAll,
  timeout,
  TimeoutStrategy,
  wrap,
} from "npm:cockatiel@4.0.0";
import * as mollitia from "npm:mollitia@0.1.1";
// @ts-types="npm:@types/opossum@8.1.9"
import Opossum from "npm:opossum@10.0.0";
import { createBreaker, type Policy } from "../../mod.ts";
import { effectSubject } from "./effect_subject.ts";
import type {
  FaultContender,
  LiveSubject,
  Operation,
  Subject,
  SubjectSettings,
} from "./subject.ts";

const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const NOTHING = { [Symbol.dispose]: () => {} };

function policyOf({ openForMs, timeLimitMs, failures = 2 }: SubjectSettings): Policy {
  return {
    failureThreshold: failures,
    successThreshold: 1,
    openStateTimeout: openForMs,
    ...(timeLimitMs !== undefined && { timeout: timeLimitMs }),
  };
}

function switchgear(settings: SubjectSettings): LiveSubject {
  const breaker = createBreaker("b", policyOf(settings), { logger: QUIET });
  return {
    call: (operation) => breaker.do(operation),
    stream: (operation) => breaker.stream(operation),
    onOpen: (listener) =>
      void breaker.on("stateChange", ({ to }) => {
        if (to === "open") listener();
      }),
    setFailures: (failures) => breaker.setPolicy(policyOf({ ...settings, failures })),
    ...NOTHING,
  };
}

function cockatiel({ openForMs, timeLimitMs, failures = 2 }: SubjectSettings): Subject {
  const breaker = circuitBreaker(handleAll, {
    halfOpenAfter: openForMs,
    breaker: new ConsecutiveBreaker(failures),
  });
  const policy = timeLimitMs === undefined
    ? breaker
    : wrap(breaker, timeout(timeLimitMs, TimeoutStrategy.Aggressive));
  return {
    call: (operation) => policy.execute(operation),
    onOpen: (listener) => void breaker.onBreak(listener),
    ...NOTHING,
  };
}

/** Replaces the breaker by one made of its state, as its documentation says for other processes. */
function cockatielLive({ openForMs, failures = 2 }: SubjectSettings): LiveSubject {
  const create = (threshold: number, initialState?: unknown): CircuitBreakerPolicy =>
    circuitBreaker(handleAll, {
      halfOpenAfter: openForMs,
      breaker: new ConsecutiveBreaker(threshold),
      initialState,
    });
  let breaker = create(failures);
  return {
    call: (operation) => breaker.execute(operation),
    onOpen: (listener) => void breaker.onBreak(listener),
    setFailures: (threshold) => {
      breaker = create(threshold, breaker.toJSON());
    },
    ...NOTHING,
  };
}

/** opossum counts by rate alone: more than half of the calls, and at least as many calls. */
function opossum({ openForMs, timeLimitMs, failures = 2 }: SubjectSettings): Subject {
  const breaker = new Opossum((operation: Operation) => operation(), {
    timeout: timeLimitMs ?? false,
    resetTimeout: openForMs,
    errorThresholdPercentage: 50,
    volumeThreshold: failures,
  });
  return {
    call: (operation) => breaker.fire(operation),
    onOpen: (listener) => void breaker.on("open", listener),
    [Symbol.dispose]: () => breaker.shutdown(),
  };
}

/** Replaces the breaker by one with its statistics, as its documentation says for other processes. */
function opossumLive({ openForMs, failures = 2 }: SubjectSettings): LiveSubject {
  const create = (volumeThreshold: number, status?: Opossum.Status): Opossum<[Operation], string> =>
    new Opossum((operation: Operation) => operation(), {
      timeout: false,
      resetTimeout: openForMs,
      volumeThreshold,
      ...(status !== undefined && { status }),
    });
  let breaker = create(failures);
  return {
    call: (operation) => breaker.fire(operation),
    onOpen: (listener) => void breaker.on("open", listener),
    setFailures: (threshold) => {
      const { stats } = breaker;
      breaker.shutdown();
      breaker = create(threshold, Opossum.newStatus({ stats }));
    },
    [Symbol.dispose]: () => breaker.shutdown(),
  };
}

/** mollitia counts by rate alone; a rate of 100 turns its criterion off, so 99 stands for all. */
function mollitiaSubject(
  { openForMs, timeLimitMs, failures = 2 }: SubjectSettings,
  halfOpenStateMaxDelay = 0,
): LiveSubject {
  const breaker = new mollitia.SlidingCountBreaker({
    slidingWindowSize: failures,
    minimumNumberOfCalls: failures,
    failureRateThreshold: 99,
    openStateDelay: openForMs,
    permittedNumberOfCallsInHalfOpenState: 1,
    halfOpenStateMaxDelay,
  });
  const limit = timeLimitMs === undefined ? [] : [new mollitia.Timeout({ delay: timeLimitMs })];
  const circuit = new mollitia.Circuit({
    func: (operation: Operation) => operation(),
    options: { modules: [breaker, ...limit] },
  });
  return {
    call: (operation) => circuit.execute<string>(operation),
    onOpen: (listener) =>
      void breaker.on("state-changed", (state: unknown) => {
        if (state === "opened") listener();
      }),
    setFailures: (threshold) => {
      breaker.slidingWindowSize = threshold;
      breaker.minimumNumberOfCalls = threshold;
    },
    [Symbol.dispose]: () => circuit.dispose(),
  };
}

/** Switchgear first, then the peers in the order of the alphabet. */
export const FAULT_CONTENDERS: readonly FaultContender[] = [
  { name: "Switchgear", create: switchgear, live: { means: "`setPolicy`", create: switchgear } },
  {
    name: "cockatiel 4.0.0",
    create: cockatiel,
    live: { means: "a new breaker from `toJSON()`", create: cockatielLive },
  },
  { name: "effect 4.1.0", create: effectSubject },
  {
    name: "mollitia 0.1.1",
    create: (settings) => mollitiaSubject(settings),
    live: { means: "its public fields", create: (settings) => mollitiaSubject(settings) },
    probeLimit: {
      option: "halfOpenStateMaxDelay",
      create: (settings) => mollitiaSubject(settings, settings.openForMs),
    },
  },
  {
    name: "opossum 10.0.0",
    create: opossum,
    live: { means: "a new breaker with its statistics", create: opossumLive },
  },
];
