import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileBackend } from "../../backends/file/mod.ts";
import { memoryBackend } from "../../backends/memory.ts";
import {
  ConfigCentre,
  configCentre,
  type ConfigEvent,
  InvalidPolicyError,
  type Policy,
  type WritableConfigBackend,
} from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { entry, ScriptedBackend } from "../support/scripted_backend.ts";

const PREFIX = "/config/dev/s/breakers/";

/** Runs `body` against each writable backend that needs no server. */
async function withEach(
  body: (backend: WritableConfigBackend, name: string) => Promise<void>,
): Promise<void> {
  await body(memoryBackend(), "memory");
  const folder = await mkdtemp(join(tmpdir(), "switchgear-"));
  try {
    await body(fileBackend(folder), "file");
  } finally {
    await rm(folder, { recursive: true });
  }
}

Deno.test("get, list, put, delete and compareAndSet mean the same whatever the backend", async () => {
  await withEach(async (backend, kind) => {
    const centre = configCentre(backend, PREFIX);
    assert.equal(await centre.get("a"), undefined, kind);
    const first = await centre.put("a", { failureThreshold: 3 });
    await centre.put("用户服务", { timeout: "2s" });
    const items = await centre.list();
    assert.deepEqual(items.map(({ name, value }) => [name, value]), [
      ["a", { failureThreshold: 3 }],
      ["用户服务", { timeout: "2s" }],
    ]);
    assert.equal(items[0]?.revision, first);
    assert.equal(await centre.compareAndSet("a", { failureThreshold: 4 }, undefined), undefined);
    const second = await centre.compareAndSet("a", { failureThreshold: 4 }, first);
    assert(second !== undefined && second !== first);
    assert.equal(await centre.compareAndSet("a", { failureThreshold: 5 }, first), undefined);
    assert.equal((await centre.get("a"))?.value?.failureThreshold, 4);
    assert.equal(await centre.delete("a"), true);
    assert.equal(await centre.delete("a"), false);
    assert(await centre.compareAndSet("a", {}, undefined));
  });
});

Deno.test("a bad policy never reaches the store", async () => {
  await withEach(async (backend, kind) => {
    const centre = configCentre(backend, PREFIX);
    const bad: Policy = { failureThreshold: -1, openStateTimeout: "soon" };
    for (
      const write of [() => centre.put("a", bad), () => centre.compareAndSet("a", bad, undefined)]
    ) {
      await assert.rejects(write, (error) => {
        assert(error instanceof InvalidPolicyError, kind);
        assert.equal(error.faults.length, 2);
        return true;
      });
    }
    assert.deepEqual(await centre.list(), []);
  });
});

Deno.test("an invalid document is listed with what is wrong with it", async () => {
  const centre = configCentre(memoryBackend({ a: "{", b: { failureThreshold: 3 } }), PREFIX);
  const [a, b] = await centre.list();
  assert.deepEqual([a?.value, a?.text], [undefined, "{"]);
  assert(a?.error instanceof InvalidPolicyError);
  assert.equal(b?.error, undefined);
});

Deno.test("a codec of one's own types what is read, written and watched", async () => {
  const centre = new ConfigCentre(memoryBackend(), PREFIX, {
    parse: (subject, text) => {
      const value = Number(text);
      if (Number.isNaN(value)) throw new TypeError(`${subject} is no number`);
      return value;
    },
    format: String,
  });
  await centre.put("limit", 7);
  assert.equal((await centre.get("limit"))?.value, 7);
  await assert.rejects(centre.put("limit", Number.NaN), /of "limit" is no number/);
});

async function take<T>(events: AsyncGenerator<ConfigEvent<T>>, count: number): Promise<string[]> {
  const seen: string[] = [];
  while (seen.length < count) {
    const { value } = await events.next();
    assert(value);
    seen.push(
      value.kind === "put" ? `put ${value.item.name} ${value.item.text}` : `delete ${value.name}`,
    );
  }
  return seen;
}

Deno.test("watch tells what stands there, then each change, and ends with its signal", async () => {
  const backend = memoryBackend({ a: "1", b: "2" });
  const stop = new AbortController();
  const numbers = new ConfigCentre(backend, PREFIX, {
    parse: (_, text) => Number(text),
    format: String,
  });
  const all = numbers.watch({ signal: stop.signal });
  const one = numbers.watch({ signal: stop.signal, name: "b" });
  assert.deepEqual(await take(all, 2), ["put a 1", "put b 2"]);
  assert.deepEqual(await take(one, 1), ["put b 2"]);
  await numbers.put("a", 3);
  await numbers.put("b", 4);
  await numbers.delete("b");
  assert.deepEqual((await take(all, 3)).sort(), ["delete b", "put a 3", "put b 4"].sort());
  assert.deepEqual(await take(one, 2), ["put b 4", "delete b"]);
  stop.abort();
  assert.equal((await all.next()).done, true);
  assert.equal((await one.next()).done, true);
});

Deno.test("watch outlives an outage and then tells what has changed meanwhile", async () => {
  const backend = new ScriptedBackend();
  const clock = new ManualClock();
  const stop = new AbortController();
  const refuse = (): Promise<never> => Promise.reject(new Error("not used"));
  const writable = Object.assign(backend, { put: refuse, delete: refuse, compareAndSet: refuse });
  const events = configCentre(writable, PREFIX).watch({ clock, signal: stop.signal });
  backend.snapshot(entry("a", "{}", "1"), entry("b", "{}", "1"), entry("c", "{}", "1"));
  assert.deepEqual(await take(events, 3), ["put a {}", "put b {}", "put c {}"]);
  backend.fail("down");
  backend.snapshot(entry("a", "{}", "1"), entry("b", '{"timeout":1}', "2"));
  const changes = take(events, 2);
  await clock.tick("10s");
  assert.deepEqual(await changes, ["delete c", 'put b {"timeout":1}']);
  stop.abort();
  const ended = events.next();
  await clock.tick("1s");
  assert.equal((await ended).done, true);
  assert.equal(clock.pendingTimers, 0);
});
