/**
 * The certificate for the mocks' TLS servers, and the authority that signs it. They are created once per process and
 * exist only in its memory, so that no key is ever stored.
 *
 * @module
 */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY = 86_400_000;

/** A certificate for this machine's loopback addresses. */
export interface Certificate {
  /** The authority's certificate (PEM), which clients must trust. */
  readonly ca: string;
  /** The server's certificate (PEM). */
  readonly chain: string;
  /** The server's private key (PEM). */
  readonly key: string;
}

let made: Promise<Certificate> | undefined;

/** The process's certificate. */
export function certificate(): Promise<Certificate> {
  return made ??= make();
}

/** A certificate with its own authority, for tests that change the authority. */
export async function make(): Promise<Certificate> {
  const [authority, server] = await Promise.all([newKeys(), newKeys()]);
  const validity = { notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + 365 * DAY) };
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: "CN=stand-in authority",
    ...validity,
    signingAlgorithm: ALGORITHM,
    keys: authority,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  const names = [{ type: "ip", value: "127.0.0.1" }, { type: "ip", value: "::1" }, { type: "dns", value: "localhost" }];
  const leaf = await x509.X509CertificateGenerator.create({
    serialNumber: "02",
    subject: "CN=stand-in",
    issuer: ca.subject,
    ...validity,
    signingAlgorithm: ALGORITHM,
    publicKey: server.publicKey,
    signingKey: authority.privateKey,
    extensions: [new x509.SubjectAlternativeNameExtension(names as x509.JsonGeneralNames)],
  });
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", server.privateKey), "PRIVATE KEY");
  return { ca: ca.toString("pem"), chain: leaf.toString("pem"), key };
}

function newKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]) as Promise<CryptoKeyPair>;
}
