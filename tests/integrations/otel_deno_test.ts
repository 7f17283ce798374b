// A real process under Deno's own exporter: this test takes the second or two that its start and first export take.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { denoCommand } from "../programs/deno_command.ts";
import { OtlpReceiver } from "./otlp_receiver.ts";

const SERVICE = fileURLToPath(new URL("otel_service.ts", import.meta.url));
const USERS = "/user.UserService/用户";
const NAME = "switchgear.breaker.name";
const STATE = "switchgear.breaker.state";
const RETRY_AFTER = "switchgear.rejection.retry_after";

/** Runs the program until the receiver has what it exports. */
async function runUnderDenosExporter(receiver: OtlpReceiver): Promise<void> {
  await using child = denoCommand({
    args: ["run", "-A", "--quiet", SERVICE],
    env: {
      OTEL_DENO: "true",
      OTEL_DENO_CONSOLE: "ignore",
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_METRIC_EXPORT_INTERVAL: "100",
    },
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const stderr = child.stderr.text();
  const seen = receiver.until(() =>
    receiver.values("switchgear.breaker.calls", "switchgear.call.outcome", {
      "otel.metric.overflow": true,
    })["success"] === 10
  );
  const isDead = await Promise.race([seen.then(() => false), child.status.then(() => true)]);
  if (isDead) assert.fail(await stderr);
  await child.stdin.close();
  assert.equal((await child.status).code, 0);
  assert.equal(await stderr, "");
}

Deno.test("under OTEL_DENO=true metrics and span events arrive as OpenTelemetry's protobuf", async (t) => {
  await using receiver = new OtlpReceiver();
  await runUnderDenosExporter(receiver);
  const users = { [NAME]: USERS };

  await t.step("the state of each breaker", () => {
    assert.deepEqual(receiver.values(STATE, STATE, users), { closed: 0, open: 1, "half-open": 0 });
  });

  await t.step("calls by outcome", () => {
    assert.deepEqual(
      receiver.values("switchgear.breaker.calls", "switchgear.call.outcome", users),
      { success: 1, failure: 2, timeout: 0, ignored: 0 },
    );
  });

  await t.step("rejections by reason", () => {
    assert.deepEqual(
      receiver.values("switchgear.breaker.rejections", "switchgear.rejection.reason", users),
      { open: 1, held: 0, probing: 0, ramping: 0, forced: 0 },
    );
  });

  await t.step("transitions by the state entered", () => {
    assert.deepEqual(
      receiver.values("switchgear.breaker.transitions", STATE, users),
      { closed: 0, open: 1, "half-open": 0 },
    );
  });

  await t.step("names beyond the limit in one series", () => {
    const names = new Set(receiver.points.map(({ attributes }) => attributes[NAME]));
    assert.deepEqual(names, new Set([USERS, "postgres://…@db/users", undefined]));
    assert.deepEqual(receiver.values(STATE, STATE, { "otel.metric.overflow": true }), {
      closed: 10,
      open: 0,
      "half-open": 0,
    });
  });

  await t.step("refused documents and the feed", () => {
    const byName = (metric: string) => receiver.values(metric, NAME)["undefined"];
    assert.equal(byName("switchgear.policy.refused_documents"), 1);
    assert.equal(byName("switchgear.policy.feed.staleness"), 0);
    assert.equal(byName("switchgear.policy.feed.attempts"), 1);
    assert.deepEqual(
      receiver.values("switchgear.policy.feed.state", "switchgear.policy.feed.state"),
      { loading: 0, fresh: 1, stale: 0, closed: 0 },
    );
  });

  await t.step("kinds and units", () => {
    const kinds = receiver.points.map(({ metric, kind, unit }) => [metric, `${kind} ${unit}`]);
    assert.deepEqual(Object.fromEntries(kinds), {
      "switchgear.breaker.state": "up-down {breaker}",
      "switchgear.breaker.calls": "counter {call}",
      "switchgear.breaker.rejections": "counter {call}",
      "switchgear.breaker.transitions": "counter {transition}",
      "switchgear.breaker.slow_calls": "counter {call}",
      "switchgear.breaker.stale_calls": "counter {call}",
      "switchgear.breaker.overdue_probes": "counter {call}",
      "switchgear.breaker.holds": "counter {hold}",
      "switchgear.breaker.would_open": "counter {crossing}",
      "switchgear.breaker.call.duration": "histogram s",
      "switchgear.policy.refused_documents": "up-down {document}",
      "switchgear.policy.feed.state": "up-down {feed}",
      "switchgear.policy.feed.staleness": "gauge s",
      "switchgear.policy.feed.attempts": "counter {attempt}",
    });
  });

  await t.step("the durations of timed calls", () => {
    assert.deepEqual(receiver.values("switchgear.breaker.call.duration", NAME), { [USERS]: 1 });
  });

  await t.step("changes and rejections as events of the active span", () => {
    const trip = {
      "switchgear.trip.criterion": "failureThreshold",
      "switchgear.trip.observed": 2,
      "switchgear.trip.threshold": 2,
    };
    const [change, rejection, ...others] = receiver.events;
    assert.deepEqual(change, {
      span: "handle request",
      event: "switchgear.breaker.state_change",
      attributes: {
        [NAME]: USERS,
        [STATE]: "open",
        "switchgear.breaker.previous_state": "closed",
        "switchgear.transition.cause": "tripped",
        ...trip,
      },
    });
    // Real time passes between the trip and the rejection.
    const { [RETRY_AFTER]: retryAfter, ...attributes } = rejection?.attributes ?? {};
    assert.ok(Number(retryAfter) > 3_500 && Number(retryAfter) <= 3_600, `${retryAfter} s`);
    assert.deepEqual({ ...rejection, attributes }, {
      span: "handle request",
      event: "switchgear.breaker.rejection",
      attributes: {
        [NAME]: USERS,
        [STATE]: "open",
        "switchgear.rejection.reason": "open",
        ...trip,
      },
    });
    assert.deepEqual(others, []);
  });

  await t.step("no secret of a name", () => assert.doesNotMatch(receiver.raw, /hunter2/));
});
