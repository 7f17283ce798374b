/**
 * What the integrations add: a protected fetch and a gRPC interceptor to calls
 * on loopback, telemetry to calls that it only watches, and a scrape by itself.
 *
 * The servers are processes of their own. A call on loopback varies by more
 * than a breaker costs; so that the cost itself is seen, fetch also stands
 * before a sender that answers at once.
 */
import { InterceptingCall, type Interceptor } from "npm:@grpc/grpc-js@1.14.7";
import { MeterProvider, MetricReader } from "npm:@opentelemetry/sdk-metrics@2.2.0";
import { memoryBackend } from "../backends/memory.ts";
import { type Fetch, protectFetch } from "../integrations/fetch/mod.ts";
import { breakerInterceptor } from "../integrations/grpc/mod.ts";
import { createTelemetry } from "../integrations/otel/mod.ts";
import { createPrometheus } from "../integrations/prometheus/mod.ts";
import { createProvider, getDefaultConfig, type Policy, type Provider } from "../mod.ts";
import { GET, LIST, UsersClient } from "../tests/integrations/grpc_users.ts";
import { denoCommand } from "../tests/programs/deno_command.ts";
import { gather } from "./crowd.ts";
import { type AsyncWork, keep, nextWork } from "./work.ts";

const FETCH = "fetch on loopback";
const FETCH_AT_ONCE = "fetch, answered at once";
const UNARY = "gRPC on loopback, unary";
const STREAM = "gRPC on loopback, a stream of ten messages";
const DO = "do, closed, watched";
const REFUSED = "do, refused, watched";

const CROWDS = [1_000, 10_000];
const WARM_UP_CALLS = 250;
const LIMITED: Policy = { timeout: "10s" };

const decimal = new Intl.NumberFormat("en");
const release: (() => void)[] = [];
addEventListener("unload", () => release.forEach((end) => end()));

/** Collects when it is asked to, and exports nothing. */
class Scraper extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

/** Starts a server that prints its port, and returns that; the server ends with this process. */
async function startServer(file: string): Promise<number> {
  const child = denoCommand({
    args: ["run", "-A", "--no-check", new URL(file, import.meta.url).href],
    stdout: "piped",
  }).spawn();
  release.push(() => child.kill());
  const lines = child.stdout.pipeThrough(new TextDecoderStream());
  for await (const line of lines) return Number(line);
  throw new Error(`The server of ${file} did not start`);
}

function providerOf(policies: Record<string, Policy> = {}): Promise<Provider> {
  return createProvider(getDefaultConfig("bench", "production"), {
    backend: memoryBackend(policies),
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  });
}

/** Meters of the SDK that a scraper reads. */
function metersFor(scraper: Scraper): MeterProvider {
  return new MeterProvider({ readers: [scraper] });
}

const provider = await providerOf();
const limited = await providerOf({ default: LIMITED });

const url = `http://127.0.0.1:${await startServer("throughput_server.ts")}/`;
const atOnce: Fetch = () => Promise.resolve(new Response("ok"));
const plainFetch: Fetch = (input, init) => fetch(input, init);

for (const [group, send] of [[FETCH, plainFetch], [FETCH_AT_ONCE, atOnce]] as const) {
  const ways: Record<string, Fetch> = {
    "fetch": send,
    "protectFetch": protectFetch(provider, { fetch: send }),
    "protectFetch, until the body's end": protectFetch(provider, { fetch: send, until: "body" }),
    "protectFetch, timeout": protectFetch(limited, { fetch: send }),
  };
  for (const [name, request] of Object.entries(ways)) {
    Deno.bench(name, { group, baseline: request === send }, async () => {
      keep((await (await request(url)).text()).length);
    });
  }
}

