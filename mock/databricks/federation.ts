/**
 * Workload identity federation: the tokens of other issuers that a service principal trusts.
 *
 * A token is accepted if a policy of the client names its issuer, its subject and one of its audiences, its signature
 * is by one of the policy's keys, and it has not expired (docs: "Configure a federation policy"). Databricks' exact
 * answers otherwise are unverified: the errors are OAuth's (RFC 8693 and 6749), the descriptions are the mock's own.
 *
 * @module
 */
import { createLocalJWKSet, decodeJwt, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from "jose";

/** A federation policy, with the contents of `oidc_policy`. */
export interface FederationPolicy {
  /** The application id of the service principal. */
  readonly clientId: string;
  readonly issuer: string;
  /** `system:serviceaccount:<namespace>:<name>` for a token of Kubernetes. */
  readonly subject: string;
  readonly audiences: readonly string[];
  /** The issuer's keys, for an issuer that Databricks cannot reach (`jwks_json`). */
  readonly jwks: JSONWebKeySet;
}

/** A refused token exchange: OAuth's error and its description. */
export class ExchangeError extends Error {
  override readonly name = "ExchangeError";

  constructor(readonly error: "invalid_request" | "invalid_grant" | "invalid_client", description: string) {
    super(description);
  }
}

/** The service principal of a federated token, and its expiry. */
export interface Exchanged {
  readonly clientId: string;
  /** The time at which the token expires (ms since the epoch). */
  readonly endsAt: number;
}

/** Checks a token against the policies. @throws {ExchangeError} */
export async function exchange(
  token: string,
  clientId: string | undefined,
  { policies, now }: { readonly policies: readonly FederationPolicy[]; readonly now: number },
): Promise<Exchanged> {
  // Without a client id, nothing in a Kubernetes token identifies a policy.
  if (clientId === undefined) throw new ExchangeError("invalid_request", "client_id is required");
  const { iss, sub } = claimsOf(token);
  const ofClient = policies.filter((policy) => policy.clientId === clientId);
  if (ofClient.length === 0) throw new ExchangeError("invalid_grant", `No federation policy of client ${clientId}`);
  const policy = ofClient.find(({ issuer, subject }) => issuer === iss && subject === sub);
  if (policy === undefined) {
    throw new ExchangeError("invalid_grant", `No federation policy fits issuer ${iss} and subject ${sub}`);
  }
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet(policy.jwks), {
      audience: [...policy.audiences],
      algorithms: ["RS256", "ES256"],
      currentDate: new Date(now),
      requiredClaims: ["exp"],
    });
    return { clientId, endsAt: payload.exp! * 1000 };
  } catch (error) {
    throw new ExchangeError("invalid_grant", reasonOf(error));
  }
}

function claimsOf(token: string): JWTPayload {
  try {
    return decodeJwt(token);
  } catch {
    throw new ExchangeError("invalid_grant", "subject_token is no JWT");
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "The token has expired";
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === "nbf") return "The token is not valid yet";
  if (error instanceof errors.JWTClaimValidationFailed) return `The token's ${error.claim} is not as the policy says`;
  return "The token's signature is not by a key of the policy";
}
