/** The binary signs in with each method, with its limited permissions, and through CAs that its environment names. */
import assert from "node:assert/strict";
import type { JSONWebKeySet } from "jose";
import { certificate } from "../../mock/certificate.ts";
import { MockEntra } from "../../mock/databricks/entra.ts";
import { serve } from "../../mock/databricks/serve.ts";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { listen } from "../../mock/served.ts";
import { requestToken } from "../../src/reconcile/connect/identity.ts";
import { logged, type LoggedProcess } from "../support/logged_process.ts";
import { clusterTest, job, secret, type World } from "../support/harness.ts";
import { binary, needs } from "./binary.ts";

/** Mounts a folder ($1) at the path of the operator's own token in a pod, and runs the remaining arguments. */
const MOUNTED =
  'mount -t tmpfs tmpfs /run && mkdir -p /run/secrets/databricks && cp "$1"/token /run/secrets/databricks/ && shift && exec "$@"';

function binaryTest(name: string, test: (world: World) => Promise<void>): void {
  if (needs !== "") Deno.test({ name: `binary: ${name}${needs}`, ignore: true, fn: () => {} });
  else clusterTest(`binary: ${name}`, test, { settings: null, start: false, needs: ["kubectl"] });
}

/** Runs the binary until the end of the test, and returns its log. */
function run(args: readonly string[], env: Record<string, string>): LoggedProcess {
  const [program = "", ...rest] = args;
  const child = new Deno.Command(program, {
    args: rest,
    clearEnv: true,
    env: { NO_COLOR: "1", PATH: "/usr/bin:/bin", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return logged(child);
}

/** Creates a namespace that signs in with keys of a Secret and of its ConfigMap. */
async function connect(world: World, { suffix, host, keys, credentials }: {
  suffix: string;
  host: string;
  keys: Record<string, string>;
  credentials?: Record<string, string>;
}): Promise<string> {
  const namespace = await world.addNamespace(suffix);
  if (credentials !== undefined) await world.apply(secret("databricks-api-secret", credentials), namespace);
  const named = credentials === undefined ? {} : { api_secret_name: "databricks-api-secret" };
  const data = { host, ingest: "false", rate_limit: "0", ...named, ...keys };
  const metadata = { name: "databricks-kube-operator" };
  await world.apply({ apiVersion: "v1", kind: "ConfigMap", metadata, data }, namespace);
  await world.apply(job("etl"), namespace);
  return namespace;
}

const AZURE = { azure_client_id: "app-1", azure_tenant_id: "tenant-1" };

/** Creates a namespace for each working method; returns them by principal. */
async function connectAll(world: World, workspace: MockWorkspace, host: string): Promise<Record<string, string>> {
  const token = { token: "dapi-c4nary-0f-pat" };
  const client = { client_id: "robot", client_secret: "c4nary-0f-robot" };
  const own = { auth_type: "file-oidc", client_id: "sp-1", audience: "databricks" };
  await account(world, workspace, `${world.namespace}-account`, "sp-2");
  const byAccount = { client_id: "sp-2", service_account: "etl", audience: "databricks" };
  const namespaces = {
    token: await connect(world, { suffix: "pat", host, keys: {}, credentials: token }),
    robot: await connect(world, { suffix: "m2m", host, keys: {}, credentials: client }),
    "sp-1": await connect(world, { suffix: "own", host, keys: own }),
    "app-1": await connect(world, { suffix: "entra", host, keys: { ...AZURE, auth_type: "azure-workload-identity" } }),
    "sp-2": await connect(world, { suffix: "account", host, keys: byAccount }),
  };
  await world.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "etl" } }, namespaces["sp-2"]);
  return namespaces;
}

