/**
 * Connects to the workspace that a person works with: by the environment variables of the Databricks SDKs, or a profile
 * of `~/.databrickscfg`. For commands that need no cluster.
 *
 * @module
 */
import { systemClock } from "../base/clock.ts";
import { CredentialsError } from "../databricks/auth.ts";
import { Limiter } from "../databricks/call/limiter.ts";
import { readSignIn } from "../databricks/sign_in/method.ts";
import { type Profile, readProfile } from "../databricks/sign_in/profile.ts";
import { tokenSource } from "../databricks/sign_in/token_source.ts";
import { httpTransport, shared, type TransportFactory } from "../databricks/call/transport.ts";
import { WorkspaceClient } from "../databricks/workspace.ts";
import { VERSION_TEXT } from "../process/version.ts";
import { defaults } from "../reconcile/connect/settings.ts";

/** Options of {@link connectWorkspace}. */
export interface WorkspaceConnectOptions {
  /** A profile of `~/.databrickscfg`; `true` for its default one. */
  readonly profile?: string | true | undefined;
}

/**
 * The keys that a person signs in with.
 *
 * @throws {CredentialsError} when nothing names a workspace.
 */
export async function personalProfile({ profile }: WorkspaceConnectOptions): Promise<Profile> {
  const found = await readProfile({ environment, readFile, profile });
  if (found !== undefined) return found;
  throw new CredentialsError(
    "No workspace is named: set DATABRICKS_HOST and DATABRICKS_TOKEN, or choose a profile of ~/.databrickscfg " +
      "with --profile",
  );
}

/**
 * A client of the workspace; no request is sent yet.
 *
 * @throws {CredentialsError} when nothing names a workspace, or a way to sign in.
 */
export async function connectWorkspace(options: WorkspaceConnectOptions): Promise<WorkspaceClient> {
  return clientFor(await personalProfile(options), shared(httpTransport));
}

/**
 * A client that signs in with a person's keys.
 *
 * @throws {CredentialsError} when they do not define a way to sign in.
 */
export function clientFor({ keys }: Pick<Profile, "keys">, transport: TransportFactory): WorkspaceClient {
  const bytes = Object.entries(keys).map(([key, value]) => [key, new TextEncoder().encode(value)]);
  const signIn = readSignIn({ secret: Object.fromEntries(bytes) }, { allowLoopback: true });
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
    ownIdentityProblem: () => undefined,
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

/** Reads an environment variable. */
export const environment = (name: string): string | undefined => Deno.env.get(name);
/** Reads a file of this machine. */
export const readFile = (path: string): Promise<string> => Deno.readTextFile(path);

const USER_AGENT = `databricks-kube-operator/${VERSION_TEXT}`;
