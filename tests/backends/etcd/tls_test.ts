// Real processes and real sockets: these tests wait for what they do, not for a clock.
import assert from "node:assert/strict";
import { BackendError } from "../../../mod.ts";
import { CertificateAuthority } from "../../servers/certificates.ts";
import { ETCD, EtcdServer } from "../../servers/etcd.ts";
import { serverTests } from "../../servers/server_tests.ts";
import { Subject } from "./subject.ts";
import { TRANSPORTS } from "../../etcd/transports.ts";

const test = await serverTests(ETCD);

for (const transport of TRANSPORTS) {
  test(`etcd over ${transport}: TLS, and no other authority than the one given`, async () => {
    await using authority = await CertificateAuthority.create();
    await using other = await CertificateAuthority.create("Somebody else");
    await using etcd = await EtcdServer.start({ tls: { authority } });
    const hosts = etcd.endpoint;
    const ca = authority.certificate;
    await using subject = await Subject.start({ hosts, transport, tls: { ca } });
    await subject.converges(etcd.admin, `${transport}, TLS`);
    await etcd.restart();
    await subject.converges(etcd.admin, `${transport}, TLS, SIGTERM and restart`);
    for (const tls of [{ ca: other.certificate }, undefined]) {
      await assert.rejects(
        Subject.start({ hosts, transport, ...(tls && { tls }) }, { loadTimeout: 200 }),
        BackendError,
      );
    }
  });

  test(`etcd over ${transport}: mutual TLS, and not without a certificate`, async () => {
    await using authority = await CertificateAuthority.create();
    await using etcd = await EtcdServer.start({ tls: { authority, mutual: true } });
    const hosts = etcd.endpoint;
    const { certificate: cert, key } = await authority.issue();
    const ca = authority.certificate;
    await using subject = await Subject.start({ hosts, transport, tls: { ca, cert, key } });
    await subject.converges(etcd.admin, `${transport}, mutual TLS`);
    await assert.rejects(
      Subject.start({ hosts, transport, tls: { ca } }, { loadTimeout: 200 }),
      BackendError,
    );
  });
}

test("etcd over gateway: TLS to a server by its address, where its certificate holds that", async () => {
  await using authority = await CertificateAuthority.create();
  await using etcd = await EtcdServer.start({ tls: { authority } });
  const hosts = `127.0.0.1:${etcd.ports.client}`;
  const tls = { ca: new TextEncoder().encode(authority.certificate) };
  await using subject = await Subject.start({ hosts, transport: "gateway", tls });
  await subject.converges(etcd.admin, "gateway, TLS by address");
});

test("etcd over grpc: TLS to a server by its address, under the name in its certificate", async () => {
  await using authority = await CertificateAuthority.create();
  await using etcd = await EtcdServer.start({ tls: { authority } });
  const hosts = `127.0.0.1:${etcd.ports.client}`;
  const ca = new TextEncoder().encode(authority.certificate);
  const tls = { ca, serverName: "localhost" };
  await using subject = await Subject.start({ hosts, tls });
  await subject.converges(etcd.admin, "grpc, TLS by address");
  await assert.rejects(
    Subject.start({ hosts, tls: { ca, serverName: "elsewhere.test" } }, { loadTimeout: 200 }),
    BackendError,
  );
});
