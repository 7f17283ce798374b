import assert from "node:assert/strict";
import { memoryBackend } from "../../backends/memory.ts";
import { createPrometheus, prometheusText } from "../../integrations/prometheus/mod.ts";
import { createProvider, getDefaultConfig, type Provider } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { serverTests } from "../servers/server_tests.ts";
import { KeptLog } from "../support/kept_log.ts";
import { checkMetrics, PROMETHEUS, PrometheusServer, PROMTOOL } from "./prometheus_server.ts";

const CONFIG = getDefaultConfig("im-gateway", "production");
const succeed = (): Promise<string> => Promise.resolve("Ada");
const fail = (): Promise<string> => Promise.reject(new Error("down"));
/** Names that a careless writer of the format stumbles over. */
const NAMES = [
  "users",
  'quote " backslash \\ both \\" newline \n end',
  "/user.UserService/用户 {id} 🚀",
  "a,b=c}",
  "\r\t",
];

function setUp(clock: ManualClock = new ManualClock()): Promise<Provider> {
  const backend = memoryBackend({ default: { failureThreshold: 1 } });
  return createProvider(CONFIG, { backend, clock, logger: new KeptLog() });
}

/** The lines of a metric. */
function linesOf(text: string, metric: string): string[] {
  return text.split("\n").filter((line) => line.startsWith(metric)).map((line) =>
    line.slice(metric.length)
  );
}

function scrape(headers: Record<string, string> = {}, method: string = "GET"): Request {
  return new Request("http://localhost/metrics", { headers, method });
}

Deno.test("the text has every metric with its help, its type and its values", async () => {
  await using provider = await setUp();
  using prometheus = createPrometheus(provider);
  await provider.getBreaker("users").do(succeed);
  await provider.getBreaker("users").do(fail).catch(() => {});
  await provider.getBreaker("users").do(succeed).catch(() => {});
  assert.equal(
    prometheus.text(),
    `# HELP switchgear_breaker_state Breakers in a state: 1 in the state of the breaker, 0 in the others.
# TYPE switchgear_breaker_state gauge
switchgear_breaker_state{breaker="users",state="closed"} 0
switchgear_breaker_state{breaker="users",state="open"} 1
switchgear_breaker_state{breaker="users",state="half-open"} 0
# HELP switchgear_breaker_calls_total Calls that went through and ended, by outcome; a timeout is no failure here.
# TYPE switchgear_breaker_calls_total counter
switchgear_breaker_calls_total{breaker="users",outcome="success"} 1
switchgear_breaker_calls_total{breaker="users",outcome="failure"} 1
switchgear_breaker_calls_total{breaker="users",outcome="timeout"} 0
switchgear_breaker_calls_total{breaker="users",outcome="ignored"} 0
# HELP switchgear_breaker_rejections_total Calls that were refused, by reason.
# TYPE switchgear_breaker_rejections_total counter
switchgear_breaker_rejections_total{breaker="users",reason="open"} 1
switchgear_breaker_rejections_total{breaker="users",reason="held"} 0
switchgear_breaker_rejections_total{breaker="users",reason="probing"} 0
switchgear_breaker_rejections_total{breaker="users",reason="ramping"} 0
switchgear_breaker_rejections_total{breaker="users",reason="forced"} 0
# HELP switchgear_breaker_transitions_total Changes of state, by the state that was entered.
# TYPE switchgear_breaker_transitions_total counter
switchgear_breaker_transitions_total{breaker="users",state="closed"} 0
switchgear_breaker_transitions_total{breaker="users",state="open"} 1
switchgear_breaker_transitions_total{breaker="users",state="half-open"} 0
# HELP switchgear_breaker_slow_calls_total Calls that took longer than slowCallThreshold, whatever their outcome.
# TYPE switchgear_breaker_slow_calls_total counter
switchgear_breaker_slow_calls_total{breaker="users"} 0
# HELP switchgear_breaker_stale_calls_total Calls that ended after the breaker had moved on, and counted for nothing.
# TYPE switchgear_breaker_stale_calls_total counter
switchgear_breaker_stale_calls_total{breaker="users"} 0
# HELP switchgear_breaker_overdue_probes_total Probes that ended at or after their deadline.
# TYPE switchgear_breaker_overdue_probes_total counter
switchgear_breaker_overdue_probes_total{breaker="users"} 0
# HELP switchgear_breaker_holds_total Holds that began or came to reach further, by hand or by what a dependency asked for.
# TYPE switchgear_breaker_holds_total counter
switchgear_breaker_holds_total{breaker="users"} 0
# HELP switchgear_breaker_would_open_total Times that a breaker in the mode metrics-only would have opened.
# TYPE switchgear_breaker_would_open_total counter
switchgear_breaker_would_open_total{breaker="users"} 0
# HELP switchgear_policy_refused_documents Policy documents whose newest version was refused and is not mended yet.
# TYPE switchgear_policy_refused_documents gauge
switchgear_policy_refused_documents 0
# HELP switchgear_policy_feed_state Feeds of policies in a state: 1 in the state of the feed, 0 in the others.
# TYPE switchgear_policy_feed_state gauge
switchgear_policy_feed_state{state="loading"} 0
switchgear_policy_feed_state{state="fresh"} 1
switchgear_policy_feed_state{state="stale"} 0
switchgear_policy_feed_state{state="closed"} 0
# HELP switchgear_policy_feed_staleness_seconds How long the config backend has been out of reach, 0 while it is not.
# TYPE switchgear_policy_feed_staleness_seconds gauge
switchgear_policy_feed_staleness_seconds 0
# HELP switchgear_policy_feed_attempts_total Times that a watch of the config backend was begun.
# TYPE switchgear_policy_feed_attempts_total counter
switchgear_policy_feed_attempts_total 1
`,
  );
});

