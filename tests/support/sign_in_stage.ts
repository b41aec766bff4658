/**
 * The environment for tests of sign-in: a workspace, an API server and Entra, all in memory and on one clock.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { JSONWebKeySet } from "jose";
import { MockEntra } from "../../mock/databricks/entra.ts";
import { type MockOptions, MockWorkspace } from "../../mock/databricks/workspace.ts";
import { EmbeddedKubernetes } from "../../mock/kubernetes/server.ts";
import { FakeClock } from "../../src/base/clock_fake.ts";
import type { Method } from "../../src/databricks/sign_in/method.ts";
import { tokenSource, type TokenSourceOptions } from "../../src/databricks/sign_in/token_source.ts";

/** A workspace, an API server and Entra, and the dependencies of a token source; all on one clock. */
export class Stage {
  readonly clock = new FakeClock();
  readonly kubernetes = new EmbeddedKubernetes({ now: () => this.clock.now() });
  readonly entra: MockEntra;
  readonly workspace: MockWorkspace;
  readonly files = new Map<string, string>();
  readonly variables = new Map<string, string>();

  /**
   * @param options with `aheadMs`: how far the clocks of the workspace and of Entra are ahead of the operator's clock.
   */
  constructor({ aheadMs = 0, ...options }: MockOptions & { readonly aheadMs?: number } = {}) {
    this.entra = new MockEntra({ now: () => this.clock.now() + aheadMs });
    this.workspace = new MockWorkspace({ now: () => this.clock.now() + aheadMs, entra: this.entra, ...options });
  }

  source(method: Method, more: Partial<TokenSourceOptions> = {}, host = this.workspace.host) {
    return tokenSource({ host, method, warnings: [] }, {
      clock: this.clock,
      transport: (origin) => origin === this.workspace.host ? this.workspace.transport : this.entra.transport,
      userAgent: "databricks-kube-operator/test",
      readFile: (path) => {
        const text = this.files.get(path);
        return text === undefined ? Promise.reject(new Deno.errors.NotFound(path)) : Promise.resolve(text);
      },
      environment: (name) => this.variables.get(name),
      serviceAccountToken: (name, audience) => this.serviceAccountToken(name, [audience]),
      ownIdentityProblem: () => undefined,
      ...more,
    });
  }

  /** A token of a ServiceAccount in namespace `default`, issued by TokenRequest. */
  async serviceAccountToken(name: string, audiences: readonly string[]): Promise<string> {
    const accounts = "http://kubernetes/api/v1/namespaces/default/serviceaccounts";
    await this.#post(accounts, { metadata: { name } });
    const { status } = await this.#post(`${accounts}/${name}/token`, { spec: { audiences, expirationSeconds: 3600 } });
    return (status as { token: string }).token;
  }

  async #post(url: string, body: unknown): Promise<Record<string, unknown>> {
    const headers = { authorization: `Bearer ${this.kubernetes.token}`, "content-type": "application/json" };
    return await (await this.kubernetes.fetch(
      new Request(url, { method: "POST", headers, body: JSON.stringify(body) }),
    )).json();
  }

  /** The API server's keys, in the form that a person copies into a policy: `kubectl get --raw /openid/v1/jwks`. */
  async jwks(): Promise<JSONWebKeySet> {
    const headers = { authorization: `Bearer ${this.kubernetes.token}` };
    return await (await this.kubernetes.fetch(new Request("http://kubernetes/openid/v1/jwks", { headers }))).json();
  }

  /** Makes a service principal trust a ServiceAccount. */
  async trust(clientId: string, account: string, audience = "databricks"): Promise<void> {
    this.workspace.auth.policies.push({
      clientId,
      issuer: "https://kubernetes.default.svc.cluster.local",
      subject: `system:serviceaccount:default:${account}`,
      audiences: [audience],
      jwks: await this.jwks(),
    });
  }

  /** Sends a request to the workspace with a source's headers. */
  async ask(headers: Readonly<Record<string, string>>): Promise<number> {
    const url = `${this.workspace.host}/api/2.2/jobs/list`;
    const response = await this.workspace.fetch(new Request(url, { headers }));
    await response.body?.cancel();
    return response.status;
  }

  signIns(): number {
    return this.workspace.ledger.count("POST", "/oidc/v1/token");
  }
}

/** Federation as service principal `sp-1`. */
export const federated = (more: Partial<Method & { type: "file-oidc" }> = {}): Method => ({
  type: "file-oidc",
  clientId: "sp-1",
  audience: "databricks",
  serviceAccount: "etl",
  ...more,
});
/** The client `sp-1` with its secret. */
export const M2M: Method = { type: "oauth-m2m", clientId: "sp-1", clientSecret: "s3cret-of-the-client" };

/** Returns the error of a source that gives no headers. Fake time stands still, since signatures take real time. */
export async function failure(source: { headers(): Promise<unknown> }): Promise<Error> {
  return await source.headers().then(() => assert.fail("it signed in"), (error) => error);
}
