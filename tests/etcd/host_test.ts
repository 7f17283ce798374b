import assert from "node:assert/strict";
import { parseHost } from "../../etcd/host.ts";

const HOSTS: readonly (readonly [text: string, secure: boolean, url: string])[] = [
  ["etcd-1", false, "http://etcd-1:2379"],
  ["etcd-1:4001", false, "http://etcd-1:4001"],
  ["etcd-1:4001", true, "https://etcd-1:4001"],
  ["http://etcd-1:2379", false, "http://etcd-1:2379"],
  ["http://etcd-1:80", false, "http://etcd-1:80"],
  ["https://etcd-1", false, "https://etcd-1:2379"],
  ["https://etcd-1:443/", false, "https://etcd-1:443"],
  ["[::1]:2379", false, "http://[::1]:2379"],
  ["http://user:secret@etcd-1:2379", false, "http://etcd-1:2379"],
];

for (const [text, secure, url] of HOSTS) {
  Deno.test(`etcd: the host ${text}${secure ? ", with TLS," : ""} is ${url}`, () => {
    assert.equal(parseHost(text, secure).url, url);
  });
}
