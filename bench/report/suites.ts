import { fileURLToPath } from "node:url";
import { PlatformMissingError } from "../../tests/everywhere/platform.ts";
import { denoCommand } from "../../tests/programs/deno_command.ts";
import { type NodeScript, nodeScript } from "./node_project.ts";
import { parseBenchJson, parseSampleLines, type Sample } from "./sample.ts";

const BENCH = fileURLToPath(new URL("../", import.meta.url));
/** Suites that `deno bench` runs, and those that are scripts. */
const BENCHES = ["peers", "scale", "patterns", "integrations"];
const SCRIPTS = ["stall", "memory", "throughput"];
const TIMEOUTS = "timeouts.ts";

/** One of the rounds. */
export interface Turn {
  /** Whether it is short. */
  readonly quick: boolean;
  /** Its number, from 0. */
  readonly round: number;
}

/** A suite, which runs in a process of its own. */
export interface Suite {
  readonly name: string;
  /** Measures all of it once. */
  run(turn: Turn): Promise<Sample[]>;
}

/** Where suites run. */
export interface SuitesOptions {
  /** An empty folder, for what the suite on Node needs. */
  readonly folder: string;
  /** Ends what runs. */
  readonly signal: AbortSignal;
}

/** All suites in the order of the report, and the Node of the one that runs on it, unless it cannot be had. */
export async function allSuites(
  options: SuitesOptions,
): Promise<{ suites: Suite[]; node: NodeScript | undefined }> {
  const { signal } = options;
  const node = await nodeIfThere(options);
  const onNode: Suite[] = node === undefined ? [] : [{
    name: "timeouts on Node",
    run: async (turn) => parseSampleLines(await node.run(scriptArgs(turn))),
  }];
  const suites = [
    script("hot_path", "hot_path.ts", signal),
    script("timeouts on Deno", TIMEOUTS, signal),
    ...onNode,
    ...BENCHES.map((name) => bench(name, signal)),
    ...SCRIPTS.map((name) => script(name, `${name}.ts`, signal)),
  ];
  return { suites, node };
}

async function nodeIfThere(options: SuitesOptions): Promise<NodeScript | undefined> {
  try {
    return await nodeScript(TIMEOUTS, options);
  } catch (error) {
    if (!(error instanceof PlatformMissingError)) throw error;
    console.error(`Nothing is measured on Node. ${error.message}`);
    return undefined;
  }
}

function bench(name: string, signal: AbortSignal): Suite {
  const args = ["bench", "-A", "--no-check", "--json", `${BENCH}${name}_bench.ts`];
  return {
    name,
    run: async (turn) => parseBenchJson(name, await runDeno(args, { turn, signal })),
  };
}

function script(name: string, file: string, signal: AbortSignal): Suite {
  const args = ["run", "-A", "--no-check", `${BENCH}${file}`];
  return {
    name,
    run: async (turn) =>
      parseSampleLines(await runDeno([...args, ...scriptArgs(turn)], { turn, signal })),
  };
}

function scriptArgs({ quick }: Turn): string[] {
  return quick ? ["--quick"] : [];
}

/** Runs Deno in a process of its own, its complaints going where ours go, and returns what it printed. */
async function runDeno(
  args: readonly string[],
  { turn: { quick, round }, signal }: { readonly turn: Turn; readonly signal: AbortSignal },
): Promise<string> {
  const { code, stdout } = await denoCommand({
    args,
    env: { BENCH_ROUND: `${round}`, NO_COLOR: "1", ...(quick && { BENCH_QUICK: "1" }) },
    stdout: "piped",
    stderr: "inherit",
    signal,
  }).output();
  if (code !== 0) throw new Error(`deno ${args.join(" ")} ended with status ${code}`);
  return new TextDecoder().decode(stdout);
}
