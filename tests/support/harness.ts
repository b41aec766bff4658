/**
 * A world for each test: its own Kubernetes API (or a namespace of one), its own workspace, and an operator between
 * them, in this process. The tests of a file run at the same time.
 *
 * The same tests run on every level: with `TEST_KUBECONFIG` they use that API server, each in its own namespace;
 * without it, each has its own embedded API.
 *
 * @module
 */
import { type MockOptions, MockWorkspace } from "../../mock/databricks/workspace.ts";
import { toCrd } from "../../src/generate/crd.ts";
import type { KubeClient } from "../../src/kubernetes/client.ts";
import { connect } from "../../src/kubernetes/kubeconfig.ts";
import { GROUP, VERSION } from "../../src/resource.ts";
import { kinds } from "../../src/kinds.ts";
import { doubtsFor, tellingDoubts } from "./doubts.ts";
import { serveWithCrds } from "./embedded_api.ts";
import { OwnOutput } from "./own_output.ts";
import { isInstalled } from "./programs.ts";
import { eventually, problem } from "./waiting.ts";
import { World } from "./world.ts";

export { baselineOf, condition, fromYaml, job, manifest, notebook, pathOf, secret } from "./objects.ts";
export { eventually, Problem, problem, sweeps } from "./waiting.ts";
export { World } from "./world.ts";

/** The kubeconfig of the API server that tests share; without it, each test has an embedded one. */
const sharedKubeconfig = Deno.env.get("TEST_KUBECONFIG");
/** The number of tests of one file that run at the same time. */
const PARALLEL = 8;
/**
 * The lag of lists (ms), if they lag: less than the time that the harness lets a create settle (`timings` in world.ts).
 */
const LIST_LAG_MS = 300;

/** Options of a test's world. */
export interface WorldOptions {
  /** Options of the workspace; its doubts are drawn, except for those given here. */
  readonly mock?: MockOptions;
  /** The ConfigMap's data, merged over {@link QUICK}; `null` for no ConfigMap and no Secret. */
  readonly settings?: Record<string, string> | null;
  /** False if the test starts the operator itself. */
  readonly start?: boolean;
  /** True if the test changes more of the Kubernetes API than its namespace; it then always has an embedded one. */
  readonly ownApi?: boolean;
  /** Programs that the test runs; if one is missing, the test is skipped. */
  readonly needs?: readonly ("kubectl" | "curl" | "jq" | "script")[];
}

const starters: (() => Promise<void>)[] = [];
const waiting: (() => void)[] = [];
let active = 0;

/**
 * Registers a test with its own world. The tests of a file run at the same time, up to a limit; each is reported
 * separately.
 */
export function clusterTest(name: string, test: (world: World) => Promise<void>, options: WorldOptions = {}): void {
  const missing = (options.needs ?? []).filter((program) => !isInstalled(program));
  if (missing.length > 0) {
    Deno.test({ name: `${name} (needs ${missing.join()} on the PATH)`, ignore: true, fn: () => {} });
    return;
  }
  let result: Promise<void> | undefined;
  const output = new OwnOutput();
  const start = () => result ??= limited(() => output.run(() => inWorld(name, test, options)));
  starters.push(start);
  Deno.test({
    name,
    // The tests of a file overlap, so a resource that one holds open would be attributed to another.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      for (const starter of starters) void starter().catch(() => {});
      output.release();
      await start();
    },
  });
}

async function limited(run: () => Promise<void>): Promise<void> {
  if (active >= PARALLEL) await new Promise<void>((resolve) => waiting.push(resolve));
  active++;
  try {
    await run();
  } finally {
    active--;
    waiting.shift()?.();
  }
}

/** A test's body. */
type Body = (world: World) => Promise<void>;

async function inWorld(name: string, test: Body, options: WorldOptions): Promise<void> {
  const isOwn = sharedKubeconfig === undefined || options.ownApi === true;
  await using api = isOwn ? await embeddedApi() : sharedApi(sharedKubeconfig);
  const { client } = await connect({ kubeconfig: api.kubeconfig });
  await api.install(client);
  const namespace = `t-${crypto.randomUUID().slice(0, 8)}`;
  await client.create({ group: "", version: "v1", plural: "namespaces" }, { metadata: { name: namespace } });
  const doubts = doubtsFor(name, options.mock?.doubts);
  const workspace = new MockWorkspace({ listLagMs: LIST_LAG_MS, ...options.mock, doubts });
  const world = new World({ kube: client, namespace, workspace, kubeconfig: api.kubeconfig });
  try {
    if (options.settings !== null) await world.connect({ settings: options.settings ?? {} });
    if (options.start !== false) await world.startOperator();
    await tellingDoubts(name, doubts, () => test(world));
  } finally {
    await world.end();
  }
}

/** A Kubernetes API for one test. */
interface TestApi extends AsyncDisposable {
  readonly kubeconfig: string;
  install(client: KubeClient): Promise<void>;
}

/** An API for one test. */
async function embeddedApi(): Promise<TestApi> {
  const served = await serveWithCrds();
  const kubeconfig = await Deno.makeTempFile({ prefix: "kubeconfig-" });
  await Deno.writeTextFile(kubeconfig, served.kubeconfig);
  const end = async () => {
    await served.close();
    await Deno.remove(kubeconfig);
  };
  return { kubeconfig, install: () => Promise.resolve(), [Symbol.asyncDispose]: end };
}

/** An API that all tests share; the CRDs are installed once. */
function sharedApi(kubeconfig: string): TestApi {
  return {
    kubeconfig,
    install: (client) => crds ??= installCrds(client),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

let crds: Promise<void> | undefined;

/** Installs the CRDs and waits until the API server serves them. */
export async function installCrds(client: KubeClient): Promise<void> {
  const path = { group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions" };
  for (const resource of kinds) {
    const crd = toCrd(resource);
    await client.patch(path, crd.metadata.name, crd, { type: "apply", force: true, fieldManager: "test" });
  }
  await eventually("the CRDs are served", async () => {
    const served = await client.discover(GROUP, VERSION);
    return kinds.every(({ plural }) => served.has(plural)) ? true : problem([...served.keys()].join());
  });
}
