/**
 * The operator's identities for signing in, and the principal whose rate limit a namespace uses.
 *
 * @module
 */
import { CredentialsError } from "../../databricks/auth.ts";
import type { SignIn } from "../../databricks/sign_in/method.ts";
import { type KubeClient, KubeError } from "../../kubernetes/client.ts";

/** The operator's own identities, besides the credentials of namespaces. */
export interface Identity {
  readonly readFile: (path: string) => Promise<string>;
  readonly environment: (name: string) => string | undefined;
  /** True when a namespace may use the operator's own identity as this Databricks client. */
  readonly mayUseOwn: (namespace: string, clientId: string) => boolean;
  /** Permits requests to the metadata service of an Azure machine. */
  readonly allowManagedIdentity: boolean;
  /** What the person at this machine signs in with: the keys that a Secret would hold. None in a pod. */
  readonly profile?: Readonly<Record<string, string>>;
  /** A stand-in for that service, for tests. */
  readonly metadataAddress?: string;
}

/** An operator without an identity of its own: namespaces bring their credentials. */
export const noIdentity: Identity = {
  readFile: (path) => Promise.reject(new Error(`${path} is not read here`)),
  environment: () => undefined,
  mayUseOwn: () => false,
  allowManagedIdentity: false,
};

/** The principal that Databricks limits: the client id is safe, since no limit is reached without a sign-in. */
export function principalOf(namespace: string, { host, method }: SignIn): string {
  const who = method.type === "pat" ? method.token : method.clientId ?? (method.type === "azure-msi" ? "" : namespace);
  return JSON.stringify([host, method.type, who]);
}

/** The name of the identity that acts in Databricks, for the log: without its token or secret. */
export function nameOfPrincipal({ method }: SignIn, secretName: string | undefined): string {
  if (method.type !== "pat") return [method.type, ...method.clientId === undefined ? [] : [method.clientId]].join(" ");
  return `pat of ${secretName === undefined ? "the profile" : `Secret ${secretName}`}`;
}

/** The lifetime of a ServiceAccount token (s): the one that the kubelet requests. */
const TOKEN_SECONDS = 3600;

/** A token of a ServiceAccount, as TokenRequest issues it. @throws {CredentialsError} with the way out. */
export async function requestToken(
  client: KubeClient,
  { namespace, name, audience }: { namespace: string; name: string; audience: string },
): Promise<string> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}/token`;
  const spec = { audiences: [audience], expirationSeconds: TOKEN_SECONDS };
  const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec };
  try {
    const { status } = await client.request("POST", path, { body });
    const { token } = status as { token?: unknown };
    if (typeof token === "string") return token;
    throw new CredentialsError(`the API server gave no token of ServiceAccount "${namespace}/${name}"`);
  } catch (error) {
    if (!(error instanceof KubeError) || ![403, 404].includes(error.status)) throw error;
    throw new CredentialsError(
      error.status === 404
        ? `ServiceAccount "${namespace}/${name}", which service_account names, does not exist: create it`
        : `the operator may not ask for tokens of ServiceAccount "${namespace}/${name}": list it in the chart's value ` +
          `federation.serviceAccounts`,
      { cause: error },
    );
  }
}
