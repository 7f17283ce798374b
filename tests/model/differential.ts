/**
 * Drives the reference model and production through the same made-up histories
 * and compares everything that can be observed. Each seed is one history.
 *
 *     deno run -A tests/model/differential.ts --seeds 100000 --from 1
 *
 * prints progress and each difference, shrunk, as a conformance case; exits
 * with 1 if there was any.
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { caseOf } from "./differential_case.ts";
import { makeHistory } from "./differential_history.ts";
import { shrink } from "./differential_shrink.ts";

/** Runs one history; says how the sides part if they do. */
export async function differenceOf(seed: number): Promise<string | undefined> {
  const { history, difference } = await makeHistory(seed);
  if (difference === undefined) return undefined;
  const shrunk = await shrink({ history, difference });
  const values = shrunk.difference.values.map(({ name, allowed, seen }) =>
    `  ${name}: the model allows ${JSON.stringify(allowed)}, production shows ${
      JSON.stringify(seen)
    }`
  );
  const { steps, ...head } = await caseOf(shrunk, seed);
  return [
    ...values,
    JSON.stringify(head).replace(/}$/, ', "steps": ['),
    steps.map((step) => `  ${JSON.stringify(step)}`).join(",\n") + "]}",
  ].join("\n");
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "10000" },
      from: { type: "string", default: "1" },
    },
  });
  const from = Number(values.from);
  const seeds = Number(values.seeds);
  let differences = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const difference = await differenceOf(seed);
    if (difference !== undefined) {
      differences++;
      console.log(`seed ${seed}\n${difference}`);
    }
    const done = seed - from + 1;
    if (done % 5000 === 0) console.log(`${done} histories, ${differences} differences`);
  }
  console.log(`${seeds} histories, ${differences} differences`);
  return differences > 0 ? 1 : 0;
}

if (import.meta.main) process.exitCode = await main();
