/** Every way to sign in, against the mock workspace, Entra's stand-in and the embedded Kubernetes API. */
import assert from "node:assert/strict";
import type { JSONWebKeySet } from "jose";
import { MockEntra } from "../mock/databricks/entra.ts";
import { type MockOptions, MockWorkspace } from "../mock/databricks/workspace.ts";
import { EmbeddedKubernetes } from "../mock/kubernetes/server.ts";
import { FakeClock, settle } from "../src/base/clock_fake.ts";
import { DatabricksError, UnauthenticatedError } from "../src/databricks/errors.ts";
import type { Method } from "../src/databricks/sign_in/method.ts";
import { OWN_TOKEN, tokenSource, type TokenSourceOptions } from "../src/databricks/sign_in/token_source.ts";
import { inTime } from "./support/clients.ts";

/** A workspace, an API server, Entra, and what a token source needs of them; all by one clock. */
class Stage {
  readonly clock = new FakeClock();
  readonly kubernetes = new EmbeddedKubernetes({ now: () => this.clock.now() });
  readonly entra = new MockEntra({ now: () => this.clock.now() });
  readonly workspace: MockWorkspace;
  readonly files = new Map<string, string>();
  readonly variables = new Map<string, string>();

  constructor(options: MockOptions = {}) {
    this.workspace = new MockWorkspace({ now: () => this.clock.now(), entra: this.entra, ...options });
  }

