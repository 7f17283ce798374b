/**
 * Explores every sequence of events in each scope on production and on the
 * reference model, prints each difference as a conformance case, and closes
 * with what was gone through; exits with 1 on a difference, or where fewer
 * distinct states were reached than demanded.
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { Interruption } from "../../cli/interruption.ts";
import { type CrewPlan, runCrew } from "./crew.ts";
import type { Order, ScopeReport } from "./protocol.ts";
import type { Scope } from "./scope.ts";
import { scopeNamed, SCOPES } from "./scopes.ts";

const USAGE = `Usage: deno run -A tests/explore/main.ts [options]

Has every sequence of events happen to the breaker and to the reference model,
up to a depth, and compares both after each step. A state that was reached
before is not gone on from. Prints each difference as a conformance case, the
shortest sequence of its scope, and closes with

    N distinct states, N steps, depth N to N, N seconds, N differences

which tells what it has come to where it is interrupted (Ctrl-C), with status 130.

  --scope NAME   explores this scope alone; may be given several times
  --depth N      goes to sequences of N events in each scope, in place of its own depth
  --minutes N    goes as deep as N minutes allow; with --depth, at most so deep
  --states N     fails where fewer distinct states are reached
  --workers N    explores so many scopes at a time; all cores unless given
  -h, --help     shows this

Scopes, and the depth that each goes to:
`;

/** What was asked for. */
interface Wishes {
  readonly scopes: readonly Scope[];
  readonly depth: number | undefined;
  readonly minutes: number | undefined;
  readonly states: number;
  readonly workers: number;
}

/** A wish that cannot be met. */
class UsageError extends Error {}

function usage(): string {
  const scopes = SCOPES.map(({ name, depth, about }) => {
    const length = depth === Infinity ? "all" : String(depth);
    return `  ${name.padEnd(20)} ${length.padStart(3)}  ${about}\n`;
  });
  return USAGE + scopes.join("");
}

function wishesOf(args: readonly string[]): Wishes | undefined {
  const { values } = parse(args);
  if (values.help) return undefined;
  const scopes = values.scope?.map((name) => {
    const scope = scopeNamed(name);
    if (scope !== undefined) return scope;
    const known = SCOPES.map((each) => `"${each.name}"`).join(", ");
    throw new UsageError(`There is no scope "${name}", only ${known}`);
  });
  return {
    scopes: scopes ?? SCOPES,
    depth: positive("depth", values.depth, Number.isInteger),
    minutes: positive("minutes", values.minutes, Number.isFinite),
    states: positive("states", values.states, Number.isInteger) ?? 0,
    workers: positive("workers", values.workers, Number.isInteger) ?? navigator.hardwareConcurrency,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        scope: { type: "string", multiple: true },
        depth: { type: "string" },
        minutes: { type: "string" },
        states: { type: "string" },
        workers: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function positive(
  name: string,
  text: string | undefined,
  holds: (value: number) => boolean,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== "" && holds(value) && value > 0) return value;
  throw new UsageError(`--${name} must be a positive number, received "${text}"`);
}

/** The orders that the wishes come to. Where time is what limits, what small scopes leave of theirs goes to the large ones. */
function ordersFor({ scopes, depth, minutes, workers }: Wishes): CrewPlan["orders"] {
  if (minutes === undefined) {
    return scopes.map((scope) => () => ({
      scope: scope.name,
      depth: depth ?? scope.depth,
      until: Infinity,
    }));
  }
  const end = Date.now() + minutes * 60_000;
  return scopes.toReversed().map((scope, index) => (): Order => {
    const share = (end - Date.now()) * workers / (scopes.length - index);
    const until = Math.min(end, Date.now() + share);
    return { scope: scope.name, depth: depth ?? Infinity, until };
  });
}

function describe({ scope, states, steps, depth, complete, full }: ScopeReport): string {
  const ways = complete
    ? `every sequence: none longer than ${depth} leads anywhere new`
    : `every sequence of ${depth} events${full ? ", then memory was full" : ""}`;
  return `${scope}: ${states} distinct states, ${steps} steps, ${ways}`;
}

async function explore(wishes: Wishes): Promise<number> {
  const startedAt = performance.now();
  using interruption = new Interruption();
  const seconds = (): number => Math.round((performance.now() - startedAt) / 1000);
  const reports = await runCrew({
    orders: ordersFor(wishes),
    workers: wishes.workers,
    signal: interruption.signal,
    tell: (report) => console.error(`${seconds()} s: ${describe(report)}`),
  });
  const sum = (value: (report: ScopeReport) => number): number =>
    reports.reduce((total, report) => total + value(report), 0);
  const states = sum((report) => report.states);
  const differences = reports.filter((report) => report.difference !== "");
  for (const report of reports) console.log(describe(report));
  for (const { difference } of differences) console.log(difference);
  const depths = reports.length === 0 ? [0] : reports.map((report) => report.depth);
  console.log(
    `${states} distinct states, ${sum((report) => report.steps)} steps, ` +
      `depth ${Math.min(...depths)} to ${Math.max(...depths)}, ${seconds()} seconds, ` +
      `${differences.length} differences`,
  );
  if (interruption.status !== undefined) {
    console.error("Interrupted");
    return interruption.status;
  }
  if (states < wishes.states) {
    console.error(`Reached ${states} distinct states, fewer than the ${wishes.states} demanded`);
  }
  return differences.length > 0 || states < wishes.states ? 1 : 0;
}

async function main(args: readonly string[]): Promise<number> {
  try {
    const wishes = wishesOf(args);
    if (wishes === undefined) {
      console.log(usage());
      return 0;
    }
    return await explore(wishes);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    if (error instanceof UsageError) console.error("Try --help");
    return 2;
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
