/**
 * Checks the mock against the official Databricks SDK for Python, which calls the served mock; each of its cases
 * (`*_cases.py`) is a test here.
 *
 * The cases run before the tests are registered, all in one process, since loading the SDK takes longer than most
 * cases. Without Python, or if the SDK cannot be installed, they are skipped, and the report says so.
 *
 * @module
 */
import assert from "node:assert/strict";
import { MockEntra } from "../../mock/databricks/entra.ts";
import { serve, type Served } from "../../mock/databricks/serve.ts";
import { type MockOptions, MockWorkspace } from "../../mock/databricks/workspace.ts";
import { EmbeddedKubernetes } from "../../mock/kubernetes/server.ts";
import { findPython, sdkVersion } from "./python.ts";

/** The result of one Python case. */
interface Result {
  readonly group: string;
  readonly name: string;
  readonly error?: string;
}

/** The driver's output, and the requests that the workspaces received. */
interface Drive {
  readonly results: readonly Result[];
  readonly workspaces: readonly MockWorkspace[];
  readonly code: number;
  readonly stderr: string;
}

/** The stand-in for Entra, whose tokens the workspace of the group `azure` accepts. */
const entra = new MockEntra();

/** The workspaces of the groups of cases; each behaves as its group's cases expect. */
const groups: Record<string, MockOptions> = {
  "jobs": {},
  "many jobs": {},
  "runs": {},
  "runs by the clock": { runSeconds: 0.5 },
  "git": { requireParentFolders: true },
  "secrets": {},
  "workspace": {},
  "compute": { startMs: 300 },
  "serving": { startMs: 300 },
  "apps": { startMs: 300 },
  "catalog": {},
  "objects": { startMs: 300 },
  "access": { clients: { app: "s3cret/+ä" }, subjectTokens: { federated: "app" } },
  "azure": { entra },
  "federation": { clients: { app: "s3cret/+ä" } },
  "faults": {},
  "few requests a second": { ratePerSecond: 4 },
  "other dialect": { doubts: { missingJob: "404", wrongToken: "403", duplicateCredential: "409" } },
};

/** The time limit of the driver (ms). */
const patience = 120_000;

const version = await sdkVersion();
const found = await findPython(version);

if ("python" in found) {
  register(await drive(found.python));
  registerExtractor(found.python);
} else {
  const name = `sdk: the official SDK ${version} drives the mock (not run: ${found.reason})`;
  console.log(`not run: the official SDK drives the mock, since ${found.reason}`);
  Deno.test({ name, ignore: Deno.env.get("CI") !== "true", fn: () => assert.fail(found.reason) });
}

