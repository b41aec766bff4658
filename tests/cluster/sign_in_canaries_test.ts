/** With every sign-in method, nothing secret is shown: no secret, no federated token, no issued token. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { JSONWebKeySet } from "jose";
import { MockEntra } from "../../mock/databricks/entra.ts";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { requestToken } from "../../src/reconcile/connect/identity.ts";
import { OWN_TOKEN } from "../../src/databricks/sign_in/token_source.ts";
import { Metrics } from "../../src/telemetry/metrics.ts";
import { captureLog } from "../support/captured_log.ts";
import { clusterTest, condition, eventually, job, manifest, problem, secret, type World } from "../support/harness.ts";

const logged = captureLog();

/** The keys of the Secret and of the ConfigMap for a sign-in method. */
interface Way {
  readonly secret?: Record<string, string>;
  readonly configMap?: Record<string, string>;
}

const azure = { azure_client_id: "app-1", azure_tenant_id: "tenant-1" };
const ways: Record<string, Way> = {
  "pat": { secret: { token: "dapi-c4nary-0f-pat" } },
  "oauth-m2m": { secret: { client_id: "robot", client_secret: "c4nary/0f+robot" } },
  "file-oidc": { configMap: { client_id: "robot", service_account: "etl", audience: "databricks" } },
  "file-oidc, own": { configMap: { client_id: "robot", auth_type: "file-oidc", audience: "databricks" } },
  "azure-client-secret": { secret: { ...azure, azure_client_secret: "c4nary~0f.entra" } },
  "azure-workload-identity": { configMap: { ...azure, auth_type: "azure-workload-identity" } },
  "azure-msi": { configMap: { azure_use_msi: "true", azure_workspace_resource_id: "/subscriptions/1" } },
};

const holders: readonly Holder[] = ["ConfigMap", "DatabricksConnection"];

/** Answers in which a server repeats the request, for the sign-in and for calls. */
const echoes: readonly ((sent: string) => Response)[] = [
  (sent) => Response.json({ error: "invalid_grant", error_description: `no: ${sent}` }, { status: 400 }),
  (sent) => Response.json({ error: sent, error_description: encodeURIComponent(sent) }, { status: 401 }),
  (sent) => Response.json({ error_code: "PERMISSION_DENIED", message: `no: ${sent}` }, { status: 403 }),
  (sent) => new Response(`<html>login ${sent}</html>`),
  (sent) => new Response(`<html>${Buffer.from(sent).toString("base64")}</html>`, { status: 400 }),
];

/** The network: records every secret that passes, and answers with an echo if one is set. */
class Wire {
  readonly secrets = new Set<string>();
  echo: { readonly answer: (sent: string) => Response; readonly to: "sign-ins" | "calls" } | undefined;
  echoed = 0;

  constructor(readonly workspace: MockWorkspace, readonly entra: MockEntra) {}

  async send(request: Request): Promise<Response> {
    const text = await request.clone().text();
    const isSignIn = /\/oidc\/v1\/token|\/oauth2\/token/.test(request.url);
    this.#note(request, isSignIn ? text : "");
    if (this.echo !== undefined && isSignIn === (this.echo.to === "sign-ins")) {
      if (new URL(request.url).pathname.startsWith("/oidc/.")) return new Response("", { status: 404 });
      this.echoed++;
      return this.echo.answer([...request.headers].join(" ") + [...new URLSearchParams(text).values()].join(" "));
    }
    const target = request.url.startsWith(this.workspace.host) ? this.workspace : this.entra;
    const response = await target.fetch(request);
    if (isSignIn) await this.#keep(response.clone());
    return response;
  }

  #note(request: Request, form: string): void {
    for (const name of ["authorization", "x-databricks-azure-sp-management-token"]) {
      const token = request.headers.get(name)?.replace(/^\w+ /, "");
      if (token) this.secrets.add(token);
    }
    const fields = new URLSearchParams(form);
    for (const name of ["client_secret", "subject_token", "client_assertion"]) {
      const value = fields.get(name);
      if (value) this.secrets.add(value);
    }
  }

  async #keep(response: Response): Promise<void> {
    const { access_token } = await response.json().catch(() => ({}));
    if (typeof access_token === "string") this.secrets.add(access_token);
  }
}

/** Makes the workspace and Entra trust the ServiceAccount, and returns its token for the operator's own files. */
async function trust(world: World, workspace: MockWorkspace, entra: MockEntra): Promise<string> {
  await world.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "etl" } });
  const { issuer } = JSON.parse(await world.kubectl(["get", "--raw", "/.well-known/openid-configuration"]));
  const jwks = JSON.parse(await world.kubectl(["get", "--raw", "/openid/v1/jwks"])) as JSONWebKeySet;
  const subject = `system:serviceaccount:${world.namespace}:etl`;
  workspace.auth.policies.push({ clientId: "robot", issuer, subject, audiences: ["databricks"], jwks });
  const federated = [{ issuer, subject }];
  entra.applications.push({ tenantId: "tenant-1", clientId: "app-1", secret: "c4nary~0f.entra", federated });
  entra.machineIdentities.push("machine-1");
  return await requestToken(world.kube, { namespace: world.namespace, name: "etl", audience: "databricks" });
}