Deno.test("holds, what they refuse and overdue probes are counted", async () => {
  const clock = new ManualClock();
  await using provider = await setUp(clock);
  using prometheus = createPrometheus(provider);
  const users = provider.getBreaker("users");
  users.tripNow();
  clock.advance("1m");
  const probe = users.tryAcquire();
  clock.advance("2m");
  probe?.success();
  users.hold("1m");
  await users.do(succeed).catch(() => {});
  const text = prometheus.text();
  assert.deepEqual(linesOf(text, "switchgear_breaker_holds_total"), ['{breaker="users"} 1']);
  assert.deepEqual(linesOf(text, "switchgear_breaker_overdue_probes_total"), [
    '{breaker="users"} 1',
  ]);
  assert.match(text, /rejections_total\{breaker="users",reason="held"\} 1\n/);
});

Deno.test("OpenMetrics names families without _total, tells units and ends with # EOF", async () => {
  await using provider = await setUp();
  using prometheus = createPrometheus(provider);
  await provider.getBreaker("users").do(succeed);
  const text = prometheus.text("openmetrics");
  assert.match(text, /^# TYPE switchgear_breaker_calls counter$/m);
  assert.match(text, /^switchgear_breaker_calls_total\{breaker="users",outcome="success"\} 1$/m);
  assert.match(text, /^# UNIT switchgear_policy_feed_staleness_seconds seconds$/m);
  assert.match(text, /\n# EOF\n$/);
});

Deno.test("names beyond maxBreakerNames share one series", async () => {
  await using provider = await setUp();
  using prometheus = createPrometheus(provider, { maxBreakerNames: 1 });
  for (let i = 0; i < 50; i++) await provider.getBreaker(`/users/${i}`).do(succeed);
  const lines = linesOf(prometheus.text(), "switchgear_breaker_calls_total{");
  assert.deepEqual(lines.filter((line) => line.includes("success")), [
    'breaker="/users/0",outcome="success"} 1',
    'otel_metric_overflow="true",outcome="success"} 49',
  ]);
});

Deno.test("the secret of a connection string that serves as a name is in no label", async () => {
  await using provider = await setUp();
  await provider.getBreaker("postgres://ada:hunter2@db/users").do(succeed);
  await provider.getBreaker("postgres://ada:hunter3@db/users").do(succeed);
  const text = prometheusText(provider);
  assert.doesNotMatch(text, /hunter/);
  assert.match(text, /calls_total\{breaker="postgres:\/\/…@db\/users",outcome="success"\} 2\n/);
});

Deno.test("prometheusText counts transitions from its first call on", async () => {
  await using provider = await setUp();
  prometheusText(provider);
  await provider.getBreaker("users").do(fail).catch(() => {});
  const text = prometheusText(provider);
  assert.match(text, /transitions_total\{breaker="users",state="open"\} 1\n/);
});

Deno.test("two readers of one provider do not take from each other", async () => {
  await using provider = await setUp();
  using a = createPrometheus(provider);
  using b = createPrometheus(provider);
  await provider.getBreaker("users").do(succeed);
  assert.equal(a.text(), b.text());
});

Deno.test("after close transitions are counted no more, and the rest can still be read", async () => {
  await using provider = await setUp();
  const prometheus = createPrometheus(provider);
  prometheus.close();
  await provider.getBreaker("users").do(fail).catch(() => {});
  const text = prometheus.text();
  assert.match(text, /transitions_total\{breaker="users",state="open"\} 0\n/);
  assert.match(text, /calls_total\{breaker="users",outcome="failure"\} 1\n/);
});

const OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const TEXT = "text/plain; version=0.0.4; charset=utf-8";
const ACCEPTED: readonly [accept: string | undefined, type: string][] = [
  [undefined, TEXT],
  ["*/*", TEXT],
  ["text/html", TEXT],
  ["application/openmetrics-text", OPEN_METRICS],
  [
    "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    OPEN_METRICS,
  ],
  ["Application/OpenMetrics-Text; version=1.0.0; q=0.5, text/plain; q=0.4", OPEN_METRICS],
  ["application/openmetrics-text;q=0.3,text/plain;version=0.0.4;q=0.8", TEXT],
  ["application/openmetrics-text;q=0", TEXT],
  ["application/openmetrics-text;q=x", TEXT],
  ["application/openmetrics-text;version=2.0.0", TEXT],
  ["application/openmetrics-text;version=0.0.1", TEXT],
];

for (const [accept, type] of ACCEPTED) {
  Deno.test(`a scrape that accepts ${accept ?? "what it does not say"} gets ${type.split(";")[0]}`, async () => {
    await using provider = await setUp();
    using prometheus = createPrometheus(provider);
    const response = prometheus.handle(scrape(accept === undefined ? {} : { accept }));
    assert.equal(response.headers.get("content-type"), type);
    assert.equal((await response.text()).endsWith("# EOF\n"), type === OPEN_METRICS);
  });
}

Deno.test("HEAD gets the headers alone, other methods get 405", async () => {
  await using provider = await setUp();
  const { handle } = createPrometheus(provider);
  const head = handle(scrape({}, "HEAD"));
  assert.deepEqual([head.status, head.headers.get("content-type"), await head.text()], [
    200,
    TEXT,
    "",
  ]);
  const post = handle(scrape({}, "POST"));
  assert.deepEqual([post.status, post.headers.get("allow")], [405, "GET, HEAD"]);
});

const WRONG: readonly [unknown, RegExp][] = [
  [{ prefix: "x" }, /Cannot create Prometheus metrics: unknown option "prefix"/],
  [{ maxBreakerNames: 1.5 }, /"maxBreakerNames" must be an integer from 0 to 100000, received 1.5/],
];

for (const [options, message] of WRONG) {
  Deno.test(`createPrometheus refuses ${JSON.stringify(options)}`, async () => {
    await using provider = await setUp();
    assert.throws(() => Reflect.apply(createPrometheus, undefined, [provider, options]), {
      message,
    });
  });
}

const withPromtool = await serverTests(PROMTOOL);
const withPrometheus = await serverTests(PROMETHEUS);

withPromtool(
  "promtool finds nothing wrong with the text, whatever the breakers are called",
  async () => {
    await using provider = await setUp();
    using prometheus = createPrometheus(provider, { maxBreakerNames: NAMES.length });
    for (const name of [...NAMES, "one more"]) await provider.getBreaker(name).do(succeed);
    assert.equal(await checkMetrics(prometheus.text()), "");
  },
);

// A real Prometheus scrapes in real time, and asks for OpenMetrics of its own accord.
withPrometheus("a real Prometheus scrapes every name as it is", async () => {
  await using provider = await setUp();
  using prometheus = createPrometheus(provider);
  for (const name of NAMES) await provider.getBreaker(name).do(succeed);
  const types = new Set<string | null>();
  await using target = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      const response = prometheus.handle(request);
      types.add(response.headers.get("content-type"));
      return response;
    },
  );
  await using server = await PrometheusServer.start(`127.0.0.1:${target.addr.port}`);
  const kept = await server.query('switchgear_breaker_calls_total{outcome="success"}');
  assert.deepEqual(
    kept.map(({ metric, value }) => [metric["breaker"], value[1]]).sort(),
    NAMES.map((name) => [name, "1"]).sort(),
  );
  assert.deepEqual(types, new Set([OPEN_METRICS]));
});
