/**
 * The API server behind the operator's door: an embedded one for each plan, or a namespace of a real one.
 *
 * @module
 */
import type { KubeConfig } from "@kubernetes/client-node";
import { EmbeddedKubernetes } from "../../mock/kubernetes/server.ts";
import { toRules } from "../../src/generate/rbac.ts";
import { KubeClient } from "../../src/kubernetes/client.ts";
import { connect } from "../../src/kubernetes/kubeconfig.ts";
import { kinds } from "../../src/kinds.ts";
import { withCrds } from "../support/embedded_api.ts";
import { installCrds } from "../support/harness.ts";

/** An API server behind a door. */
export interface Upstream extends AsyncDisposable {
  /** Sends a request as the operator, whatever the request's host. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** The test's own client, as an administrator; the caller closes it. */
  readonly kube: KubeClient;
  /** True if it outlives the plan, which therefore has to remove what it made. */
  readonly isShared: boolean;
}

/** Provides the API server of a plan, which serves at least these kinds. */
export type UpstreamSource = (served: readonly string[]) => Promise<Upstream>;

const OPERATOR = "operator-token";
/** Frequent, so that a silent watch is soon distinguished from a dead one. */
const BOOKMARKS = 1000;

/**
 * An embedded API with the CRDs of these kinds alone, in which the operator has exactly the rights of its Role. The
 * test's own client calls it without a network.
 */
export async function embedded(served: readonly string[]): Promise<Upstream> {
  const api = new EmbeddedKubernetes({ bookmarkMs: BOOKMARKS });
  api.adoptDefinitions(await withCrds(), (kind) => served.includes(kind));
  api.addUser(OPERATOR, toRules(kinds));
  const kube = new KubeClient({
    server: "http://kubernetes",
    token: () => api.token,
    fetch: (url, init) => api.fetch(new Request(url, init)),
  });
  return {
    kube,
    isShared: false,
    fetch: (request) => {
      request.headers.set("authorization", `Bearer ${OPERATOR}`);
      return api.fetch(request);
    },
    [Symbol.asyncDispose]: () => {
      api.endWatches();
      return Promise.resolve();
    },
  };
}

/** A real API server, which all plans share. */
export async function real(kubeconfig: string): Promise<UpstreamSource> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const { client: admin } = await connect({ kubeconfig });
  await installCrds(admin);
  admin.close();
  return async () => {
    const { client: kube } = await connect({ kubeconfig });
    // Separate connections for each plan, as each operator would have.
    const http = Deno.createHttpClient(credentialsOf(config));
    const server = config.getCurrentCluster()?.server ?? "";
    return {
      kube,
      isShared: true,
      fetch: async (request) => {
        const { pathname, search } = new URL(request.url);
        const body = await request.text();
        const headers = new Headers(request.headers);
        for (const name of ["host", "connection", "accept-encoding"]) headers.delete(name);
        const init = { method: request.method, headers, signal: request.signal, client: http };
        return await fetch(`${server}${pathname}${search}`, { ...init, ...body !== "" && { body } });
      },
      [Symbol.asyncDispose]: () => {
        http.close();
        return Promise.resolve();
      },
    };
  };
}

function credentialsOf(config: KubeConfig): Deno.CreateHttpClientOptions & Deno.TlsCertifiedKeyPem {
  const [cluster, user] = [config.getCurrentCluster(), config.getCurrentUser()];
  const pem = (data?: string, file?: string) => data ? atob(data) : Deno.readTextFileSync(file ?? "");
  return {
    caCerts: [pem(cluster?.caData, cluster?.caFile)],
    cert: pem(user?.certData, user?.certFile),
    key: pem(user?.keyData, user?.keyFile),
  };
}
