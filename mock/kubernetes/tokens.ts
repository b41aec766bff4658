/**
 * Tokens of ServiceAccounts, like those of TokenRequest: JWTs, signed with a key that is created once per process. The
 * public keys are served at `/openid/v1/jwks`, so that other services can trust the tokens.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { generateKeyPairSync, sign, verify } from "node:crypto";
import { isObject } from "../../src/base/json.ts";

/** The issuer of tokens, which is also their default audience. */
export const ISSUER = "https://kubernetes.default.svc.cluster.local";

const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
const KEY_ID = crypto.randomUUID();

/** The contents of a ServiceAccount's token. */
export interface TokenSpec {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly audiences: readonly string[];
  /** The time of issue (ms since the epoch). */
  readonly now: number;
  readonly seconds: number;
}

/** Signs a token. */
export function issueToken({ namespace, name, uid, audiences, now, seconds }: TokenSpec): string {
  const issuedAt = Math.floor(now / 1000);
  const payload = {
    aud: audiences.length > 0 ? audiences : [ISSUER],
    exp: issuedAt + seconds,
    iat: issuedAt,
    iss: ISSUER,
    jti: crypto.randomUUID(),
    "kubernetes.io": { namespace, serviceaccount: { name, uid } },
    nbf: issuedAt,
    sub: `system:serviceaccount:${namespace}:${name}`,
  };
  const content = `${encode({ alg: "ES256", kid: KEY_ID, typ: "JWT" })}.${encode(payload)}`;
  const signature = sign("sha256", Buffer.from(content), { key: keys.privateKey, dsaEncoding: "ieee-p1363" });
  return `${content}.${signature.toString("base64url")}`;
}

/** The user of a token at this API; `undefined` if this API did not issue it, or for another audience. */
export function userOfToken(token: string, now: number): string | undefined {
  const [head, body, signature] = token.split(".");
  if (signature === undefined) return undefined;
  const key = { key: keys.publicKey, dsaEncoding: "ieee-p1363" as const };
  const isSigned = verify("sha256", Buffer.from(`${head}.${body}`), key, Buffer.from(signature, "base64url"));
  if (!isSigned) return undefined;
  const claims = JSON.parse(Buffer.from(body!, "base64url").toString());
  const isValid = isObject(claims) && Array.isArray(claims.aud) && claims.aud.includes(ISSUER) &&
    now < Number(claims.exp) * 1000;
  return isValid ? String(claims.sub) : undefined;
}

/** The public keys, in the format of `/openid/v1/jwks`. */
export function jwks(): { keys: Record<string, unknown>[] } {
  return { keys: [{ ...keys.publicKey.export({ format: "jwk" }), use: "sig", alg: "ES256", kid: KEY_ID }] };
}

/** Returns the document at `/.well-known/openid-configuration`. */
export function openIdConfiguration(): Record<string, unknown> {
  return {
    issuer: ISSUER,
    jwks_uri: `${ISSUER}/openid/v1/jwks`,
    response_types_supported: ["id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["ES256"],
  };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
