// Real TLS connections on loopback: what a certificate is worth is for the two ends to say.
import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { connect, createServer, type TLSSocket } from "node:tls";
import { CertificateAuthority, type IssuedCertificate } from "./certificates.ts";

interface Ends {
  readonly server: IssuedCertificate;
  /** Whom the client trusts. */
  readonly trusted: CertificateAuthority;
  /** @default "localhost" */
  readonly host?: string;
  /** Whom the server trusts; left out: it asks for no certificate. */
  readonly clientAuthority?: CertificateAuthority;
  readonly client?: IssuedCertificate;
}

/** Sends a byte from server to client. @returns The client's name as the server saw it */
async function handshake(ends: Ends): Promise<string | undefined> {
  let seen: string | undefined;
  const server = createServer({
    cert: ends.server.certificate,
    key: ends.server.key,
    ...(ends.clientAuthority === undefined
      ? {}
      : { ca: ends.clientAuthority.certificate, requestCert: true, rejectUnauthorized: true }),
  }, (socket: TLSSocket) => {
    const name = socket.getPeerCertificate()?.subject?.CN;
    seen = Array.isArray(name) ? name[0] : name;
    socket.on("error", () => {});
    socket.end("x");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert(address !== null && typeof address === "object");
  try {
    await new Promise<void>((resolve, reject) => {
      const socket = connect({
        host: "127.0.0.1",
        port: address.port,
        servername: ends.host ?? "localhost",
        ca: ends.trusted.certificate,
        ...(ends.client && { cert: ends.client.certificate, key: ends.client.key }),
      });
      let received = "";
      socket.on("data", (chunk) => received += chunk);
      socket.on("error", reject);
      socket.on("close", () => received === "x" ? resolve() : reject(new Error("no byte came")));
    });
    return seen;
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

Deno.test("certificates: a server's is good for its hosts, under its authority", async () => {
  await using trusted = await CertificateAuthority.create();
  await using other = await CertificateAuthority.create("Somebody else");
  const hosts = ["localhost", "127.0.0.1"];
  const server = await trusted.issue({ hosts });
  await handshake({ server, trusted });
  await assert.rejects(handshake({ server, trusted, host: "elsewhere.test" }));
  await assert.rejects(handshake({ server, trusted: other }));
  const expired = await trusted.issue({ hosts, validForMs: -60_000 });
  await assert.rejects(handshake({ server: expired, trusted }));
});

Deno.test("certificates: a client's is good under the authority that the server trusts", async () => {
  await using trusted = await CertificateAuthority.create();
  await using other = await CertificateAuthority.create("Somebody else");
  const server = await trusted.issue({ hosts: ["localhost"] });
  const ends = { server, trusted, clientAuthority: trusted };
  const client = await trusted.issue({ commonName: "reader" });
  assert.equal(await handshake({ ...ends, client }), "reader");
  assert.equal(await handshake({ ...ends, client: await trusted.issue() }), undefined);
  await assert.rejects(handshake({ ...ends, client: await other.issue({ commonName: "reader" }) }));
  await assert.rejects(handshake(ends));
});

Deno.test("certificates: they are files too, and gone with their authority", async () => {
  const authority = await CertificateAuthority.create();
  const issued = await authority.issue();
  assert.equal(await readFile(issued.certificatePath, "utf8"), issued.certificate);
  assert.equal(await readFile(issued.keyPath, "utf8"), issued.key);
  assert.equal(await readFile(authority.certificatePath, "utf8"), authority.certificate);
  assert.equal((await stat(issued.keyPath)).mode & 0o077, 0);
  await authority[Symbol.asyncDispose]();
  await assert.rejects(stat(authority.certificatePath), /No such file|ENOENT/);
});
