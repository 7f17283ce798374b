// A real etcd, with real handshakes.
import assert from "node:assert/strict";
import { CertificateAuthority } from "./certificates.ts";
import { EtcdAdmin } from "./etcd_admin.ts";
import { ETCD, EtcdServer } from "./etcd.ts";
import { serverTests } from "./server_tests.ts";

const etcdTest = await serverTests(ETCD);

etcdTest("etcd with TLS: it serves who trusts its authority, by name and by address", async () => {
  await using authority = await CertificateAuthority.create();
  await using stranger = await CertificateAuthority.create("Somebody else");
  await using etcd = await EtcdServer.start({ tls: { authority } });
  await etcd.admin.put("a", "1");
  using byName = etcd.connect({ endpoint: etcd.endpoint });
  assert.equal((await byName.get("a"))?.value, "1");
  using distrustful = etcd.connect({ caCertificate: stranger.certificate });
  await assert.rejects(distrustful.get("a"), /certificate/i);
  using plain = etcd.connect({ endpoint: etcd.endpoint.replace("https:", "http:") });
  await assert.rejects(plain.get("a"));
});

etcdTest("etcd with mTLS: it serves clients of its authority, and no others", async () => {
  await using authority = await CertificateAuthority.create();
  await using stranger = await CertificateAuthority.create("Somebody else");
  await using etcd = await EtcdServer.start({ tls: { authority, mutual: true } });
  await etcd.admin.put("a", "1");
  using known = etcd.connect({ client: await authority.issue({ commonName: "reader" }) });
  assert.equal((await known.get("a"))?.value, "1");
  using unknown = etcd.connect({ client: await stranger.issue({ commonName: "reader" }) });
  await assert.rejects(unknown.get("a"), isRefusedByTls);
  const { endpoint, caCertificate = "" } = etcd.admin.options;
  using bare = new EtcdAdmin({ endpoint, caCertificate });
  await assert.rejects(bare.get("a"), isRefusedByTls);
});

/** In TLS 1.3 a client has finished when it is refused: it may see no more than a closed connection. */
function isRefusedByTls(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof TypeError;
}
