/**
 * `deno task screenshots`: takes the light and dark pictures of the page of `ui` in docs/images/, with the demo's
 * objects. It needs Chromium, on the PATH or in CHROMIUM_BINARY.
 *
 * @module
 */
import { MockWorkspace } from "../mock/databricks/workspace.ts";
import { serve } from "../mock/databricks/serve.ts";
import { servePage } from "../src/commands/ui/ui.ts";
import type { KubeClient } from "../src/kubernetes/client.ts";
import { connect } from "../src/kubernetes/kubeconfig.ts";
import { browse } from "../tests/support/browser.ts";
import { manifest, pathOf } from "../tests/support/objects.ts";
import { eventually, problem } from "../tests/support/waiting.ts";
import { startCluster } from "./demo/cluster.ts";
import { demoOperator } from "./demo/operator.ts";
import { Screen } from "./demo/screen.ts";
import { play, setUp, type Stage } from "./demo/story.ts";

const ROOT = new URL("../", import.meta.url);
const NAMESPACE = "data";
/** The job in the pictures. */
const JOB = "nightly-report";

await using cluster = await startCluster("embedded", NAMESPACE);
const workspace = new MockWorkspace({ token: "demo", runSeconds: 3 });
await using served = await serve(workspace);
const { client } = await connect({ kubeconfig: cluster.kubeconfig });
const operator = demoOperator(client, NAMESPACE);
const screen = new Screen({ write: () => {}, isTerminal: false }, []);
const { signal } = new AbortController();
const stage: Stage = { kube: client, namespace: NAMESPACE, workspace, url: served.url, screen, signal };
await setUp(stage, new URL("examples", ROOT).pathname);
await operator.start();
await play(stage);
await addMore(client);
await takePictures(client);
await operator.stop();
client.close();

/** Adds a run that fails, a change that waits for an approval, and an object whose Secret is missing. */
async function addMore(kube: KubeClient): Promise<void> {
  const credential = { git_username: "octocat", git_provider: "gitHub" };
  await create(kube, "GitCredential", "github-readonly", { credential, secret_name: "github-readonly" });
  for (const name of ["nightly-report-1", "nightly-report-2", "nightly-report-3"]) {
    await create(kube, "DatabricksRun", name, { job_ref: { name: JOB } });
    const id = await statusField(kube, "DatabricksRun", name, "run_id");
    if (name.endsWith("2")) workspace.runs.finish(id, "FAILED");
    await statusField(kube, "DatabricksRun", name, "completion_time");
  }
  const annotations = { "databricks-operator/apply": "on-approval" };
  const schedule = { quartz_cron_expression: "0 30 5 * * ?", timezone_id: "UTC" };
  const spec = { job: { settings: { max_concurrent_runs: 3, schedule } } };
  await kube.patch(pathOf("DatabricksJob", NAMESPACE), JOB, { metadata: { annotations }, spec });
  await statusField(kube, "DatabricksJob", JOB, "plan");
}

async function create(kube: KubeClient, kind: string, name: string, spec: Record<string, unknown>): Promise<void> {
  await kube.create(pathOf(kind, NAMESPACE), manifest(kind, name, spec));
}

/** Waits until an object's status has a field, and returns it. */
async function statusField(kube: KubeClient, kind: string, name: string, field: string): Promise<string> {
  return await eventually(`${kind} ${name} has ${field}`, async () => {
    const { status = {} } = await kube.get(pathOf(kind, NAMESPACE), name);
    return status[field] === undefined ? problem(JSON.stringify(status)) : String(status[field]);
  });
}

async function takePictures(kube: KubeClient): Promise<void> {
  await using page = await servePage({ client: kube, asked: NAMESPACE, own: NAMESPACE, port: 0 });
  await using browsing = await browse();
  await Deno.mkdir(new URL("docs/images", ROOT), { recursive: true });
  for (const colorScheme of ["light", "dark"] as const) {
    const viewport = { width: 1060, height: 660 };
    const shown = await browsing.open(`${page.url}#/DatabricksJob/${NAMESPACE}/${JOB}`, { colorScheme, viewport });
    const runs = shown.getByRole("heading", { name: "Newest runs" });
    await runs.waitFor();
    // The light picture shows the plan, the dark one the runs.
    if (colorScheme === "dark") await runs.evaluate((heading: { scrollIntoView(): void }) => heading.scrollIntoView());
    const path = new URL(`docs/images/ui-${colorScheme}.png`, ROOT).pathname;
    await shown.screenshot({ path });
    console.log(`${path}: ${Math.round((await Deno.stat(path)).size / 1024)} kB`);
  }
}