/** The kind of object that holds the settings of a namespace. */
type Holder = "ConfigMap" | "DatabricksConnection";

async function connect(world: World, host: string, { way, holder }: { way: Way; holder: Holder }): Promise<void> {
  const named = way.secret === undefined ? { host } : { api_secret_name: "databricks-api-secret" };
  if (way.secret !== undefined) await world.apply(secret("databricks-api-secret", { host, ...way.secret }));
  if (holder === "DatabricksConnection") {
    const { azure_use_msi, ...plain } = way.configMap ?? {};
    const auth = {
      ...way.secret !== undefined && { secret_name: "databricks-api-secret" },
      ...plain,
      ...azure_use_msi !== undefined && { azure_use_msi: true },
    };
    const spec = { host, auth, ingest: false, rate_limit: 0, default_requeue_interval: 1 };
    return await world.apply(manifest("DatabricksConnection", "default", spec));
  }
  const data = { ingest: "false", rate_limit: "0", default_requeue_interval: "1", ...named, ...way.configMap };
  await world.apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "databricks-kube-operator" }, data });
}

/** Everything that the operator has written or logged. */
async function told(world: World, metrics: Metrics): Promise<string> {
  const kinds = ["DatabricksJob", "DatabricksConnection", "Event"];
  const objects = (await Promise.all(kinds.map((kind) => world.list(kind)))).flat();
  const lines = logged.map(({ message, properties }) => [message, properties]);
  return JSON.stringify([objects, lines]) + await metrics.text();
}

/** Waits until condition Synced of a job is False for its newest generation. */
async function failed(world: World, name: string): Promise<void> {
  await eventually(`${name} fails`, async () => {
    const object = await world.get("DatabricksJob", name);
    const synced = condition(object, "Synced");
    const isNews = synced?.status === "False" && synced.observedGeneration === object?.metadata.generation;
    return isNews ? true : problem(JSON.stringify(synced));
  });
}

function formsOf(text: string): string[] {
  return [text, JSON.stringify(text).slice(1, -1), Buffer.from(text).toString("base64"), encodeURIComponent(text)];
}

function assertHidden(text: string, secrets: Iterable<string>): void {
  for (const form of [...secrets].flatMap(formsOf)) {
    const at = text.indexOf(form);
    assert.equal(at, -1, `${JSON.stringify(form)} was shown: ${text.slice(Math.max(0, at - 200), at + 100)}`);
  }
}

/** Answers the operator with every echo, each time with new tokens. */
async function failBy(world: World, wire: Wire, to: "calls" | "sign-ins"): Promise<void> {
  for (const answer of echoes) {
    wire.echo = { answer, to };
    const before = wire.echoed;
    wire.workspace.auth.revokeIssued();
    wire.entra.revokeIssued();
    await world.apply(job("etl", { max_concurrent_runs: 2 + before }));
    await failed(world, "etl");
    await eventually(`${to} are echoed`, () => wire.echoed > before);
  }
}

for (
  const [holder, [name, way]] of holders.flatMap((holder) => Object.entries(ways).map((way) => [holder, way] as const))
) {
  clusterTest(
    `nothing secret of a sign-in by ${name} in a ${holder} is shown, through success and all failures`,
    async (world) => {
      const entra = new MockEntra();
      const workspace = new MockWorkspace({
        entra,
        token: "dapi-c4nary-0f-pat",
        clients: { robot: "c4nary/0f+robot" },
      });
      const proof = await trust(world, workspace, entra);
      const wire = new Wire(workspace, entra);
      const metrics = new Metrics();
      await connect(world, workspace.host, { way, holder });
      await world.startOperator({
        metrics,
        transport: () => wire,
        identity: {
          readFile: (path) =>
            path === OWN_TOKEN || path === "/azure" ? Promise.resolve(proof) : Promise.reject(new Error()),
          environment: (variable) => variable === "AZURE_FEDERATED_TOKEN_FILE" ? "/azure" : undefined,
          ownProblem: () => undefined,
          allowManagedIdentity: true,
        },
      });
      await world.apply(job("etl"));
      await world.ready("DatabricksJob", "etl");
      for (const to of name === "pat" ? ["calls"] as const : ["calls", "sign-ins"] as const) {
        await failBy(world, wire, to);
      }
      wire.echo = undefined;
      await world.apply(job("healed"));
      await world.ready("DatabricksJob", "healed");
      if (holder === "DatabricksConnection") {
        // The connection's own check, with the real workspace, was written beside the results of its objects.
        const { status } = await world.get("DatabricksConnection", "default") ?? {};
        assert.equal(status?.workspace, workspace.host);
      }
      assert.ok(wire.secrets.size > (name === "pat" ? 0 : 1), "secrets were on the wire");
      assertHidden(await told(world, metrics), wire.secrets);
    },
    { settings: null, start: false, needs: ["kubectl"] },
  );
}
