// node-forge: one package without dependencies, in plain JavaScript, so that no openssl is needed.
// (@peculiar/x509 would be twenty packages and a global polyfill.) It only assembles and signs; the
// keys are made by WebCrypto, since forge's own take seconds.
// @ts-types="./node_forge.d.ts"
import forge from "npm:node-forge@1.4.0";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Attribute, Certificate, Key } from "./node_forge.d.ts";

const DAY_MS = 24 * 3_600_000;
let issuedKeys: ReturnType<typeof generateKeys> | undefined;

/** A certificate and its private key, as PEM and as files. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly key: string;
  readonly certificatePath: string;
  readonly keyPath: string;
}

/** What a certificate is for. */
export interface CertificateRequest {
  /** The subject's common name; a user's name where etcd authenticates by certificate. @default none */
  readonly commonName?: string;
  /** Host names and IPv4 addresses of a server. @default [] */
  readonly hosts?: readonly string[];
  /** How long from now it is valid, in milliseconds; negative: it has expired. @default one day */
  readonly validForMs?: number;
}

/** Two halves of a key, as PEM and as files. */
export interface KeyPair {
  readonly publicKey: string;
  readonly privateKey: string;
  readonly publicKeyPath: string;
  readonly privateKeyPath: string;
}

/** A certificate authority with a temporary folder for all that it issues. */
export class CertificateAuthority implements AsyncDisposable {
  /** Its own certificate, which clients and servers are to trust. */
  readonly certificate: string;
  readonly certificatePath: string;
  readonly #folder: string;
  readonly #subject: readonly Attribute[];
  readonly #key: Key;
  #issued = 0;

  private constructor(folder: string, subject: readonly Attribute[], key: Key, pem: string) {
    this.#folder = folder;
    this.#subject = subject;
    this.#key = key;
    this.certificate = pem;
    this.certificatePath = join(folder, "authority.pem");
  }

  static async create(name = "Switchgear test authority"): Promise<CertificateAuthority> {
    const folder = await mkdtemp(join(tmpdir(), "switchgear-certificates-"));
    const subject = [{ name: "commonName", value: name }];
    const { privateKey } = await generateKeys();
    const key = forge.pki.privateKeyFromPem(privateKey);
    const certificate = blank(subject, key, DAY_MS);
    certificate.setExtensions([
      { name: "basicConstraints", critical: true, cA: true },
      { name: "keyUsage", critical: true, keyCertSign: true, cRLSign: true },
    ]);
    certificate.setIssuer(subject);
    certificate.sign(key, forge.md.sha256.create());
    const pem = forge.pki.certificateToPem(certificate);
    const authority = new CertificateAuthority(folder, subject, key, pem);
    await writeFile(authority.certificatePath, pem);
    return authority;
  }

  /** Issues a certificate good for both ends of a connection, signed by this authority. */
  async issue(request: CertificateRequest = {}): Promise<IssuedCertificate> {
    const { commonName, hosts = [], validForMs = DAY_MS } = request;
    // A subject must not be empty; an organization leaves the common name out.
    const subject = [
      { name: "organizationName", value: "Switchgear tests" },
      ...(commonName === undefined ? [] : [{ name: "commonName", value: commonName }]),
    ];
    // One key for all that is issued in this process, since each may take half a second to find.
    const { privateKey } = await (issuedKeys ??= generateKeys());
    const certificate = blank(subject, forge.pki.privateKeyFromPem(privateKey), validForMs);
    const altNames = hosts.map((host) =>
      /^[\d.]+$/.test(host) ? { type: 7, ip: host } : { type: 2, value: host }
    );
    certificate.setExtensions([
      { name: "basicConstraints", critical: true, cA: false },
      { name: "keyUsage", critical: true, digitalSignature: true, keyEncipherment: true },
      { name: "extKeyUsage", serverAuth: true, clientAuth: true },
      ...(altNames.length > 0 ? [{ name: "subjectAltName", altNames }] : []),
    ]);
    certificate.setIssuer(this.#subject);
    certificate.sign(this.#key, forge.md.sha256.create());
    const file = join(this.#folder, `${++this.#issued}`);
    const issued = {
      certificate: forge.pki.certificateToPem(certificate),
      key: privateKey,
      certificatePath: `${file}.pem`,
      keyPath: `${file}.key`,
    };
    await writeFile(issued.certificatePath, issued.certificate);
    await writeFile(issued.keyPath, issued.key, { mode: 0o600 });
    return issued;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Writes a new RSA key pair into a folder, as servers want it that sign tokens. */
export async function writeKeyPair(folder: string): Promise<KeyPair> {
  const keys = await generateKeys();
  const pair = {
    ...keys,
    publicKeyPath: join(folder, "public.key"),
    privateKeyPath: join(folder, "private.key"),
  };
  await writeFile(pair.publicKeyPath, keys.publicKey);
  await writeFile(pair.privateKeyPath, keys.privateKey, { mode: 0o600 });
  return pair;
}

function blank(subject: readonly Attribute[], key: Key, validForMs: number): Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.setRsaPublicKey(key.n, key.e);
  // Positive, and never the same for two certificates of one issuer.
  certificate.serialNumber = `01${randomBytes(15).toString("hex")}`;
  certificate.validity.notBefore = new Date(Date.now() - DAY_MS);
  certificate.validity.notAfter = new Date(Date.now() + validForMs);
  certificate.setSubject(subject);
  return certificate;
}

async function generateKeys(): Promise<{ publicKey: string; privateKey: string }> {
  const { publicKey, privateKey } = await crypto.subtle.generateKey(
    {
      name: "RSASSA-PKCS1-v1_5",
      hash: "SHA-256",
      modulusLength: 2_048,
      publicExponent: new Uint8Array([1, 0, 1]),
    },
    true,
    ["sign", "verify"],
  );
  return {
    publicKey: pem("PUBLIC KEY", await crypto.subtle.exportKey("spki", publicKey)),
    privateKey: pem("PRIVATE KEY", await crypto.subtle.exportKey("pkcs8", privateKey)),
  };
}

function pem(label: string, der: ArrayBuffer): string {
  const lines = new Uint8Array(der).toBase64().match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}
