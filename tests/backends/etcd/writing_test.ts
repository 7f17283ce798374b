// Real processes and real sockets: these tests wait for what they do, not for a clock.
import assert from "node:assert/strict";
import { EtcdCallError, STATUS } from "../../../etcd/call_error.ts";
import { KeySpace } from "../../../backends/etcd/keys.ts";
import type { TxnRequest, TxnResult } from "../../../etcd/messages.ts";
import { etcdBackend } from "../../../backends/etcd/mod.ts";
import { etcdSettings } from "../../../etcd/options.ts";
import { type EtcdSession, openSession } from "../../../etcd/session.ts";
import { EtcdWriter } from "../../../etcd/writer.ts";
import { BackendError } from "../../../mod.ts";
import { ETCD, EtcdServer } from "../../servers/etcd.ts";
import { serverTests } from "../../servers/server_tests.ts";
import { TcpProxy } from "../../servers/tcp_proxy.ts";
import { PREFIX } from "./subject.ts";
import { TRANSPORTS } from "../../etcd/transports.ts";

const test = await serverTests(ETCD);
const keys = new KeySpace(PREFIX);
const KEY = `${PREFIX}users.json`;
/** The same as etcd takes it, and a document. */
const [key, value] = [keys.keyOf("users"), new TextEncoder().encode("[1]")];

/** What becomes of a transaction: done, done without an answer, or never sent. */
type Fate = "answered" | "lost" | "unsent";

/** A writer whose transactions meet the given fates in turn; `between` runs after each that is not answered. */
function fatedWriter(
  etcd: EtcdServer,
  fates: Fate[],
  between: () => Promise<unknown> = () => Promise.resolve(),
): EtcdWriter {
  const settings = etcdSettings({ hosts: etcd.endpoint, transport: "gateway" });
  const { signal } = new AbortController();
  const [host] = settings.hosts;
  assert(host);
  return new EtcdWriter(keys.writeMark, async (_hostOffset, task) => {
    await using session = await openSession({ settings, host, signal });
    const txn = async (request: TxnRequest): Promise<TxnResult> => {
      const fate = fates.shift() ?? "answered";
      const result = fate === "unsent" ? undefined : await session.txn(request);
      if (fate === "answered" && result !== undefined) return result;
      await between();
      throw new EtcdCallError(STATUS.unavailable, "cut off");
    };
    const fated: EtcdSession = Object.assign(Object.create(session), {
      txn,
      range: session.range.bind(session),
    });
    return await task(fated);
  });
}

const CASES: readonly {
  readonly name: string;
  readonly fates: Fate[];
  readonly rival?: string;
  readonly isWon: boolean;
}[] = [
  { name: "done, and the answer lost", fates: ["lost"], isWon: true },
  { name: "never sent", fates: ["unsent"], isWon: true },
  {
    name: "done, the answer lost, and overwritten since",
    fates: ["lost"],
    rival: "[2]",
    isWon: true,
  },
  { name: "never sent, and another was first", fates: ["unsent"], rival: "[2]", isWon: false },
  {
    name: "never sent, and another was first with the same text",
    fates: ["unsent"],
    rival: "[1]",
    isWon: false,
  },
];

for (const { name, fates, rival, isWon } of CASES) {
  test(`etcd: a compare-and-set ${name}, is ${isWon ? "won" : "lost"}`, async () => {
    await using etcd = await EtcdServer.start();
    const other = etcdBackend({ hosts: etcd.endpoint, transport: "gateway" });
    const expected = Number(await other.put(PREFIX, "users", "[0]"));
    const writer = fatedWriter(etcd, [...fates], async () => {
      if (rival !== undefined) await other.put(PREFIX, "users", rival);
    });
    const revision = await writer.compareAndSet({ key, expected, value });
    assert.equal(revision !== undefined, isWon);
    const versions = await other.history(PREFIX, "users");
    const ours = versions.find((version) => version.revision === String(revision));
    assert.equal(ours?.text, isWon ? "[1]" : undefined);
    assert.equal(versions[0]?.text, rival ?? "[1]");
  });
}

