/**
 * Who the operator is when it signs in: by what it gets tokens, and whose rate limit they count against.
 *
 * @module
 */
import { CredentialsError } from "../../databricks/auth.ts";
import type { SignIn } from "../../databricks/sign_in/method.ts";
import { type KubeClient, KubeError } from "../../kubernetes/client.ts";

/** By what the operator may prove who it is, besides what namespaces give it. */
export interface Identity {
  readonly readFile: (path: string) => Promise<string>;
  readonly environment: (name: string) => string | undefined;
  /** Whether a namespace may use the operator's own identity as this client of Databricks. */
  readonly mayUseOwn: (namespace: string, clientId: string) => boolean;
  /** Whether the metadata service of an Azure machine may be asked. */
  readonly allowManagedIdentity: boolean;
}

/** An operator without an identity of its own: namespaces bring their credentials. */
export const noIdentity: Identity = {
  readFile: (path) => Promise.reject(new Error(`${path} is not read here`)),
  environment: () => undefined,
  mayUseOwn: () => false,
  allowManagedIdentity: false,
};

/** Who is limited by Databricks. A client whose sign-in fails never gets to the limit, so its name may be taken. */
export function principalOf(namespace: string, { host, method }: SignIn): string {
  const who = method.type === "pat" ? method.token : method.clientId ?? (method.type === "azure-msi" ? "" : namespace);
  return JSON.stringify([host, method.type, who]);
}

/** How long a ServiceAccount's token is to live (s): what the kubelet asks for, too. */
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
