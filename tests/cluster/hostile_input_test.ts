/** Malicious input harms only its sender. */
import assert from "node:assert/strict";
import { clusterTest, condition, eventually, job, manifest, notebook, sweeps } from "../support/harness.ts";

/** A list nested this many levels deep. */
function nested(levels: number): unknown {
  return JSON.parse("[".repeat(levels) + "]".repeat(levels));
}

clusterTest("a manifest that is nested hundreds of levels deep is rejected, and blocks no other", async (world) => {
  await world.create(job("deep", { unknown_field: nested(900) }));
  await world.apply(job("etl"));
  const { message } = await world.blocked("DatabricksJob", "deep", "InvalidSpec");
  assert.equal(message, "spec: is nested deeper than 100 levels: nothing in Databricks is");
  await world.ready("DatabricksJob", "etl");
});

clusterTest(
  "a databricks_url on the operator's own machine is rejected, and nothing is sent there",
  async (world) => {
    const asked: string[] = [];
    const transport = (host: string) => ({
      send: (request: Request) => {
        asked.push(`${host} ${request.url}`);
        return Promise.reject(new TypeError("no"));
      },
    });
    await world.startOperator({ transport });
    await world.apply({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "databricks-api-secret" },
      data: { databricks_url: btoa("http://[::ffff:127.0.0.1]:8080"), access_token: btoa("token") },
    });
    await world.configure({});
    await world.apply(job("etl"));
    const { message } = await world.blocked("DatabricksJob", "etl", "CredentialsInvalid");
    assert.match(message, /databricks_url" is the operator's own machine/);
    assert.deepEqual(asked, []);
  },
  { start: false, settings: null },
);

clusterTest("keys such as __proto__ are sent to Databricks and back like any other", async (world) => {
  const tags = JSON.parse('{"constructor":"a","toString":"b","hasOwnProperty":"c"}');
  await world.apply(job("etl", { tags }));
  const { status } = await world.ready("DatabricksJob", "etl");
  const held = world.workspace.jobs.get(String(status?.id))?.settings.tags;
  for (const [key, value] of Object.entries(tags)) assert.equal(Object.hasOwn(held, key) && held[key], value, key);
  await sweeps(world.workspace, "/jobs/list", 2);
  assert.equal(world.workspace.ledger.count("POST", "/jobs/reset"), 0);
});

clusterTest("a job with a key __proto__ pollutes nothing, and is ingested", async (world) => {
  world.workspace.jobs.add({ name: "trap", ...notebook(), tags: JSON.parse('{"__proto__":"x","constructor":"y"}') });
  await world.startOperator();
  await world.ready("DatabricksJob", "trap");
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  assert.equal(({} as Record<string, unknown>).x, undefined);
}, { start: false });

clusterTest("dots and slashes in names and ids cannot reach another endpoint", async (world) => {
  const id = "../../2.0/secrets/scopes/list?x=1#";
  const credential = { credential_id: id, git_provider: "gitHub", git_username: "../../x" };
  await world.create(manifest("GitCredential", "trap", { credential }, { adopt: "true" })).catch(() => {});
  await world.apply(manifest("DatabricksSecretScope", "scope", { scope: { name: "../jobs/delete" } }));
  await world.blocked("DatabricksSecretScope", "scope", "InvalidSpec");
  await sweeps(world.workspace, "/scopes/list", 2);
  assert.deepEqual(world.workspace.unhandled, []);
  assert.deepEqual(world.workspace.ledger.calls.filter(({ path }) => path.includes("..")), []);
  assert.deepEqual(world.workspace.ledger.writes(), []);
});

clusterTest("an error of a megabyte is cut in the condition and in the event", async (world) => {
  using _ = world.workspace.faults.add({
    match: "jobs/create",
    status: 400,
    body: { error_code: "INVALID_PARAMETER_VALUE", message: `bad\u001b[31m\n${"é".repeat(1_000_000)}` },
  });
  await world.apply(job("etl"));
  const { message } = await world.blocked("DatabricksJob", "etl", "InvalidRequest");
  assert.ok(message.length <= 1024, `${message.length}`);
  assert.match(message, /bad\\u001b\[31m/);
  const event = await world.event("etl", "InvalidRequest");
  assert.ok(new TextEncoder().encode(event).length <= 1024 + "InvalidRequest: ".length);
});

clusterTest("a Secret of a thousand keys fills a scope, and status stays small", async (world) => {
  const keys = Array.from({ length: 1000 }, (_, index) => [`key-${index}`, btoa(`${index}`)]);
  world.workspace.secrets.addScope("team");
  await world.apply({ apiVersion: "v1", kind: "Secret", metadata: { name: "many" }, data: Object.fromEntries(keys) });
  await world.apply(manifest("DatabricksSecret", "many", { scope: "team", secret_name: "many" }));
  const object = await world.ready("DatabricksSecret", "many");
  assert.equal(world.workspace.secrets.keys("team").length, 1000);
  assert.ok(JSON.stringify(object.status).length < 100_000);
});

clusterTest("runs with absurd times and ids are skipped, and the others are shown", async (world) => {
  await world.apply(job("etl"));
  const { status } = await world.ready("DatabricksJob", "etl");
  const id = String(status?.id);
  // deno-lint-ignore no-explicit-any
  const edit = (body: any) => ({
    ...body,
    runs: [
      { run_id: "../..", job_id: BigInt(id), start_time: 1e300, state: { life_cycle_state: "RUNNING" } },
      { run_id: 1, job_id: BigInt(id), start_time: "soon", end_time: {}, state: { life_cycle_state: [] } },
      ...body.runs ?? [],
    ],
  });
  using _ = world.workspace.faults.add({ match: "runs/list", edit });
  world.workspace.runs.start(id);
  await eventually("the run is shown", async () => {
    const object = await world.get("DatabricksJob", "etl");
    return (object?.status?.latest_run_state as { life_cycle_state?: string })?.life_cycle_state === "RUNNING" &&
      condition(object, "Ready")?.status === "True";
  });
});
