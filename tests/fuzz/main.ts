/**
 * Fuzzes what comes from outside for as long as it is told:
 *
 *     deno task fuzz --for 10m --seed 1
 *
 * Prints progress, each input for which a property does not hold, made as small
 * as it could be, and a closing line with the number of inputs and faults. Exits
 * with 1 if there was a fault, with 2 for wrong usage, with 130 where it was
 * interrupted (Ctrl-C).
 *
 * @module
 */
import process from "node:process";
import { setImmediate } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Interruption } from "../../cli/interruption.ts";
import { parseDuration } from "../../src/time/duration.ts";
import { describeFinding, tryInput } from "./fuzz.ts";
import type { FuzzTarget } from "./target.ts";
import { TARGETS } from "./targets/all.ts";

const USAGE = `Usage: deno task fuzz [options]

Hands made-up and mangled input to everything that takes input from outside.

  --for DURATION    how long, such as 10m or 90s (default: 1m)
  --inputs N        how many inputs of each target, in place of a time
  --seed N          the first seed (default: drawn, and printed)
  --target NAME     only this target; may be repeated
  --list            prints the targets and ends
  -h, --help        shows this
`;

/** From one line of progress to the next. */
const PROGRESS_MS = 10_000;
/** Faults of one target after which it is left alone. */
const MAX_FAULTS = 5;

/** How far a target has come. */
interface Progress {
  readonly inputs: number;
  readonly faults: number;
}

const NOTHING_YET: Progress = { inputs: 0, faults: 0 };

interface Options {
  readonly targets: readonly FuzzTarget[];
  readonly seed: number;
  readonly forMs: number;
  readonly inputs: number;
}

function readOptions(args: string[]): Options | "help" | "list" {
  const { values } = parseArgs({
    args,
    options: {
      for: { type: "string" },
      inputs: { type: "string" },
      seed: { type: "string" },
      target: { type: "string", multiple: true },
      list: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return "help";
  if (values.list) return "list";
  const seed = values.seed ?? String(Math.floor(Math.random() * 2 ** 31));
  const inputs = values.inputs ?? "Infinity";
  if (!/^-?\d+$/.test(seed)) throw new RangeError(`--seed must be an integer, received "${seed}"`);
  if (values.inputs !== undefined && !/^[1-9]\d*$/.test(inputs)) {
    throw new RangeError(`--inputs must be a positive integer, received "${inputs}"`);
  }
  const targets = (values.target ?? TARGETS.map(({ name }) => name)).map((name) => {
    const target = TARGETS.find((each) => each.name === name);
    if (target === undefined) throw new RangeError(`There is no target "${name}"; see --list`);
    return target;
  });
  const forMs = values.inputs === undefined ? parseDuration(values.for ?? "1m") : Infinity;
  if (!(forMs > 0)) throw new RangeError(`--for must be above 0, received "${values.for}"`);
  return { targets, seed: Number(seed), forMs, inputs: Number(inputs) };
}

async function fuzz({ targets, seed, forMs, inputs }: Options): Promise<number> {
  using interruption = new Interruption();
  const startMs = performance.now();
  const elapsedMs = (): number => performance.now() - startMs;
  const progress = new Map<FuzzTarget, Progress>();
  let tried = 0;
  let found = 0;
  let nextProgressMs = PROGRESS_MS;
  console.log(`seed ${seed}`);
  const isDone = (target: FuzzTarget): boolean => {
    if (interruption.status !== undefined) return true;
    const { inputs: done, faults } = progress.get(target) ?? NOTHING_YET;
    return done >= inputs || faults >= MAX_FAULTS || elapsedMs() >= forMs;
  };
  while (!targets.every(isDone)) {
    for (const target of targets) {
      // Targets that take long have fewer inputs, in the same proportion as in the short form.
      for (let left = Math.ceil(target.short / 50); left > 0 && !isDone(target); left--) {
        const before = progress.get(target) ?? NOTHING_YET;
        const finding = await tryInput(target, seed + before.inputs);
        progress.set(target, {
          inputs: before.inputs + 1,
          faults: before.faults + (finding === undefined ? 0 : 1),
        });
        tried++;
        if (finding === undefined) continue;
        found++;
        console.log(describeFinding(finding));
      }
      await setImmediate(); // signals are heard between turns of the event loop
    }
    if (elapsedMs() < nextProgressMs) continue;
    nextProgressMs = elapsedMs() + PROGRESS_MS;
    console.log(`${(elapsedMs() / 1_000).toFixed(0)} s: ${tried} inputs, ${found} faults`);
  }
  console.log(`${tried} inputs, ${found} faults`);
  if (interruption.status !== undefined) {
    console.error("Interrupted");
    return interruption.status;
  }
  return found > 0 ? 1 : 0;
}

async function main(args: string[]): Promise<number> {
  let options;
  try {
    options = readOptions(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    return 2;
  }
  if (options === "help") console.log(USAGE);
  else if (options === "list") TARGETS.forEach(({ name }) => console.log(name));
  else return await fuzz(options);
  return 0;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
