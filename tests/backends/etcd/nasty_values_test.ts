// A real etcd: this test waits for what it sends, not for a clock.
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { parsePolicyText } from "../../../src/policy/parse_policy.ts";
import { ETCD, EtcdServer } from "../../servers/etcd.ts";
import { serverTests } from "../../servers/server_tests.ts";
import { PREFIX, Subject } from "./subject.ts";
import { TRANSPORTS } from "../../etcd/transports.ts";

const test = await serverTests(ETCD);

/** Values by the end of their key, in bytes. */
const VALUES: Readonly<Record<string, Uint8Array | string>> = {
  "deep": "[".repeat(100_000),
  "nul": Buffer.alloc(1_000),
  "empty": "",
  "not text": Uint8Array.from([0xff, 0xfe, 0x80, 0x7b, 0x7d]),
  "half a character": Uint8Array.from([0x7b, 0x22, 0xe7, 0x94, 0x22, 0x3a, 0x31, 0x7d]),
  "huge number": '{"failureThreshold":1e400}',
  ["__proto__"]: '{"__proto__":{"failureThreshold":9}}',
  "constructor": '{"failureThreshold":9,"failureThreshold":1}',
  "1 MB": `{"mode":"${"x".repeat(1_000_000)}"}`,
  "surrogates": '{"\\ud800":1}',
};

for (const transport of TRANSPORTS) {
  test(`etcd over ${transport}: values of every kind are refused by name, and good ones are in force`, async () => {
    await using etcd = await EtcdServer.start();
    const put = async (name: string, value: Uint8Array | string): Promise<void> => {
      const [key, content] = [`${PREFIX}${name}.json`, value].map((each) =>
        Buffer.from(each).toString("base64")
      );
      await etcd.admin.call("kv/put", { key, value: content });
    };
    await put("toString", '{"failureThreshold":3}');
    for (const [name, value] of Object.entries(VALUES)) await put(name, value);
    await using subject = await Subject.start({ hosts: etcd.endpoint, transport });
    assert.equal(subject.threshold("toString"), 3);
    const { documents } = subject.provider.status();
    assert.equal(documents.length, Object.keys(VALUES).length + 1);
    for (const { name, refused } of documents) {
      const value = VALUES[name];
      if (name === "toString" || value === undefined) continue;
      assert(!parsePolicyText(new TextDecoder().decode(Buffer.from(value))).ok);
      assert(refused !== null && refused.faults.every(({ message }) => message.length < 2_000));
    }
    // Edited while it is watched: good becomes bad and stays, bad becomes good.
    await put("toString", VALUES["deep"] ?? "");
    await put("__proto__", '{"failureThreshold":8}');
    await subject.converges(etcd.admin, `${transport}, nasty edits`);
    assert.equal(subject.threshold("toString"), 3);
    assert.equal(subject.threshold("__proto__"), 8);
  });
}
