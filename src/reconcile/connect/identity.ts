/**
 * The operator's identities for signing in, and the principal whose rate limit a namespace uses.
 *
 * @module
 */
import { CredentialsError } from "../../databricks/auth.ts";
import type { SignIn } from "../../databricks/sign_in/method.ts";
import { type KubeClient, KubeError } from "../../kubernetes/client.ts";
import { claimsOf } from "../../databricks/sign_in/claims.ts";
import { type OwnIdentityRule, ownIdentityRule } from "./own_identity.ts";

/** The operator's own identities, besides the credentials of namespaces. */
export interface Identity {
  readonly readFile: (path: string) => Promise<string>;
  readonly environment: (name: string) => string | undefined;
  /** Who may use them. */
  readonly ownProblem: OwnIdentityRule;
  /** Permits requests to the metadata service of an Azure machine. */
  readonly allowManagedIdentity: boolean;
  /** The credentials of the person at this machine, under the keys of the Secret. None in a pod. */
  readonly profile?: Readonly<Record<string, string>>;
  /** A stand-in for that service, for tests. */
  readonly metadataAddress?: string;
}

/** An operator without an identity of its own: namespaces provide their credentials. */
export const noIdentity: Identity = {
  readFile: (path) => Promise.reject(new Error(`${path} is not read here`)),
  environment: () => undefined,
  ownProblem: ownIdentityRule(undefined, []),
  allowManagedIdentity: false,
};

/**
 * The principal that Databricks limits, identified by something that only its owner knows: a namespace that names
 * another one's client must not set that client's rate. Without a secret as proof, it is a principal of its namespace.
 */
export function principalOf(namespace: string, { host, method }: SignIn): string {
  const proof = method.type === "pat" ? method.token : "clientSecret" in method ? method.clientSecret : undefined;
  const client = method.type === "pat" ? undefined : method.clientId;
  return JSON.stringify([host, method.type, client, proof ?? { namespace }]);
}

/** The id of the client that signs in, if there is one. */
export function clientIdOf(signIn: SignIn | undefined): string | undefined {
  return signIn !== undefined && "clientId" in signIn.method ? signIn.method.clientId : undefined;
}

/** The name of the identity that acts in Databricks, for the log: without its token or secret. */
export function nameOfPrincipal({ method }: SignIn, secretName: string | undefined): string {
  if (method.type !== "pat") return [method.type, ...method.clientId === undefined ? [] : [method.clientId]].join(" ");
  return `pat of ${secretName === undefined ? "the profile" : `Secret ${secretName}`}`;
}

/** Names of objects: any other text could lead to another path. */
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/** The lifetime of a ServiceAccount token (s): the one that the kubelet requests. */
const TOKEN_SECONDS = 3600;

/** A token of a ServiceAccount, issued by TokenRequest. @throws {CredentialsError} with the remedy. */
export async function requestToken(
  client: KubeClient,
  { namespace, name, audience }: { namespace: string; name: string; audience: string },
): Promise<string> {
  if (!NAME.test(name)) {
    throw new CredentialsError(`service_account "${name}" is no name of a ServiceAccount: correct it`);
  }
  try {
    const ofKubernetes = await audiencesOf(client, { namespace, name });
    if (!ofKubernetes.includes(audience)) return await issue(client, { namespace, name, audiences: [audience] });
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
  // With such a token, the workspace's host, which the namespace chooses, could act as the ServiceAccount in the
  // cluster.
  throw new CredentialsError(
    `audience "${audience}" is the Kubernetes API's own, so that the token would open the cluster to whoever gets it: ` +
      'choose another one, such as "databricks", here and in the federation policy',
  );
}

interface TokenSpec {
  readonly namespace: string;
  readonly name: string;
  readonly audiences: readonly string[];
}

async function issue(client: KubeClient, { namespace, name, audiences }: TokenSpec): Promise<string> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}/token`;
  const spec = { ...audiences.length > 0 && { audiences }, expirationSeconds: TOKEN_SECONDS };
  const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec };
  const { status } = await client.request("POST", path, { body });
  const { token } = status as { token?: unknown };
  if (typeof token === "string") return token;
  throw new CredentialsError(`the API server gave no token of ServiceAccount "${namespace}/${name}"`);
}

/** The audiences that each API server accepts. */
const known = new WeakMap<KubeClient, readonly string[]>();

/** The audiences of the Kubernetes API: it uses them for a token that names none. That token is not kept. */
async function audiencesOf(client: KubeClient, account: Omit<TokenSpec, "audiences">): Promise<readonly string[]> {
  const before = known.get(client);
  if (before !== undefined) return before;
  const { aud, iss } = claimsOf(await issue(client, { ...account, audiences: [] }));
  const found = [aud, iss].flat().filter((one): one is string => typeof one === "string");
  known.set(client, found);
  return found;
}
