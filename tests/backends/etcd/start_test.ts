// Real etcd servers and real time: what is tested is a start without etcd, and what follows.
import assert from "node:assert/strict";
import type { LastKnownGoodStore } from "../../../mod.ts";
import { ETCD, EtcdServer } from "../../servers/etcd.ts";
import { serverTests } from "../../servers/server_tests.ts";
import { PREFIX, Subject } from "./subject.ts";
import { TRANSPORTS } from "../../etcd/transports.ts";

const test = await serverTests(ETCD);

/** Keeps the last known good state in memory. */
class Store implements LastKnownGoodStore {
  #text: string | undefined;
  load(): Promise<string | undefined> {
    return Promise.resolve(this.#text);
  }
  save(text: string): Promise<void> {
    this.#text = text;
    return Promise.resolve();
  }
}

for (const transport of TRANSPORTS) {
  for (const fault of ["down", "frozen"] as const) {
    test(`etcd over ${transport}: ${fault} at start, it starts on the last known good state, and follows later`, async () => {
      await using etcd = await EtcdServer.start();
      await etcd.admin.put(`${PREFIX}payments.json`, '{"failureThreshold":7}');
      const lastKnownGood = new Store();
      {
        await using before = await Subject.start({ hosts: etcd.endpoint, transport }, {
          lastKnownGood,
        });
        assert.equal(before.threshold("payments"), 7);
      }
      if (fault === "down") await etcd.kill();
      else await etcd.pause();
      const options = { lastKnownGood, loadTimeout: "500ms" };
      await using subject = await Subject.start({ hosts: etcd.endpoint, transport }, options);
      assert.equal(subject.threshold("payments"), 7);
      assert.equal(subject.provider.status().origin, "last-known-good");
      assert.match(subject.warnings.join("\n"), /starting on the last known good state/);
      if (fault === "down") await etcd.restart();
      else etcd.resume();
      await etcd.admin.put(`${PREFIX}payments.json`, '{"failureThreshold":8}');
      await subject.converges(etcd.admin, `${transport}, ${fault} at start, last known good`);
      assert.equal(subject.threshold("payments"), 8);
      assert.equal(subject.provider.status().origin, "backend");
    });
  }

  test(`etcd over ${transport}: down at start, it starts on defaults if told to, and follows later`, async () => {
    await using etcd = await EtcdServer.start();
    await etcd.admin.put(`${PREFIX}payments.json`, '{"failureThreshold":7}');
    await etcd.kill();
    const options = { onLoadFailure: "use-defaults", loadTimeout: "500ms" } as const;
    await using subject = await Subject.start({ hosts: etcd.endpoint, transport }, options);
    assert.equal(subject.threshold("payments"), 5);
    assert.equal(subject.provider.status().origin, "defaults");
    await etcd.restart();
    await subject.converges(etcd.admin, `${transport}, down at start, defaults`);
    assert.equal(subject.threshold("payments"), 7);
  });
}
