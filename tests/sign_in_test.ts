/** Every sign-in method, against the mock workspace, a stand-in for Entra and the embedded Kubernetes API. */
import assert from "node:assert/strict";
import { settle } from "../src/base/clock_fake.ts";
import { DatabricksError, UnauthenticatedError } from "../src/databricks/errors.ts";
import type { Method } from "../src/databricks/sign_in/method.ts";
import { OWN_TOKEN } from "../src/databricks/sign_in/token_source.ts";
import { inTime } from "./support/clients.ts";
import { failure, federated, M2M, Stage } from "./support/sign_in_stage.ts";

Deno.test("a client and its secret sign in with two calls, which last for 40 minutes", async () => {
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

Deno.test("the operator's own token signs in if allowed, and its file is read again at each exchange", async () => {
  const stage = new Stage();
  await stage.trust("sp-1", "operator");
  stage.files.set(OWN_TOKEN, `${await stage.serviceAccountToken("operator", ["databricks"])}\n`);
  const source = stage.source(federated({ serviceAccount: undefined }));
  assert.equal(await stage.ask(await source.headers()), 200);
  await stage.clock.advance(3_600_000);
  // As if the kubelet had renewed it.
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

Deno.test("a ServiceAccount without a policy cannot sign in, and the message contains the required policy", async () => {
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

Deno.test("an outage of the token endpoint has no effect until the token expires, and is then reported", async () => {
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

Deno.test("a token that is revoked while in use is requested again, once", async () => {
  const stage = new Stage({ clients: { "sp-1": "s3cret-of-the-client" } });
  const source = stage.source(M2M);
  const headers = await source.headers();
  stage.workspace.auth.revokeIssued();
  assert.ok([401, 403].includes(await stage.ask(headers)));
  assert.equal(source.refused(headers), true);
  assert.equal(await stage.ask(await source.headers()), 200);
  assert.equal(stage.signIns(), 2);
});

Deno.test("a rejected personal access token is not retried", async () => {
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

Deno.test("an Entra application signs in without its tenant, and asks the workspace for it once", async () => {
  const stage = new Stage();
  stage.entra.tenantId = "tenant-2";
  stage.entra.applications.push({ tenantId: "tenant-2", clientId: "app-1", secret: "s3cret-of-entra" });
  const method: Method = {
    type: "azure-client-secret",
    ...azure,
    tenantId: undefined,
    clientSecret: "s3cret-of-entra",
    resourceId: "/subscriptions/1",
  };
  // The variables that the webhook sets in the operator's pod do not apply to the namespace.
  stage.variables.set("AZURE_TENANT_ID", "tenant-of-the-operator");
  const source = stage.source(method);
  assert.equal(await stage.ask(await source.headers()), 200);
  assert.deepEqual(new Set(stage.entra.asked), new Set(["/tenant-2/oauth2/token"]));
  assert.equal(stage.workspace.ledger.count("GET", "/aad/auth"), 1);
});

Deno.test("Entra Workload ID without a tenant uses the workspace's", async () => {
  const stage = new Stage();
  const [issuer, subject] = ["https://kubernetes.default.svc.cluster.local", "system:serviceaccount:default:operator"];
  stage.entra.applications.push({ tenantId: "tenant-1", clientId: "app-1", federated: [{ issuer, subject }] });
  stage.variables.set("AZURE_FEDERATED_TOKEN_FILE", "/token");
  stage.files.set("/token", await stage.serviceAccountToken("operator", ["api://AzureADTokenExchange"]));
  const source = stage.source({ type: "azure-workload-identity", ...azure, tenantId: undefined });
  assert.equal(await stage.ask(await source.headers()), 200);
});

const noTenants: Record<string, { status: number; location?: string }> = {
  "no redirect": { status: 200 },
  "a redirect to itself": { status: 302, location: "/login.html" },
  "another host": { status: 302, location: "https://login.evil.example.com/tenant-1/oauth2/authorize" },
  "Entra's host of another cloud": {
    status: 302,
    location: "https://login.microsoftonline.us/tenant-1/oauth2/authorize",
  },
  "Entra without TLS": { status: 302, location: "http://login.microsoftonline.com/tenant-1/oauth2/authorize" },
  "no tenant of its own": { status: 302, location: "https://login.microsoftonline.com/common/oauth2/authorize" },
  "another path": { status: 302, location: "https://login.microsoftonline.com/" },
};

for (const [what, { status, location }] of Object.entries(noTenants)) {
  Deno.test(`a client's secret is not sent while the workspace's tenant is unknown: it responds with ${what}`, async () => {
    const stage = new Stage();
    stage.entra.applications.push({ tenantId: "tenant-1", clientId: "app-1", secret: "s3cret-of-entra" });
    const headers: Record<string, string> = location === undefined ? {} : { location };
    stage.workspace.faults.add({ match: "/aad/auth", status, body: "", headers });
    const method: Method = {
      type: "azure-client-secret",
      ...azure,
      tenantId: undefined,
      clientSecret: "s3cret-of-entra",
    };
    const error = await failure(stage.source(method));
    assert.match(
      error.message,
      /^azure_tenant_id is missing, and workspace ".*" does not name its Entra tenant .*: add /,
    );
    assert.deepEqual(stage.entra.asked, []);
  });
}

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

Deno.test("Entra's rejections have the same message at every try, so they are one Event", async () => {
  const stage = new Stage();
  stage.entra.applications.push({ tenantId: "tenant-1", clientId: "app-1", secret: "another" });
  const source = stage.source({ type: "azure-client-secret", ...azure, clientSecret: "s3cret-of-entra" });
  const messages = [await failure(source), await failure(source)].map(({ message }) => message);
  assert.match(messages[0] ?? "", /AADSTS7000215: Invalid client secret provided$/);
  assert.equal(messages[0], messages[1]);
});

Deno.test("Entra Workload ID signs in with the variables that the webhook sets in the pod", async () => {
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

Deno.test("a machine's token is kept for its lifetime, whatever the clock of the metadata service shows", async () => {
  const stage = new Stage({ aheadMs: -7_200_000 });
  stage.entra.machineIdentities.push("machine-1");
  const source = stage.source({ type: "azure-msi", clientId: undefined, resourceId: undefined }, {
    allowManagedIdentity: true,
  });
  for (let minute = 0; minute < 20; minute++) {
    assert.equal(await stage.ask(await source.headers()), 200, `minute ${minute}`);
    await settle();
    await stage.clock.advance(60_000);
  }
  assert.equal(stage.entra.asked.length, 1);
});

Deno.test("a managed identity is requested only if allowed", async () => {
  const stage = new Stage();
  stage.entra.machineIdentities.push("machine-1");
  const method: Method = { type: "azure-msi", clientId: undefined, resourceId: undefined };
  assert.match((await failure(stage.source(method))).message, /not allowed: run with --allow-managed-identity/);
  assert.deepEqual(stage.entra.asked, []);
  const source = stage.source(method, { allowManagedIdentity: true });
  assert.equal(await stage.ask(await source.headers()), 200);
});
