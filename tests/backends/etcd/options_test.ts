import assert from "node:assert/strict";
import { etcdBackend, type EtcdBackendOptions } from "../../../backends/etcd/mod.ts";

const PEM = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";

/** Options that no caller in TypeScript could give, as JSON or JavaScript would. */
function loosely(options: object): EtcdBackendOptions {
  return options;
}

const FAULTS: readonly (readonly [name: string, options: object, message: RegExp])[] = [
  ["no hosts", { hosts: [] }, /"hosts" must name at least one host/],
  ["a host of another scheme", { hosts: ["unix:///etcd"] }, /"hosts\[0\]" must be host:port/],
  ["a host with a path", { hosts: "http://etcd/v3" }, /"hosts" must have no path/],
  ["a host that is a number", { hosts: ["a", 1] }, /"hosts\[1\]" must be a string, received 1/],
  ["plain and TLS hosts", { hosts: ["http://a", "https://b"] }, /"hosts" must be all https/],
  ["plain hosts with TLS", { hosts: "http://a", tls: { ca: PEM } }, /"hosts" must not be http:/],
  ["a file's name", { tls: { ca: "/etc/ca.pem" } }, /"tls.ca" must be PEM/],
  ["a certificate without key", { tls: { cert: PEM } }, /"tls" must have both "cert" and "key"/],
  [
    "a URL for a name",
    { tls: { serverName: "https://a" } },
    /"tls.serverName" must be a host name/,
  ],
  [
    "a server name for fetch",
    { tls: { serverName: "a" }, transport: "gateway" },
    /"tls.serverName" cannot be used with transport "gateway"/,
  ],
  ["a user without password", { username: "u" }, /"password" must be a string where/],
  ["a password without user", { password: "secret" }, /"username" must be a string/],
  ["another transport", { transport: "http" }, /"transport" must be "grpc" or "gateway"/],
  ["a namespace that is no text", { namespace: 1 }, /"namespace" must be a string, received 1/],
  ["a time of nothing", { heartbeatMs: 0 }, /"heartbeatMs" must be an integer of 1 to/],
  ["a time that is text", { relistMs: "5m" }, /"relistMs" must be an integer.*received "5m"/],
  ["an empty page", { pageSize: 0 }, /"pageSize" must be an integer of 1 to 100000/],
  ["a client over fetch", { client: {}, transport: "gateway" }, /"client" cannot be used with/],
  ["a client and hosts", { client: {}, hosts: "a" }, /"client" brings its own "hosts"/],
];

for (const [name, options, message] of FAULTS) {
  Deno.test(`etcd: ${name} is refused by name`, () => {
    assert.throws(
      () => etcdBackend(loosely(options)),
      (error) =>
        error instanceof TypeError && message.test(error.message) &&
        !error.message.includes("secret"),
    );
  });
}

Deno.test("etcd: no message shows the credentials in a host", () => {
  const hosts = ["http://user:secret@a:1", "http://b:2"];
  const { description } = etcdBackend({ hosts, namespace: "/team", transport: "gateway" });
  assert.equal(description, "etcd(http://a:1, http://b:2, /team, gateway)");
  for (const host of ["http://user:secret@a b", "user:secret@[", "http://user:secret@a/path"]) {
    assert.throws(
      () => etcdBackend({ hosts: host }),
      (error) => error instanceof TypeError && !error.message.includes("secret"),
    );
  }
});

Deno.test("etcd: something that is no etcd3 client is refused with the first request", async () => {
  const client = { close: () => {}, watchClient: {} };
  await assert.rejects(etcdBackend({ client }).read("/"), /it is no Etcd3 client of etcd3@1\.1\.2/);
});
