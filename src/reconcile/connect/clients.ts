/**
 * Creates workspace clients and their token sources from a namespace's settings and sign-in method.
 *
 * @module
 */
import type { Clock } from "../../base/clock.ts";
import type { Limiter } from "../../databricks/call/limiter.ts";
import type { SignIn } from "../../databricks/sign_in/method.ts";
import { type TokenSource, tokenSource } from "../../databricks/sign_in/token_source.ts";
import type { TransportFactory } from "../../databricks/call/transport.ts";
import { type CallObserver, WorkspaceClient } from "../../databricks/workspace.ts";
import type { KubeClient } from "../../kubernetes/client.ts";
import { type Identity, requestToken } from "./identity.ts";
import type { Settings } from "./settings.ts";

/** Options of {@link tokensOf}. */
export interface TokensOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly transport: TransportFactory;
  readonly userAgent: string;
  /** Aborts when the operator stops. */
  readonly signal: AbortSignal;
  readonly allowLoopback: boolean;
  readonly identity: Identity;
}

/** Options of {@link clientOf}. */
export interface ClientOptions {
  readonly clock: Clock;
  readonly transport: TransportFactory;
  readonly userAgent: string;
  /** Aborts when the operator stops. */
  readonly signal: AbortSignal;
  /** Aborts when calls in flight are abandoned. */
  readonly abandoned: AbortSignal;
  readonly metrics: CallObserver;
  readonly settings: Settings;
  readonly limiter: Limiter;
  readonly tokens: TokenSource;
}

/** Tokens are kept for one namespace only: no other namespace may use them. */
export function tokensOf(namespace: string, signIn: SignIn, options: TokensOptions): TokenSource {
  const { client, clock, transport, userAgent, signal, allowLoopback, identity } = options;
  return tokenSource(signIn, {
    clock,
    transport: (origin) => transport(origin, signIn.network),
    userAgent,
    stopping: signal,
    allowLoopback,
    readFile: identity.readFile,
    environment: identity.environment,
    allowManagedIdentity: identity.allowManagedIdentity,
    metadataAddress: identity.metadataAddress,
    ownIdentityProblem: (clientId) =>
      signIn.isPersonal ? undefined : identity.ownProblem(namespace, { ...signIn, clientId }),
    serviceAccountToken: (name, audience) => requestToken(client, { namespace, name, audience }),
  });
}

/** The client of the workspace that a namespace signs in to. */
export function clientOf({ host, network }: SignIn, options: ClientOptions): WorkspaceClient {
  const { clock, transport, userAgent, metrics, signal, abandoned, settings, limiter, tokens } = options;
  return new WorkspaceClient({
    host,
    transport: transport(host, network),
    tokens,
    limiter,
    clock,
    jobsApiVersion: settings.jobsApiVersion,
    timeoutMs: settings.timeoutMs,
    userAgent,
    stopping: signal,
    abandoned,
    observer: metrics,
  });
}
