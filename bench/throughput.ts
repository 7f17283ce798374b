/**
 * Real HTTP on loopback with and without the breaker: requests per second, and
 * the latency that callers see.
 *
 *     deno run -A bench/throughput.ts [--quick]
 *
 * Prints samples as JSON lines. The server is a process of its own; both ways
 * take turns, so that a machine that warms up favours neither.
 */
import { createBreaker } from "../mod.ts";
import { denoCommand } from "../tests/programs/deno_command.ts";
import { printSample, type Unit } from "./report/sample.ts";

const QUICK = Deno.args.includes("--quick");
const LEG_MS = QUICK ? 1_000 : 3_000;
const LEGS = QUICK ? 1 : 2;
const CALLERS = 32;
const BODY_LENGTH = "ok".length;

type Call = () => Promise<number>;

/** Calls for a while from many callers at once, and returns every latency in milliseconds. */
async function load(call: Call, forMs: number): Promise<number[]> {
  const latencies: number[] = [];
  const until = performance.now() + forMs;
  const caller = async (): Promise<void> => {
    for (let from = performance.now(); from < until;) {
      if (await call() !== BODY_LENGTH) throw new Error("The service answered something else");
      const now = performance.now();
      latencies.push(now - from);
      from = now;
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return latencies;
}

async function startServer(): Promise<{ child: Deno.ChildProcess; url: string }> {
  const child = denoCommand({
    args: ["run", "-A", "--no-check", new URL("./throughput_server.ts", import.meta.url).href],
    stdout: "piped",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream());
  for await (const line of lines) return { child, url: `http://127.0.0.1:${line.trim()}/` };
  throw new Error("The server did not start");
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

const { child, url } = await startServer();
try {
  const breaker = createBreaker("throughput", {
    failureRateThreshold: 0.5,
    slowCallThreshold: "1s",
    slowCallRateThreshold: 0.5,
  });
  const limited = createBreaker("throughput with a limit", { timeout: "10s" });
  const request = async (signal?: AbortSignal): Promise<number> => {
    const response = await fetch(url, signal && { signal });
    return (await response.text()).length;
  };
  const ways: Record<string, Call> = {
    "no breaker": () => request(),
    "breaker": () => breaker.do(() => request()),
    "breaker with a timeout": () => limited.do(request),
  };
  const latencies: Record<string, number[]> = {};
  for (const call of Object.values(ways)) await load(call, LEG_MS / 4);
  for (let leg = 0; leg < LEGS; leg++) {
    for (const [name, call] of Object.entries(ways)) {
      latencies[name] = [...latencies[name] ?? [], ...await load(call, LEG_MS)];
    }
  }
  for (const [name, values] of Object.entries(latencies)) {
    const print = (group: string, unit: Unit, value: number): void =>
      printSample({ suite: "throughput", group, name, unit, value });
    const sorted = Float64Array.from(values).sort();
    print("requests per second", "1/s", values.length / (LEGS * LEG_MS / 1_000));
    for (const [label, share] of [["p50", 0.5], ["p99", 0.99], ["p999", 0.999]] as const) {
      print(`latency ${label}`, "ms", percentile([...sorted], share));
    }
  }
} finally {
  child.kill();
  await child.status;
}