binaryTest("it signs in by each method with its narrow permissions, and shows no secret", async (world) => {
  const entra = new MockEntra();
  const workspace = new MockWorkspace({ entra, token: "dapi-c4nary-0f-pat", clients: { robot: "c4nary-0f-robot" } });
  await using served = await serve(workspace);
  await using login = await serve(entra);
  const proof = await trust(world, workspace, entra);
  const { url: host } = served;
  const works = await connectAll(world, workspace, host);
  const keys = { azure_use_msi: "true", azure_client_id: "m-1" };
  const all = { ...works, "m-1": await connect(world, { suffix: "msi", host, keys }) };
  const folder = await Deno.makeTempDir({ prefix: "proof-" });
  await using _folder = { [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
  await Deno.writeTextFile(`${folder}/token`, proof);
  await using operator = run([
    ...["unshare", "--mount", "--map-root-user", "sh", "-c", MOUNTED, "sh", folder, binary, "run"],
    ...["--log-level", "trace", "--allow-managed-identity", "--no-leader-elect"],
    ...["--watch-namespaces", Object.values(all).join()],
    ...Object.entries(all).flatMap(([client, namespace]) => [
      "--own-identity",
      `${namespace}=${client}@${new URL(host).host}`,
    ]),
  ], {
    KUBECONFIG: world.kubeconfig,
    AZURE_AUTHORITY_HOST: login.url,
    AZURE_FEDERATED_TOKEN_FILE: `${folder}/token`,
  });
  for (const namespace of Object.values(works)) await world.ready("DatabricksJob", "etl", namespace);
  const creators = workspace.jobs.all().map(({ creator_user_name }) => creator_user_name);
  for (const client of ["app-1", "robot", "sp-1", "sp-2"]) assert.ok(creators.includes(client), client);
  const { message } = await world.blocked("DatabricksJob", "etl", "CredentialsInvalid", all["m-1"]);
  assert.match(message, /this binary may not connect to the metadata service at 169\.254\.169\.254: use one that was/);
  assert.doesNotMatch(operator.log(), /c4nary|eyJ[\w-]{20}|oauth-(robot|sp)|entra-app/);
});

/** Makes a service principal trust the ServiceAccount `etl` of a namespace, which need not exist yet. */
async function account(world: World, workspace: MockWorkspace, namespace: string, clientId: string): Promise<void> {
  const { issuer } = JSON.parse(await world.kubectl(["get", "--raw", "/.well-known/openid-configuration"]));
  const jwks = JSON.parse(await world.kubectl(["get", "--raw", "/openid/v1/jwks"])) as JSONWebKeySet;
  const subject = `system:serviceaccount:${namespace}:etl`;
  workspace.auth.policies.push({ clientId, issuer, subject, audiences: ["databricks"], jwks });
}

/** Makes the workspace and Entra trust the operator's own ServiceAccount; returns its token. */
async function trust(world: World, workspace: MockWorkspace, entra: MockEntra): Promise<string> {
  const { namespace } = world;
  await world.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "etl" } });
  await account(world, workspace, namespace, "sp-1");
  const federated = workspace.auth.policies.map(({ issuer, subject }) => ({ issuer, subject }));
  entra.applications.push({ tenantId: "tenant-1", clientId: "app-1", federated });
  return await requestToken(world.kube, { namespace, name: "etl", audience: "databricks" });
}

const stores: Record<string, (path: string) => Record<string, string>> = {
  "DENO_TLS_CA_STORE=system with SSL_CERT_FILE": (path) => ({ DENO_TLS_CA_STORE: "system", SSL_CERT_FILE: path }),
  "DENO_CERT": (path) => ({ DENO_CERT: path }),
};

for (const [what, env] of Object.entries(stores)) {
  binaryTest(`trusts a company's authority by ${what}, also for the token endpoint`, async (world) => {
    const workspace = new MockWorkspace({ clients: { robot: "right-s3cret" } });
    const made = await certificate();
    const answer = (request: Request) => workspace.fetch(request);
    const server = await listen(answer, { hostname: "127.0.0.1", tls: { certificate: made } });
    await using _server = { [Symbol.asyncDispose]: server.close };
    const credentials = { client_id: "robot", client_secret: "right-s3cret" };
    const host = `https://127.0.0.1:${server.port}`;
    const namespace = await connect(world, { suffix: "a", host, keys: {}, credentials });
    const args = [binary, "run", "--no-leader-elect", "--watch-namespaces", namespace];
    {
      await using _without = run(args, { KUBECONFIG: world.kubeconfig });
      const { message } = await world.blocked("DatabricksJob", "etl", "Unavailable", namespace);
      assert.match(message, /UnknownIssuer, "CN=stand-in authority"/);
    }
    const path = await Deno.makeTempFile({ suffix: ".pem" });
    await using _file = { [Symbol.asyncDispose]: () => Deno.remove(path) };
    await Deno.writeTextFile(path, made.ca);
    await using _with = run(args, { KUBECONFIG: world.kubeconfig, ...env(path) });
    await world.ready("DatabricksJob", "etl", namespace);
  });
}
