// The few functions of node-forge that the tests use: it ships no types, and the published ones
// would bring all of Node's into the type check.

interface Attribute {
  readonly name: string;
  readonly value: string;
}

interface Key {
  readonly n: unknown;
  readonly e: unknown;
}

interface Certificate {
  publicKey: Key;
  serialNumber: string;
  readonly validity: { notBefore: Date; notAfter: Date };
  readonly subject: { readonly attributes: readonly Attribute[] };
  setSubject(attributes: readonly Attribute[]): void;
  setIssuer(attributes: readonly Attribute[]): void;
  setExtensions(extensions: readonly object[]): void;
  sign(key: Key, digest: object): void;
}

declare const forge: {
  readonly md: { readonly sha256: { create(): object } };
  readonly pki: {
    createCertificate(): Certificate;
    certificateToPem(certificate: Certificate): string;
    privateKeyFromPem(pem: string): Key;
    setRsaPublicKey(n: unknown, e: unknown): Key;
  };
};

export default forge;
export type { Attribute, Certificate, Key };