  source(method: Method, more: Partial<TokenSourceOptions> = {}) {
    return tokenSource({ host: this.workspace.host, method, warnings: [] }, {
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

  /** A token of a ServiceAccount of namespace `default`, as TokenRequest gives it. */
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

  /** The keys of the API server, as a person puts them into a policy: `kubectl get --raw /openid/v1/jwks`. */
  async jwks(): Promise<JSONWebKeySet> {
    const headers = { authorization: `Bearer ${this.kubernetes.token}` };
    return await (await this.kubernetes.fetch(new Request("http://kubernetes/openid/v1/jwks", { headers }))).json();
  }

  /** Has a service principal trust a ServiceAccount. */
  async trust(clientId: string, account: string, audience = "databricks"): Promise<void> {
    this.workspace.auth.policies.push({
      clientId,
      issuer: "https://kubernetes.default.svc.cluster.local",
      subject: `system:serviceaccount:default:${account}`,
      audiences: [audience],
      jwks: await this.jwks(),
    });
  }

  /** Asks the workspace with a source's headers. */
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

const federated = (more: Partial<Method & { type: "file-oidc" }> = {}): Method => ({
  type: "file-oidc",
  clientId: "sp-1",
  audience: "databricks",
  serviceAccount: "etl",
  ...more,
});
const M2M: Method = { type: "oauth-m2m", clientId: "sp-1", clientSecret: "s3cret-of-the-client" };

/** The error with which a source gives no headers. Fake time stands still, while signatures take real time. */
async function failure(source: { headers(): Promise<unknown> }): Promise<Error> {
  return await source.headers().then(() => assert.fail("it signed in"), (error) => error);
}

Deno.test("a client and its secret sign in with two calls, and then with none for 40 minutes", async () => {
  const stage = new Stage({ clients: { "sp-1": "s3cret-of-the-client" } });
  const source = stage.source(M2M);
  for (let minute = 0; minute < 40; minute++) {
    assert.equal(await stage.ask(await source.headers()), 200);
    await stage.clock.advance(60_000);
  }
  assert.equal(stage.signIns(), 1);
  await source.headers();
  await settle();
  assert.equal(await stage.ask(await source.headers()), 200);
  assert.equal(stage.signIns(), 2);
});

Deno.test("a namespace's ServiceAccount signs in without any stored secret", async () => {
  const stage = new Stage();
  await stage.trust("sp-1", "etl");
  assert.equal(await stage.ask(await stage.source(federated()).headers()), 200);
});

Deno.test("the operator's own token signs in where that is allowed, and its file is read again at each exchange", async () => {
  const stage = new Stage();
  await stage.trust("sp-1", "operator");
  stage.files.set(OWN_TOKEN, `${await stage.serviceAccountToken("operator", ["databricks"])}\n`);
  const source = stage.source(federated({ serviceAccount: undefined }));
  assert.equal(await stage.ask(await source.headers()), 200);
  await stage.clock.advance(3_600_000);
  // The kubelet has renewed it.
  stage.files.set(OWN_TOKEN, await stage.serviceAccountToken("operator", ["databricks"]));
  assert.equal(await stage.ask(await source.headers()), 200);
});

Deno.test("a namespace cannot borrow the operator's own identity by naming a client_id", async () => {
  const stage = new Stage();
  await stage.trust("sp-of-another-team", "operator");
  stage.files.set(OWN_TOKEN, await stage.serviceAccountToken("operator", ["databricks"]));
  const method = federated({ serviceAccount: undefined, clientId: "sp-of-another-team" });
  const error = await failure(stage.source(method, { ownIdentityProblem: () => "have it allowed" }));
  assert.match(
    error.message,
    /client_id "sp-of-another-team" may not be used with the operator's own identity here: name a ServiceAccount/,
  );
  assert.equal(stage.signIns(), 0);
});

Deno.test("a ServiceAccount that the policy does not name signs in as nobody, and the message says what the policy must say", async () => {
  const stage = new Stage();
  await stage.trust("sp-1", "etl");
  const error = await failure(stage.source(federated({ serviceAccount: "other" })));
  assert.ok(error instanceof UnauthenticatedError);
  assert.equal(error.failure.code, "invalid_grant");
  assert.match(
    error.failure.remedy ?? "",
    /service principal "sp-1" has a federation policy with issuer "https:\/\/kubernetes\.default\.svc\.cluster\.local", subject "system:serviceaccount:default:other" and audience "databricks"/,
  );
});

/** Defects of a federated token, and the endpoint's answers. */
const refusals: readonly [string, (stage: Stage) => Promise<Method>, RegExp][] = [
  ["another audience", async (stage) => {
    await stage.trust("sp-1", "etl", "another");
    return federated();
  }, /aud is not as the policy says/],
  ["a policy that was removed", () => Promise.resolve(federated()), /No federation policy of client sp-1/],
  ["keys that were rotated", async (stage) => {
    await stage.trust("sp-1", "etl");
    const [policy] = stage.workspace.auth.policies.splice(0);
    const { publicKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
      "sign",
      "verify",
    ]) as CryptoKeyPair;
    const key = { ...await crypto.subtle.exportKey("jwk", publicKey), kid: "new", alg: "ES256" };
    stage.workspace.auth.policies.push({ ...policy!, jwks: { keys: [key as JSONWebKeySet["keys"][number]] } });
    return federated();
  }, /signature is not by a key of the policy/],
  ["a token that has ended", async (stage) => {
    await stage.trust("sp-1", "operator");
    stage.files.set(OWN_TOKEN, await stage.serviceAccountToken("operator", ["databricks"]));
    await stage.clock.advance(3_600_001);
    return federated({ serviceAccount: undefined });
  }, /The token has expired/],
];

for (const [what, set, said] of refusals) {
  Deno.test(`federation is refused for ${what}, with OAuth's words, and nothing of the token is shown`, async () => {
    const stage = new Stage();
    const error = await failure(stage.source(await set(stage)));
    assert.ok(error instanceof UnauthenticatedError, String(error));
    assert.match(error.message, said);
    assert.ok(!/eyJ/.test(`${error.message} ${error.failure.remedy}`), error.message);
  });
}

Deno.test("a wrong secret is refused in OAuth's words, at once, and the secret is not shown", async () => {
  const stage = new Stage({ clients: { "sp-1": "another" } });
  const error = await failure(stage.source(M2M));
  assert.ok(error instanceof UnauthenticatedError);
  assert.match(error.message, /401 invalid_client: Client authentication failed/);
  assert.ok(!error.message.includes("s3cret"));
  assert.equal(stage.signIns(), 1);
});

Deno.test("a token endpoint that is down for an hour stops nothing before the token ends, and is then reported as unavailable", async () => {
  const stage = new Stage({ clients: { "sp-1": "s3cret-of-the-client" } });
  const source = stage.source(M2M);
  await source.headers();
  stage.workspace.faults.add({ match: /oidc/, status: 503, body: "<html>down</html>" });
  for (let minute = 0; minute < 59; minute++) {
    assert.equal(await stage.ask(await source.headers()), 200, `minute ${minute}`);
    await stage.clock.advance(60_000);
  }
  await stage.clock.advance(60_000);
  const error = await inTime(stage.clock, failure(source));
  assert.ok(error instanceof DatabricksError && error.transient, String(error));
});

Deno.test("tokens that are revoked while they are in use are asked for again, once", async () => {
  const stage = new Stage({ clients: { "sp-1": "s3cret-of-the-client" } });
  const source = stage.source(M2M);
  const headers = await source.headers();
  stage.workspace.auth.revokeIssued();
  assert.ok([401, 403].includes(await stage.ask(headers)));
  assert.equal(source.refused(headers), true);
  assert.equal(await stage.ask(await source.headers()), 200);
  assert.equal(stage.signIns(), 2);
});

Deno.test("a personal access token that is refused is not asked for again", async () => {
  const stage = new Stage();
  const source = stage.source({ type: "pat", token: "token" });
  assert.equal(source.refused(await source.headers()), false);
});

const azure = { clientId: "app-1", tenantId: "tenant-1", resourceId: undefined };

Deno.test("an Entra application signs in with its secret", async () => {
  const stage = new Stage();
  stage.entra.applications.push({ tenantId: "tenant-1", clientId: "app-1", secret: "s3cret-of-entra" });
  const source = stage.source({ type: "azure-client-secret", ...azure, clientSecret: "s3cret-of-entra" });
  assert.equal(await stage.ask(await source.headers()), 200);
});

Deno.test("an Entra application that is not in the workspace yet sends the resource's id and a second token", async () => {
  const stage = new Stage();
  stage.entra.applications.push({ tenantId: "tenant-1", clientId: "app-1", secret: "s3cret-of-entra" });
  const method: Method = {
    type: "azure-client-secret",
    ...azure,
    clientSecret: "s3cret-of-entra",
    resourceId: "/subscriptions/1",
  };
  const headers = await stage.source(method).headers();
  assert.equal(headers["x-databricks-azure-workspace-resource-id"], "/subscriptions/1");
  const management = stage.entra.read(headers["x-databricks-azure-sp-management-token"] ?? "");
  assert.equal(management?.resource, "https://management.core.windows.net/");
});

Deno.test("Entra's refusals are the same words at every try, so that they are one event", async () => {
  const stage = new Stage();
  stage.entra.applications.push({ tenantId: "tenant-1", clientId: "app-1", secret: "another" });
  const source = stage.source({ type: "azure-client-secret", ...azure, clientSecret: "s3cret-of-entra" });
  const messages = [await failure(source), await failure(source)].map(({ message }) => message);
  assert.match(messages[0] ?? "", /AADSTS7000215: Invalid client secret provided$/);
  assert.equal(messages[0], messages[1]);
});

Deno.test("Entra Workload ID signs in with what the webhook puts into the pod", async () => {
  const stage = new Stage();
  const issuer = "https://kubernetes.default.svc.cluster.local";
  const federated = [{ issuer, subject: "system:serviceaccount:default:operator" }];
  stage.entra.applications.push({ tenantId: "tenant-1", clientId: "app-1", federated });
  stage.variables.set("AZURE_TENANT_ID", "tenant-1").set("AZURE_CLIENT_ID", "app-1");
  stage.variables.set("AZURE_FEDERATED_TOKEN_FILE", "/token");
  stage.files.set("/token", await stage.serviceAccountToken("operator", ["api://AzureADTokenExchange"]));
  const method: Method = {
    type: "azure-workload-identity",
    tenantId: undefined,
    clientId: undefined,
    resourceId: undefined,
  };
  assert.equal(await stage.ask(await stage.source(method).headers()), 200);
});

Deno.test("a managed identity is asked for only where that is allowed", async () => {
  const stage = new Stage();
  stage.entra.machineIdentities.push("machine-1");
  const method: Method = { type: "azure-msi", clientId: undefined, resourceId: undefined };
  assert.match((await failure(stage.source(method))).message, /not allowed: run with --allow-managed-identity/);
  assert.deepEqual(stage.entra.asked, []);
  const source = stage.source(method, { allowManagedIdentity: true });
  assert.equal(await stage.ask(await source.headers()), 200);
});

Deno.test("a workspace cannot lead the sign-in to a cloud's metadata service", async () => {
  const stage = new Stage({ clients: { "sp-1": "s3cret-of-the-client" } });
  const body = { issuer: "x", token_endpoint: "http://169.254.169.254/token" };
  stage.workspace.faults.add({ match: /oauth-authorization-server/, body });
  assert.match((await failure(stage.source(M2M))).message, /names a token endpoint at "169\.254\.169\.254"/);
});

/** Servers that answer nothing, or nothing after the head. */
const SILENT = {
  "does not answer": ({ signal }: Request) =>
    new Promise<Response>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  "stalls in its answer": () => Promise.resolve(new Response(new ReadableStream())),
};

for (const [what, send] of Object.entries(SILENT)) {
  Deno.test(`a sign-in does not hang when the token endpoint ${what}, and says why it failed`, async () => {
    const stage = new Stage();
    const source = stage.source(M2M, { transport: () => ({ send }) });
    assert.match((await given(stage, failure(source), 200_000)).message, /no answer within 30 s/);
  });

  Deno.test(`a sign-in does not hang when the machine's metadata service ${what}, and says why it failed`, async () => {
    const stage = new Stage();
    const method: Method = { type: "azure-msi", clientId: undefined, resourceId: undefined };
    const source = stage.source(method, { transport: () => ({ send }), allowManagedIdentity: true });
    assert.match((await given(stage, failure(source), 20_000)).message, /no answer within 10 s/);
  });
}

/** Returns the result of something within so much fake time (ms). */
async function given<T>(stage: Stage, result: Promise<T>, ms: number): Promise<T> {
  let isOver = false;
  void result.finally(() => isOver = true);
  for (let passed = 0; passed < ms && !isOver; passed += 1000) await stage.clock.advance(1000);
  assert.ok(isOver, "it hangs");
  return await result;
}
