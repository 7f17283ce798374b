/**
 * All patterns around one real HTTP call: a service on this machine works, fails, stalls and is
 * busy, and each layer of the call is seen to act.
 *
 * Run it from a clone: `deno run --allow-net=127.0.0.1 examples/resilient_call.ts`. It takes about
 * six seconds.
 */
import {
  createBreaker,
  createCacheFallback,
  createHedge,
  createRetry,
  createWorkerPool,
  pipeline,
  resilient,
} from "../mod.ts";
import { MenuService } from "./resilient_call/menu_service.ts";

const USAGE = `Usage: deno run --allow-net=127.0.0.1 examples/resilient_call.ts [--help]

Shows the patterns around a real HTTP call, each at work, in about six seconds.`;

/** What the service answers instead of a menu; a retry finds a Retry-After in its `response`. */
class ServiceError extends Error {
  readonly response: Response;

  constructor(response: Response) {
    super(`the service answered ${response.status}`);
    this.response = response;
  }
}

if (Deno.args.includes("--help")) console.log(USAGE);
else if (Deno.args.length > 0) {
  console.error(`Unknown argument ${Deno.args[0]}\n${USAGE}`);
  Deno.exitCode = 2;
} else {
  await using service = await MenuService.start();
  await showBuilder(service);
  await showPipeline(service);
}

/** The six layers of the builder, one after the other. */
async function showBuilder(service: MenuService): Promise<void> {
  const breaker = createBreaker("menu", {
    failureThreshold: 3,
    successThreshold: 1,
    openStateTimeout: "400ms",
  });
  const call = resilient<string>({ name: "menu" })
    .rateLimit({ rate: 20, burst: 15 })
    .bulkhead({ maxConcurrent: 3, maxQueued: 2, maxWait: "1s" })
    .timeout("1500ms")
    .breaker(breaker)
    .retry({ maxRetries: 2, backoff: "20ms" }, { maxRetryAfter: "1s" })
    .fallback((error) => `bread (${messageOf(error)})`)
    .build();
  const order = (): Promise<string> => call.do((signal) => fetchMenu(service.url, signal));
  tell("resilient()…build()", [call.describe()]);

  tell("The service works", [await order(), requests(service)]);

  service.mood = "fails once";
  tell("Retry: it fails once", [await order(), requests(service)]);

  service.mood = "busy once";
  const since = performance.now();
  const served = await order();
  const seconds = ((performance.now() - since) / 1_000).toFixed(1);
  tell("Retry-After: it is busy, and asks for a second", [
    `${served}, after ${seconds}s`,
    requests(service),
  ]);

  service.mood = "stalls";
  tell("Timeout: it never answers", [await order(), requests(service)]);

  service.mood = "slow";
  tell("Bulkhead: ten guests at once", [
    ...tally(await Promise.all(Array.from({ length: 10 }, order))),
    requests(service),
  ]);

  await sleep(1_000); // the bucket is full again
  service.mood = "works";
  const row: string[] = [];
  for (let i = 0; i < 30; i++) row.push(await order());
  tell("Rate limit: thirty guests in a row", [...tally(row), requests(service)]);

  await sleep(1_000);
  service.mood = "fails";
  const failed: string[] = [];
  for (let i = 0; i < 5; i++) failed.push(await order());
  tell("Breaker: it is out of order, for five guests", [
    ...tally(failed),
    `${requests(service)}; the breaker is ${breaker.state}`,
  ]);

  service.mood = "works";
  await sleep(450);
  tell("Breaker: it works again, and the open time is over", [
    await order(),
    `${requests(service)}; the breaker is ${breaker.state}`,
  ]);
}

/** Other layers, in an order of one's own; the worker pool makes the calls. */
async function showPipeline(service: MenuService): Promise<void> {
  const warnings: string[] = [];
  const logger = { ...console, warn: (message: string) => void warnings.push(message) };
  const cache = createCacheFallback<string>({
    cache: new Map(),
    ttl: "500ms",
    staleTtl: "1m",
    name: "specials",
    logger,
  });
  const hedge = createHedge({ delay: "100ms" });
  const call = pipeline(
    cache.layer("today"),
    hedge,
    createBreaker("specials", { timeout: "1s" }),
    createRetry({ maxRetries: 1, backoff: "20ms" }, { maxRetryAfter: null }),
  );
  const order = (): Promise<string> => call.do((signal) => fetchMenu(service.url, signal));
  tell("pipeline(…)", [call.describe()]);

  service.mood = "stalls once";
  const answer = await order();
  tell("Hedge: it stalls once", [
    `${answer}, from ${hedge.counts.wins === 1 ? "the hedge" : "the first attempt"}`,
    requests(service),
  ]);

  await using pool = createWorkerPool({ workers: 2, maxQueued: 6 });
  const jobs = Array.from({ length: 8 }, () => pool.submit(order));
  tell("Worker pool and cache: eight guests right after", [
    ...tally(await Promise.all(jobs)),
    requests(service),
  ]);

  await sleep(550);
  service.mood = "fails";
  tell("Cache: it is out of order, and the cache is stale", [
    await order(),
    requests(service),
    ...warnings.map((message) => `log: ${message}`),
  ]);
}

async function fetchMenu(url: string, signal: AbortSignal | undefined): Promise<string> {
  const response = await fetch(url, { signal: signal ?? null });
  if (response.ok) return await response.text();
  await response.body?.cancel();
  throw new ServiceError(response);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function requests(service: MenuService): string {
  const { requests, peak } = service.takeCounts();
  const atOnce = peak > 1 ? `, at most ${peak} at once` : "";
  return `${requests} ${requests === 1 ? "request" : "requests"} came to the service${atOnce}`;
}

/** How often there was each answer; the figures in one that differ from call to call are left out. */
function tally(answers: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const answer of answers) {
    const kind = answer.replace(/: try again in [^)]*/, "");
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([answer, count]) => `${count} x ${answer}`);
}

function tell(title: string, lines: readonly string[]): void {
  console.log([`\n${title}`, ...lines.map((line) => `  ${line}`)].join("\n"));
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
