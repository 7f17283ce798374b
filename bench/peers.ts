/**
 * The peers, each configured as near to Switchgear as it allows. All of them
 * guard the operation that each call brings along, where a peer would rather
 * take it once, it takes one that calls what it is given.
 */
import { circuitBreaker as alfredBreaker } from "npm:@git-stunts/alfred@0.10.3";
import {
  circuitBreaker,
  ConsecutiveBreaker,
  CountBreaker,
  handleAll,
  type IBreaker,
  SamplingBreaker,
} from "npm:cockatiel@4.0.0";
import * as Effect from "npm:effect@4.1.0/Effect";
import * as Layer from "npm:effect@4.1.0/Layer";
import * as ManagedRuntime from "npm:effect@4.1.0/ManagedRuntime";
import * as EffectBreaker from "npm:effect@4.1.0/persistence/CircuitBreaker";
import * as mollitia from "npm:mollitia@0.1.1";
// @ts-types="npm:@types/opossum@8.1.9"
import Opossum from "npm:opossum@10.0.0";
import { type BreakerSettings, createBreaker, type Policy } from "../mod.ts";
import type { AsyncWork, Guard } from "./work.ts";

/** Which of a peer's costs is measured: a peer may need other settings for each. */
export type Scene = "success" | "failure" | "open";

/** A library and a way of setting it up. */
export interface Contender {
  /** Library and variant. */
  readonly name: string;
  /**
   * Creates a breaker. It opens at 90 % failures of at least 20 calls, or at
   * five in a row, and then for a day.
   */
  create(scene: Scene): Guard | Promise<Guard>;
}

const DAY_MS = 86_400_000;
const RATE = 0.9;
const MINIMUM = 20;
const SIZE = 100;
const DURATION_MS = 10_000;

function switchgear(policy: Policy, settings: BreakerSettings = {}): Contender["create"] {
  return () => {
    const breaker = createBreaker("peer", { openStateTimeout: "24h", ...policy }, settings);
    return (operation) => breaker.do(operation);
  };
}

const EVERY_CRITERION: Policy = {
  failureRateThreshold: RATE,
  slowCallThreshold: "1s",
  slowCallRateThreshold: RATE,
  timeoutRateThreshold: RATE,
};

function cockatiel(breaker: () => IBreaker): Contender["create"] {
  return () => {
    const policy = circuitBreaker(handleAll, { halfOpenAfter: DAY_MS, breaker: breaker() });
    return (operation) => policy.execute(operation);
  };
}

/** alfred counts failures in a row, and nothing else. */
function alfred(): Contender["create"] {
  return () => {
    const policy = alfredBreaker({ threshold: 5, duration: DAY_MS });
    return (operation) => policy.execute(operation);
  };
}

function opossum(timeout: number | false): Contender["create"] {
  return (scene) => {
    const breaker = new Opossum((operation: AsyncWork) => operation(), {
      timeout,
      resetTimeout: DAY_MS,
      errorThresholdPercentage: RATE * 100,
      volumeThreshold: MINIMUM,
      // With percentiles, its default, each failure sorts all latencies of ten seconds:
      // the cost would grow with how long the bench has run.
      rollingPercentilesEnabled: scene === "success",
    });
    return (operation) => breaker.fire(operation);
  };
}

function mollitiaBreaker(
  window: "SlidingCountBreaker" | "SlidingTimeBreaker",
  slidingWindowSize: number,
): Contender["create"] {
  return () => {
    const module = new mollitia[window]({
      slidingWindowSize,
      minimumNumberOfCalls: MINIMUM,
      failureRateThreshold: RATE * 100,
      openStateDelay: DAY_MS,
    });
    const circuit = new mollitia.Circuit({
      func: (operation: AsyncWork) => operation(),
      options: { modules: [module] },
    });
    return (operation) => circuit.execute<number>(operation);
  };
}

const EFFECT_RATE = EffectBreaker.rate({ threshold: RATE, size: SIZE, minimumCalls: MINIMUM });

function effect(tripPolicy: EffectBreaker.TripPolicy): Contender["create"] {
  return async () => (await effectGuards(tripPolicy))("peer");
}

async function effectGuards(
  tripPolicy: EffectBreaker.TripPolicy,
): Promise<(key: string) => Guard> {
  const runtime = ManagedRuntime.make(
    EffectBreaker.layer({ tripPolicy, openDuration: DAY_MS }).pipe(
      Layer.provide(EffectBreaker.layerStoreMemory()),
    ),
  );
  const breaker = await runtime.runPromise(EffectBreaker.CircuitBreaker);
  return (key) => (operation) => runtime.runPromise(breaker.execute(effectOf(operation), { key }));
}

/** One breaker of effect, which keeps a circuit per key. */
export function effectByKey(): Promise<(key: string) => Guard> {
  return effectGuards(EFFECT_RATE);
}

function effectOf(operation: AsyncWork): Effect.Effect<number, unknown> {
  return Effect.tryPromise({ try: operation, catch: (error) => error });
}

/** One error for all that an opening refuses. */
export const SHARED_REFUSAL: Contender = {
  name: "switchgear, one error for all",
  create: switchgear({}, { freshErrors: false }),
};

/** Switchgear first, then the peers. */
export const CONTENDERS: readonly Contender[] = [
  { name: "switchgear, consecutive", create: switchgear({}) },
  {
    name: "switchgear, count window",
    create: switchgear({ failureRateThreshold: RATE, minimumCalls: MINIMUM }),
  },
  { name: "switchgear, every criterion", create: switchgear(EVERY_CRITERION) },
  {
    name: "switchgear, every criterion, time window",
    create: switchgear({
      ...EVERY_CRITERION,
      window: { kind: "time", duration: DURATION_MS, buckets: 10 },
    }),
  },
  { name: "switchgear, timeout", create: switchgear({ timeout: "10s" }) },
  { name: "cockatiel, consecutive", create: cockatiel(() => new ConsecutiveBreaker(5)) },
  {
    name: "cockatiel, count",
    create: cockatiel(() =>
      new CountBreaker({ threshold: RATE, size: SIZE, minimumNumberOfCalls: MINIMUM })
    ),
  },
  {
    name: "cockatiel, sampling",
    create: cockatiel(() => new SamplingBreaker({ threshold: RATE, duration: DURATION_MS })),
  },
  { name: "alfred, consecutive", create: alfred() },
  { name: "opossum", create: opossum(10_000) },
  { name: "opossum, no timeout", create: opossum(false) },
  { name: "mollitia, count", create: mollitiaBreaker("SlidingCountBreaker", SIZE) },
  { name: "mollitia, time", create: mollitiaBreaker("SlidingTimeBreaker", DURATION_MS) },
  { name: "effect, consecutive", create: effect(EffectBreaker.consecutive(5)) },
  {
    name: "effect, rate",
    create: effect(EFFECT_RATE),
  },
  // What effect costs that is not its breaker.
  {
    name: "effect, no breaker",
    create: () => (operation) => Effect.runPromise(effectOf(operation)),
  },
];