function registerExtractor(python: string): void {
  Deno.test("sdk: the API types are up to date with the SDK", async () => {
    const { code, stdout, stderr } = await new Deno.Command(python, { args: ["tools/api/extract_types.py"] }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    assert.equal(new TextDecoder().decode(stdout), await Deno.readTextFile("tools/api/databricks-types.json"));
  });
}

function register({ results, workspaces, code, stderr }: Drive): void {
  for (const { group, name, error } of results) {
    Deno.test(`sdk, ${group}: ${name}`, () => assert.ok(error === undefined, error));
  }
  Deno.test("sdk: the driver finished", () => assert.deepEqual([code, stderr], [0, ""]));
  Deno.test("sdk: every group has cases", () => {
    const driven = new Set(results.map(({ group }) => group));
    assert.deepEqual(Object.keys(groups).filter((group) => !driven.has(group)), []);
  });
  Deno.test("sdk: the mock knows every request", () => {
    assert.deepEqual(workspaces.flatMap(({ unhandled }) => unhandled), []);
  });
  Deno.test("sdk: it called every endpoint that the operator calls", async () => {
    const lines = workspaces.flatMap(({ ledger }) => Object.keys(ledger.counts()));
    const endpoints = await declaredEndpoints();
    assert.ok(endpoints.length > 20);
    assert.deepEqual(endpoints.filter((endpoint) => !lines.some((line) => patternOf(endpoint).test(line))), []);
  });
}

/** Serves the workspaces, and runs the driver with its cases. */
async function drive(python: string): Promise<Drive> {
  await using stack = new AsyncDisposableStack();
  const workspaces: MockWorkspace[] = [];
  const hosts: Record<string, string> = {};
  for (const [group, options] of Object.entries(groups)) {
    const workspace = new MockWorkspace(options);
    workspace.permissions.hideJobs(/^hidden$/);
    const served: Served = stack.use(await serve(workspace));
    workspaces.push(workspace);
    hosts[group] = served.url;
  }
  const tokens = await federate(workspaces[Object.keys(groups).indexOf("federation")]!);
  const login = stack.use(await serve(entra));
  const env = { MOCK_HOSTS: JSON.stringify(hosts), MOCK_FEDERATED: JSON.stringify(tokens), MOCK_ENTRA: login.url };
  return { workspaces, ...await runDriver(python, env) };
}

/**
 * Makes a service principal trust a ServiceAccount of the embedded API, and returns tokens of it and of another one.
 */
async function federate(workspace: MockWorkspace): Promise<Record<string, string>> {
  const kubernetes = new EmbeddedKubernetes();
  const ask = async (path: string, body?: unknown) => {
    const headers = { authorization: `Bearer ${kubernetes.token}`, "content-type": "application/json" };
    const init = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
    return await (await kubernetes.fetch(new Request(`http://kubernetes${path}`, init))).json();
  };
  const accounts = "/api/v1/namespaces/default/serviceaccounts";
  const tokenOf = async (name: string, audience: string): Promise<string> => {
    const spec = { audiences: [audience], expirationSeconds: 3600 };
    return (await ask(`${accounts}/${name}/token`, { spec })).status.token;
  };
  for (const name of ["etl", "stranger"]) await ask(accounts, { metadata: { name } });
  const { issuer } = await ask("/.well-known/openid-configuration");
  const subject = "system:serviceaccount:default:etl";
  const jwks = await ask("/openid/v1/jwks");
  workspace.auth.policies.push({ clientId: "app", issuer, subject, audiences: ["databricks"], jwks });
  const federated = [{ issuer, subject }];
  entra.applications.push({ tenantId: "tenant-1", clientId: "app-1", secret: "s3cret-of-entra", federated });
  return {
    trusted: await tokenOf("etl", "databricks"),
    stranger: await tokenOf("stranger", "databricks"),
    "for Entra": await tokenOf("etl", "api://AzureADTokenExchange"),
    "for another audience": await tokenOf("etl", "vault"),
  };
}

async function runDriver(
  python: string,
  env: Record<string, string>,
): Promise<Omit<Drive, "workspaces">> {
  const command = new Deno.Command(python, {
    // -B: writes no compiled files beside the sources.
    args: ["-B", `${import.meta.dirname}/drive.py`],
    // Nothing from the developer's machine: no credentials, no ~/.databrickscfg, no proxy.
    clearEnv: true,
    env: {
      MOCK_TOKEN: "token",
      ...env,
      DATABRICKS_CONFIG_FILE: "/dev/null",
      NO_PROXY: "*",
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(patience),
  });
  const { code, stdout, stderr } = await command.output();
  const lines = new TextDecoder().decode(stdout).trim().split("\n").filter((line) => line !== "");
  const results = lines.map((line): Result => JSON.parse(line));
  return { results, code, stderr: new TextDecoder().decode(stderr).trim() };
}

/** Every "METHOD /path" that the source declares as an endpoint. */
async function declaredEndpoints(): Promise<string[]> {
  const found: string[] = [];
  for (const folder of ["resources", "reconcile", "databricks"]) {
    for await (const file of sources(new URL(`../../src/${folder}/`, import.meta.url))) {
      const text = await Deno.readTextFile(file);
      found.push(...[...text.matchAll(/^[^*\n]*endpoint\("([A-Z]+ [^"]+)"/gm)].map(([, line]) => line!));
    }
  }
  return found;
}

async function* sources(folder: URL): AsyncGenerator<URL> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* sources(new URL(`${name}/`, folder));
    else if (name.endsWith(".ts") && !name.endsWith("_test.ts")) yield new URL(name, folder);
  }
}

function patternOf(endpoint: string): RegExp {
  return new RegExp(`^${endpoint.replace("{jobs_api_version}", "2.2").replace(/\{\w+\}/g, "[^/]+")}$`);
}
