/**
 * Signs in to a workspace as a person: by the environment variables of the Databricks SDKs, or a profile of
 * `~/.databrickscfg`. For commands that need no cluster.
 *
 * @module
 */
import { systemClock } from "../base/clock.ts";
import { CredentialsError } from "../databricks/auth.ts";
import { Limiter } from "../databricks/limiter.ts";
import { readSignIn } from "../databricks/sign_in/method.ts";
import { readProfile } from "../databricks/sign_in/profile.ts";
import { tokenSource } from "../databricks/sign_in/token_source.ts";
import { httpTransport, shared } from "../databricks/transport.ts";
import { WorkspaceClient } from "../databricks/workspace.ts";
import { VERSION_TEXT } from "../process/version.ts";
import { defaults } from "../reconcile/connect/settings.ts";

/** Options of {@link connectWorkspace}. */
export interface WorkspaceConnectOptions {
  /** A profile of `~/.databrickscfg`; `true` for its default one. */
  readonly profile?: string | true | undefined;
}

/**
 * A client of the workspace; no request is sent yet.
 *
 * @throws {CredentialsError} when nothing says which workspace, or how to sign in.
 */
export async function connectWorkspace({ profile }: WorkspaceConnectOptions): Promise<WorkspaceClient> {
  const environment = (name: string) => Deno.env.get(name);
  const readFile = (path: string) => Deno.readTextFile(path);
  const found = await readProfile({ environment, readFile, profile });
  if (found === undefined) {
    throw new CredentialsError(
      "No workspace is named: set DATABRICKS_HOST and DATABRICKS_TOKEN, or choose a profile of ~/.databrickscfg " +
        "with --profile",
    );
  }
  const bytes = Object.entries(found.keys).map(([key, value]) => [key, new TextEncoder().encode(value)]);
  const signIn = readSignIn({ secret: Object.fromEntries(bytes) }, { allowLoopback: true });
  const transport = shared(httpTransport);
  const stopping = new AbortController().signal;
  const tokens = tokenSource(signIn, {
    clock: systemClock,
    transport: (origin) => transport(origin, signIn.network),
    userAgent: USER_AGENT,
    stopping,
    allowLoopback: true,
    readFile,
    environment,
    allowManagedIdentity: true,
    mayUseOwnIdentity: () => true,
    serviceAccountToken: () => Promise.reject(new CredentialsError("A service account's token is for a pod")),
  });
  return new WorkspaceClient({
    host: signIn.host,
    transport: transport(signIn.host, signIn.network),
    tokens,
    limiter: new Limiter({ clock: systemClock, ratePerSecond: defaults.rateLimit }),
    clock: systemClock,
    jobsApiVersion: defaults.jobsApiVersion,
    timeoutMs: defaults.timeoutMs,
    userAgent: USER_AGENT,
  });
}

const USER_AGENT = `databricks-kube-operator/${VERSION_TEXT}`;
