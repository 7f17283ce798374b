/**
 * Bytes per breaker, unused and used, and timers alive, ours beside the peers':
 *
 *     deno run -A bench/memory.ts [--quick]
 *
 * Prints samples as JSON lines. Heap and external memory are read after forced
 * collections, before and after very many breakers are created; their names and
 * what is compiled to make them are there before. "Used" means 120 calls, more
 * than any window here holds, one in ten of which failed. The closure through
 * which the bench calls each of them is weighed first and taken off.
 */
import { liveTimers } from "./timers.ts"; // first, so that the peers get its timers
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type BreakerSettings, createBreaker, type Policy } from "../mod.ts";
import { crowdNames, gather } from "./crowd.ts";
import { CONTENDERS, effectByKey } from "./peers.ts";
import { printSample, type Unit } from "./report/sample.ts";
import { type AsyncWork, FAILURE, type Guard, nextWork } from "./work.ts";

setFlagsFromString("--expose-gc");
const collect: unknown = runInNewContext("gc");

const SCALE = Deno.args.includes("--quick") ? 0.1 : 1;
const CALLS = 120;

/** Something whose instances are weighed. */
interface Subject {
  readonly name: string;
  readonly instances: number;
  /** Creates an instance for each name. */
  create(names: readonly string[]): Guard[] | Promise<Guard[]>;
}

const EVERY_CRITERION: Policy = {
  failureRateThreshold: 0.9,
  slowCallThreshold: "1s",
  slowCallRateThreshold: 0.9,
  timeoutRateThreshold: 0.9,
};
const TIME: Policy = { window: { kind: "time", duration: "10s", buckets: 10 } };

/** The closure that calls an instance, without one. */
const CLOSURE: Subject = {
  name: "closure",
  instances: 50_000,
  create: (names) => names.map((name) => (operation) => name === "" ? failing() : operation()),
};

const SUBJECTS: readonly Subject[] = [
  ofProvider("switchgear, of a provider", {}),
  ofProvider("switchgear, of a provider, time window", TIME),
  standalone("switchgear, createBreaker", {}),
  standalone("switchgear, createBreaker, every criterion", EVERY_CRITERION),
  standalone("switchgear, createBreaker with settings", {}, { logger: console }),
  peer("cockatiel, consecutive", 10_000),
  peer("cockatiel, count", 10_000),
  peer("cockatiel, sampling", 10_000),
  peer("alfred, consecutive", 10_000),
  peer("opossum", 1_000),
  peer("mollitia, count", 1_000),
  peer("mollitia, time", 1_000),
  { name: "effect, one key each", instances: 2_500, create: effectKeys },
];

function ofProvider(name: string, defaults: Policy): Subject {
  return {
    name,
    instances: 50_000,
    create: async (names) => {
      const { provider, setDefault } = await gather(0, names.length);
      setDefault(defaults);
      await quiet();
      return names.map((name) => {
        const breaker = provider.getBreaker(name);
        return (operation) => breaker.do(operation);
      });
    },
  };
}

function standalone(name: string, policy: Policy, settings?: BreakerSettings): Subject {
  return {
    name,
    instances: 50_000,
    create: (names) =>
      names.map((name) => {
        const breaker = createBreaker(name, policy, settings);
        return (operation) => breaker.do(operation);
      }),
  };
}

function peer(name: string, instances: number): Subject {
  const contender = CONTENDERS.find((contender) => contender.name === name);
  if (contender === undefined) throw new Error(`No contender is called "${name}"`);
  return {
    name,
    instances,
    create: (names) => Promise.all(names.map(() => contender.create("failure"))),
  };
}

async function effectKeys(names: readonly string[]): Promise<Guard[]> {
  const ofKey = await effectByKey();
  return names.map(ofKey);
}

function failing(): Promise<number> {
  return Promise.reject(FAILURE);
}

/** Lets timers fire that end a burst of calls. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

function heapBytes(): number {
  if (typeof collect !== "function") throw new Error("Cannot force a collection");
  for (let i = 0; i < 4; i++) collect();
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

async function use(guards: readonly Guard[]): Promise<void> {
  for (const guard of guards) {
    for (let i = 0; i < CALLS; i++) {
      const operation: AsyncWork = i % 10 === 9 ? failing : nextWork();
      await guard(operation).catch(() => {});
    }
  }
}

interface Weight {
  readonly bytes: number;
  readonly timers: number;
}

/** Weighs instances before and after their use; they are let go of afterwards. */
async function weigh(subject: Subject): Promise<{ unused: Weight; used: Weight }> {
  await use(await subject.create(crowdNames(100))); // compiles what is to be weighed
  const instances = Math.round(subject.instances * SCALE);
  const names = crowdNames(instances);
  await quiet();
  const bytesBefore = heapBytes();
  const timersBefore = liveTimers();
  const since = (): Weight => ({
    bytes: (heapBytes() - bytesBefore) / instances,
    timers: (liveTimers() - timersBefore) / instances,
  });
  const guards = await subject.create(names);
  await quiet();
  const unused = since();
  await use(guards);
  await quiet();
  const used = since();
  if (guards.length !== instances) throw new Error("Some were collected");
  return { unused, used };
}

const closure = (await weigh(CLOSURE)).unused.bytes;
for (const subject of SUBJECTS) {
  const weights = await weigh(subject);
  for (const [when, { bytes, timers }] of Object.entries(weights)) {
    const print = (group: string, unit: Unit, value: number): void =>
      printSample({ suite: "memory", group, name: subject.name, unit, value });
    print(`bytes, ${when}`, "B", bytes - closure);
    print(`live timers, ${when}`, "timers", timers);
  }
}
Deno.exit(0); // what the peers leave running