const port = await startServer("../tests/integrations/grpc_users_main.ts");
const passOn: Interceptor = (options, nextCall) => new InterceptingCall(nextCall(options));
const clients: Record<string, UsersClient> = {
  "no interceptor": new UsersClient(port),
  "bare interceptor": new UsersClient(port, passOn),
  "breakerInterceptor": new UsersClient(port, breakerInterceptor(provider)),
  "breakerInterceptor, timeout": new UsersClient(port, breakerInterceptor(limited)),
};
for (const client of Object.values(clients)) {
  await client.connect();
  release.push(() => client.close());
}
// grpc-js takes long to warm up: the first client, the baseline, must not pay for all.
for (let turn = 0; turn < WARM_UP_CALLS; turn++) {
  for (const client of Object.values(clients)) {
    await client.call(GET, {});
    await client.call(LIST, { count: 10 });
  }
}
for (const [group, method, count] of [[UNARY, GET, 1], [STREAM, LIST, 10]] as const) {
  for (const [name, client] of Object.entries(clients)) {
    Deno.bench(name, { group, baseline: name === "no interceptor" }, async () => {
      const { messages, error } = await client.call(method, { count });
      if (error !== undefined) throw error;
      keep(messages.length);
    });
  }
}

/** How each of them watches a provider; every one has a provider of its own. */
const WATCHES: Record<string, (watched: Provider) => unknown> = {
  "do": () => {},
  "do, OpenTelemetry": (watched) =>
    createTelemetry(watched, { meterProvider: metersFor(new Scraper()) }),
  "do, OpenTelemetry, every span event": (watched) =>
    createTelemetry(watched, { meterProvider: metersFor(new Scraper()), spanEvents: "all" }),
  "do, Prometheus": (watched) => createPrometheus(watched),
};

/** A provider that is watched, in which one breaker refuses every call. */
async function watchedBy(watch: (watched: Provider) => unknown): Promise<Provider> {
  const watched = await providerOf({ refusing: { mode: "forced-open" } });
  watch(watched);
  return watched;
}

function doBench(
  group: string,
  name: string,
  guard: (operation: AsyncWork) => Promise<number>,
): void {
  Deno.bench(name, { group, baseline: name === "bare call" }, async () => {
    try {
      keep(await guard(nextWork()));
    } catch {
      keep(1);
    }
  });
}

for (const [group, breakerName] of [[DO, "serving"], [REFUSED, "refusing"]] as const) {
  doBench(group, "bare call", (operation) => operation());
  for (const [name, watch] of Object.entries(WATCHES)) {
    const breaker = (await watchedBy(watch)).getBreaker(breakerName);
    doBench(group, name, (operation) => breaker.do(operation));
  }
}
const timing = await providerOf();
const timed = createTelemetry(timing, { meterProvider: metersFor(new Scraper()) });
const timedBreaker = timing.getBreaker("serving");
doBench(
  DO,
  "do, OpenTelemetry, timed",
  (operation) => timedBreaker.do(timed.timed(timedBreaker, operation)),
);

for (const size of CROWDS) {
  const group = `scrape of ${decimal.format(size)} breakers`;
  const crowd = await gather(size);
  const breakers = [...crowd.provider.breakers()];
  for (const breaker of breakers) breaker.tryAcquire()?.success();
  Deno.bench("counts and state of each", { group, baseline: true }, () => {
    for (const { counts, state } of crowd.provider.breakers()) {
      keep(counts.lifetime.successes + state.length);
    }
  });
  const prometheus = createPrometheus(crowd.provider);
  Deno.bench("Prometheus", { group }, () => keep(prometheus.text().length));
  const allNames = createPrometheus(crowd.provider, { maxBreakerNames: size });
  Deno.bench("Prometheus, every name", { group }, () => keep(allNames.text().length));
  const scraper = new Scraper();
  createTelemetry(crowd.provider, { meterProvider: metersFor(scraper) });
  Deno.bench("OpenTelemetry", { group }, async () => {
    keep((await scraper.collect()).errors.length);
  });
}
