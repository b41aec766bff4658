/** The memory that the operator's process keeps for namespaces that are gone. */
import assert from "node:assert/strict";
import { KubeError } from "../../src/kubernetes/client.ts";
import { clusterTest, eventually, job, manifest, problem, secret, type World } from "../support/harness.ts";
import { holdersOf, Inspector } from "../support/inspector.ts";
import { freePort } from "../support/ports.ts";
import { DATABRICKS_URL, Replica } from "../support/replica.ts";

const NAMESPACES = { group: "", version: "v1", plural: "namespaces" };
const COUNT = 4;
/** A process pauses while a snapshot is taken, on a busy machine for longer than the usual duration of a lease. */
const PATIENT = ["--lease-duration", "300", "--lease-renew-deadline", "200"];
/**
 * Fields that hold them for a while, with a limit: 1000 Events, so that repetitions are counted; deletions, so that
 * nothing older counts as new; resources whose objects are gone, until lists have caught up.
 */
const PASSING = ["#entries of EventRecorder", "#left of Store", "#kept of TornOff"];

async function fill(world: World, namespace: string): Promise<void> {
  await world.apply(
    secret("databricks-api-secret", { databricks_url: DATABRICKS_URL, access_token: "token" }),
    namespace,
  );
  await world.configure({ ingest: "false" }, namespace);
  await world.apply(secret("values", { key: "value" }), namespace);
  await world.apply(job(`job-${namespace}`), namespace);
  await world.apply(manifest("DatabricksSecretScope", "scope", { scope: { name: namespace } }), namespace);
  await world.apply(manifest("DatabricksSecret", "values", { scope: namespace, secret_name: "values" }), namespace);
}

async function isGone(world: World, namespace: string): Promise<boolean> {
  return await world.kube.get(NAMESPACES, namespace).then(() => false, (error) => {
    if (error instanceof KubeError && error.status === 404) return true;
    throw error;
  });
}

clusterTest("the memory of deleted namespaces is freed, except for bounded remains", async (world) => {
  const suffixes = Array.from({ length: COUNT }, (_, index) => `gone${index}`);
  const namespaces = await Promise.all(suffixes.map((suffix) => world.addNamespace(suffix)));
  await fill(world, world.namespace);
  for (const namespace of namespaces) await fill(world, namespace);
  const inspect = `127.0.0.1:${freePort()}`;
  await using replica = await Replica.start(world, ["--all-namespaces", ...PATIENT], { inspect });
  await replica.leads();
  for (const namespace of [world.namespace, ...namespaces]) {
    await world.ready("DatabricksJob", `job-${namespace}`, namespace);
    await world.ready("DatabricksSecret", "values", namespace);
  }
  using inspector = await Inspector.connect(inspect);
  const held = async () => {
    const snapshot = await inspector.heap();
    const holders = namespaces.flatMap((one) => [...holdersOf(snapshot, one)]);
    return holders.filter(([holder]) => !PASSING.includes(holder)).map(([holder, texts]) => `${holder}: ${texts[0]}`);
  };
  assert.ok((await held()).length >= COUNT, "it sees held resources");
  for (const namespace of namespaces) await world.kube.delete(NAMESPACES, namespace);
  for (const namespace of namespaces) {
    await eventually(
      `${namespace} is gone`,
      async () => await isGone(world, namespace) || problem(replica.log.slice(-2000)),
    );
  }
  await eventually("nothing is held", async () => {
    const holders = await held();
    return holders.length === 0 || problem(holders.join("\n"));
  }, { patience: 120_000 });
}, { start: false, settings: null, ownApi: true });
