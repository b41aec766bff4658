/**
 * Gets tokens of a managed identity from the metadata service of an Azure machine.
 *
 * The service is at a link-local address, which the operator never uses otherwise: this one request is the exception,
 * and only if `--allow-managed-identity` permits it.
 *
 * @module
 */
import { textOf } from "../../http/response_body.ts";
import { CredentialsError } from "../auth.ts";
import { ConnectionError, UnauthenticatedError } from "../errors.ts";
import { networkProblem } from "../call/network_error.ts";
import { timeLimit } from "../call/time_limit.ts";
import type { Issued } from "./cached_token.ts";
import type { TokenSourceOptions } from "./token_source.ts";

/** Fixed, so that no setting can redirect it (learn.microsoft.com: "managed identities, how to use a VM token"). */
const METADATA = "http://169.254.169.254";
const PATH = "/metadata/identity/oauth2/token";
/** The request timeout (ms): the service runs on the same machine. */
const TIMEOUT = 10_000;
const LEAST = 1000;

/** A token for a resource. @throws {DatabricksError} or {@link CredentialsError} */
export async function managedIdentity(
  clientId: string | undefined,
  resource: string,
  { transport, clock, allowManagedIdentity = false, metadataAddress = METADATA }: TokenSourceOptions,
): Promise<Issued> {
  if (!allowManagedIdentity) {
    throw new CredentialsError(
      'auth_type "azure-msi" asks the metadata service of the machine, which is not allowed: run with ' +
        "--allow-managed-identity, or use azure-workload-identity, which needs no such exception",
    );
  }
  const url = new URL(PATH, metadataAddress);
  url.searchParams.set("api-version", "2018-02-01");
  url.searchParams.set("resource", resource);
  if (clientId !== undefined) url.searchParams.set("client_id", clientId);
  using limit = timeLimit(clock, TIMEOUT);
  const failure = { endpoint: `GET ${PATH}`, status: 0, code: "", host: url.host };
  try {
    const request = new Request(url, { headers: { metadata: "true" }, signal: limit.signal });
    const response = await transport(metadataAddress).send(request);
    const body = JSON.parse(await textOf(response, limit.signal));
    if (!response.ok || typeof body.access_token !== "string") {
      throw new UnauthenticatedError({
        ...failure,
        status: response.status,
        code: String(body.error ?? ""),
        message: String(body.error_description ?? "no token").slice(0, 500),
        remedy: "assign the managed identity to the nodes' machines, and name it with azure_client_id",
      });
    }
    const lifetimeMs = lifetimeOf(body, clock.now());
    return { token: body.access_token, lifetimeMs: Math.max(Number.isFinite(lifetimeMs) ? lifetimeMs : 0, LEAST) };
  } catch (cause) {
    if (cause instanceof UnauthenticatedError) throw cause;
    if (cause instanceof Deno.errors.NotCapable) {
      throw new CredentialsError(
        `this binary may not connect to the metadata service at ${url.host}: use one that was compiled with ` +
          "deno task compile --managed-identity, or azure-workload-identity",
        { cause },
      );
    }
    throw new ConnectionError({ ...failure, ...networkProblem(cause), cause });
  }
}

/**
 * The remaining lifetime (ms). `expires_in` counts from the issue, and the service caches tokens; `expires_on` follows
 * the service's clock. So the shorter one counts, unless by the local clock a token has expired that was returned just
 * now.
 */
function lifetimeOf(body: { readonly expires_in?: unknown; readonly expires_on?: unknown }, now: number): number {
  const whole = Number(body.expires_in) * 1000;
  const left = Number(body.expires_on) * 1000 - now;
  return [left, whole].filter((ms) => ms > 0).reduce((one, other) => Math.min(one, other), Infinity);
}