test("etcd: a write that gets no answer twice is reported as unknown", async () => {
  await using etcd = await EtcdServer.start();
  await assert.rejects(
    fatedWriter(etcd, ["lost", "unsent"]).compareAndSet({ key, expected: 0, value }),
    /it may have been done or not/,
  );
});

test("etcd: a put and a delete whose answers are lost are done once", async () => {
  await using etcd = await EtcdServer.start();
  const writer = fatedWriter(etcd, ["lost", "answered", "lost"]);
  const revision = await writer.put(key, value);
  assert.deepEqual((await etcd.admin.get(KEY))?.modRevision, revision);
  assert.equal(await writer.delete(key), true);
  assert.equal(await etcd.admin.get(KEY), undefined);
});

for (const transport of TRANSPORTS) {
  test(`etcd over ${transport}: cut off anywhere in an answer, a write is done once and known`, async () => {
    await using etcd = await EtcdServer.start();
    await using proxy = await TcpProxy.start(etcd.ports.client);
    const backend = etcdBackend({ hosts: `127.0.0.1:${proxy.port}`, transport });
    let revision: string | undefined;
    for (let bytes = 1; bytes < 300; bytes += 13) {
      const cut = proxy.cutAfter(bytes);
      revision = await backend.compareAndSet(PREFIX, "users", `[${bytes}]`, revision);
      await proxy.restore();
      await cut;
      const entry = await etcd.admin.get(KEY);
      assert.deepEqual(
        [entry?.value, String(entry?.modRevision), entry?.version],
        [`[${bytes}]`, revision, (bytes - 1) / 13 + 1],
      );
    }
  });

  test(`etcd over ${transport}: a write to a host that is down is done by the next`, async () => {
    await using etcd = await EtcdServer.start();
    await using proxy = await TcpProxy.start(etcd.ports.client);
    await proxy.refuse();
    const hosts = [`127.0.0.1:${proxy.port}`, etcd.endpoint];
    const backend = etcdBackend({ hosts, transport, requestTimeoutMs: 500 });
    const revision = await backend.put(PREFIX, "users", "{}");
    assert.equal((await backend.read(PREFIX)).entries[0]?.revision, revision);
    assert.equal(await backend.delete(PREFIX, "users"), true);
  });

  test(`etcd over ${transport}: a silent host fails a write within its deadlines`, async () => {
    await using etcd = await EtcdServer.start();
    const backend = etcdBackend({ hosts: etcd.endpoint, transport, requestTimeoutMs: 300 });
    await etcd.pause();
    const startedMs = performance.now();
    await assert.rejects(
      backend.compareAndSet(PREFIX, "users", "{}", undefined),
      (error) => error instanceof BackendError && /may have been done or not/.test(error.message),
    );
    assert.ok(performance.now() - startedMs < 2_000);
  });

  test(`etcd over ${transport}: half a surrogate pair is refused before it is written`, async () => {
    const backend = etcdBackend({ hosts: "127.0.0.1:1", transport });
    await assert.rejects(backend.put(PREFIX, "users", `"\uD800"`), /half a surrogate pair/);
  });

  test(`etcd over ${transport}: the history tells every version since the last compaction`, async () => {
    await using etcd = await EtcdServer.start();
    const backend = etcdBackend({ hosts: etcd.endpoint, transport });
    assert.deepEqual(await backend.history(PREFIX, "users"), []);
    for (const text of ["[1]", "[2]"]) await backend.put(PREFIX, "users", text);
    await backend.delete(PREFIX, "users");
    const texts = async (): Promise<(string | undefined)[]> =>
      (await backend.history(PREFIX, "users")).map(({ text }) => text);
    assert.deepEqual(await texts(), [undefined, "[2]", "[1]"]);
    const third = await backend.put(PREFIX, "users", "[3]");
    assert.deepEqual(await texts(), ["[3]", undefined, "[2]", "[1]"]);
    assert.equal((await backend.history(PREFIX, "users"))[0]?.revision, third);
    await backend.put(PREFIX, "users", "[4]");
    await etcd.admin.compact(Number(third));
    assert.deepEqual(await texts(), ["[4]", "[3]"]);
    await etcd.admin.put(`${PREFIX}others.json`, "{}");
    await etcd.admin.compact(await etcd.admin.revision());
    assert.deepEqual(await texts(), ["[4]"]);
  });
}
