// A real NATS and its client, whose time is the system's.
import assert from "node:assert/strict";
import { jetstream, jetstreamManager } from "npm:@nats-io/jetstream@3.4.0";
import { connect } from "npm:@nats-io/transport-node@3.4.0";
import { guard } from "../../integrations/guard/mod.ts";
import { NATS, NatsServer } from "../servers/nats.ts";
import { serverTests } from "../servers/server_tests.ts";
import { until } from "../support/until.ts";
import { connectionsTo, endure, Load, OUTAGES, quickProvider } from "./guard_outage.ts";

const test = await serverTests(NATS);
const STREAM = "ORDERS";
const CONSUMER = "billing";
const ACK_WAIT_NS = 30_000 * 1_000_000;
/** A poll may wait for a second by itself. */
const POLL_MS = 1_000;

/** How often, by message. */
class Counts {
  readonly all = new Map<number, number>();

  add(seq: number): void {
    this.all.set(seq, this.of(seq) + 1);
  }
  of(seq: number): number {
    return this.all.get(seq) ?? 0;
  }
}

/** A message that came too late for its caller is delivered again at once. */
function giveBack(message: unknown): void {
  const isMessage = typeof message === "object" && message !== null && "nak" in message;
  if (isMessage && typeof message.nak === "function") message.nak();
}

async function connectTo(server: NatsServer) {
  return await connect({
    servers: server.address,
    reconnectTimeWait: 50,
    reconnectJitter: 0,
    maxReconnectAttempts: -1,
  });
}

for (const outage of OUTAGES) {
  test(`guard: JetStream under load while NATS is ${outage}`, async () => {
    await using server = await NatsServer.start();
    await using provider = await quickProvider({
      "orders.poll.next": { timeout: 2 * POLL_MS, failureThreshold: 1, openStateTimeout: "100ms" },
    });
    const [connection, watcher] = [await connectTo(server), await connectTo(server)];
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: STREAM, subjects: ["orders.>"] });
    await manager.consumers.add(STREAM, {
      durable_name: CONSUMER,
      ack_policy: "explicit",
      ack_wait: ACK_WAIT_NS,
    });
    const [delivered, acknowledged, confirmed] = [new Counts(), new Counts(), new Counts()];
    watcher.subscribe("$JS.ACK.>", {
      // What the server sees: the subject names stream, consumer, times delivered, sequence.
      callback: (_error, { subject }) => acknowledged.add(Number(subject.split(".")[5])),
    });
    const before = await server.connections();

    const stream = guard(jetstream(connection), provider, { name: "orders", shared: false });
    const source = guard(await jetstream(connection).consumers.get(STREAM, CONSUMER), provider, {
      name: "orders.poll",
      shared: false,
      nested: ["next"],
      late: (message, method) => method === "next" && giveBack(message),
    });
    const published = new Set<number>();
    let id = 0;
    {
      await using _billing = new Load(async () => {
        const message = await source.next({ expires: POLL_MS });
        if (message === null) return;
        delivered.add(message.seq);
        if (await message.ackAck()) confirmed.add(message.seq);
      }, 2);
      await using load = new Load(async () => {
        const { seq } = await stream.publish("orders.new", "order", { msgID: String(++id) });
        published.add(seq);
      });
      const breaker = provider.getBreaker("orders.publish");
      await endure(server, { outage, breaker, load });
      await load[Symbol.asyncDispose]();
      await until(
        () => [...published].every((seq) => delivered.of(seq) > 0),
        "all that was published is delivered",
      );
    }
    assert(confirmed.all.size >= 100, `${confirmed.all.size} confirmed`);
    for (const [seq, times] of acknowledged.all) {
      assert(times <= delivered.of(seq), `message ${seq} was acknowledged ${times} times`);
      // A server that was killed may have forgotten acknowledgements, and delivers again.
      if (outage === "paused with SIGSTOP") assert.equal(times, 1, `of message ${seq}`);
    }
    assert.equal(await server.connections(), before);
    assert.equal(await connectionsTo(server.port), before);
    await connection.close();
    await watcher.close();
    await until(async () => await connectionsTo(server.port) === 0, "no socket is left");
  });
}

test("guard: JetStream's answers are no failures", async () => {
  await using server = await NatsServer.start();
  await using provider = await quickProvider();
  const connection = await connectTo(server);
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: STREAM, subjects: ["orders.>"] });
  const stream = guard(jetstream(connection), provider, { name: "q", nested: ["consumers"] });
  const expect = { lastSequence: 7 };
  await assert.rejects(stream.publish("orders.new", "order", { expect }), /wrong last sequence/);
  await assert.rejects(stream.consumers.get(STREAM, "nobody"), { name: "ConsumerNotFoundError" });
  assert.equal(provider.getBreaker("q").counts.failures, 0);
  await assert.rejects(stream.publish("unknown.subject", "order", { timeout: 200 }));
  assert.equal(provider.getBreaker("q").counts.failures, 1);
  await connection.close();
});

test("guard: the messages of a guarded consumer are iterated as before", async () => {
  await using server = await NatsServer.start();
  await using provider = await quickProvider();
  const connection = await connectTo(server);
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: STREAM, subjects: ["orders.>"] });
  await manager.consumers.add(STREAM, { durable_name: CONSUMER, ack_policy: "explicit" });
  const stream = guard(jetstream(connection), provider, {
    name: "q",
    nested: ["consumers", "get", "consume"],
  });
  for (const order of ["a", "b", "c"]) await stream.publish("orders.new", order);
  const consumer = await stream.consumers.get(STREAM, CONSUMER);
  const seen: string[] = [];
  const messages = await consumer.consume();
  for await (const message of messages) {
    seen.push(message.string());
    message.ack();
    if (seen.length === 3) break;
  }
  await messages.close();
  assert.deepEqual(seen, ["a", "b", "c"]);
  await connection.close();
});
