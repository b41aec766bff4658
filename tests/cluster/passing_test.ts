/** Something that is missing only for a moment causes no Warning, and never Stalled. */
import assert from "node:assert/strict";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { Informer } from "../../src/kubernetes/watch/informer.ts";
import {
  clusterTest,
  condition,
  eventually,
  job,
  manifest,
  pathOf,
  problem,
  secret,
  type World,
} from "../support/harness.ts";

const API_SECRET = "databricks-api-secret";
const SETTINGS = "databricks-kube-operator";
const KINDS = ["DatabricksJob", "DatabricksSecretScope", "DatabricksSecret", "GitCredential", "Repo"];
/** Long, so that a slow machine does not report what this test provides in time. */
const timings = { settleMs: 500, baselineMs: 100, missMs: 200, abandonMs: 500, uninstallMs: 50, graceMs: 30_000 };

/** Records each object of a namespace that became Stalled, or stopped being Ready. */
class Watchman {
  readonly seen: string[] = [];
  readonly #ready = new Set<string>();
  readonly #informers: Informer[];

  constructor({ kube, namespace }: World) {
    this.#informers = KINDS.map((kind) =>
      new Informer({
        client: kube,
        path: pathOf(kind, namespace),
        onChange: (_key, { new: now }) => this.#look(kind, now),
      })
    );
    for (const informer of this.#informers) informer.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#informers.map((informer) => informer.stop()));
  }

  #look(kind: string, object: KubeObject | undefined): void {
    if (object === undefined) return;
    const stalled = condition(object, "Stalled");
    if (stalled?.status === "True") this.seen.push(`${kind} is Stalled: ${stalled.message}`);
    const ready = condition(object, "Ready");
    if (ready?.status === "True") this.#ready.add(kind);
    else if (this.#ready.has(kind)) this.seen.push(`${kind} is not Ready any more: ${ready?.message}`);
  }
}

async function warnings({ kube, namespace }: World): Promise<string[]> {
  const { items } = await kube.list({ group: "", version: "v1", plural: "events", namespace });
  return items.filter(({ type }) => type === "Warning").map(({ reason, message }) => `${reason}: ${message}`);
}

function everything(): KubeObject[] {
  const credential = { git_provider: "gitHub", git_username: "octocat" };
  const repository = { path: "/Repos/team/x", url: "https://github.com/example/x", provider: "gitHub" };
  return [
    job("x"),
    manifest("DatabricksSecret", "x", { scope: "x", secret_name: "values" }),
    manifest("DatabricksSecretScope", "x", { scope: { name: "x" } }),
    manifest("GitCredential", "x", { credential, secret_name: "values" }),
    manifest("Repo", "x", { repository }),
  ];
}

const values = () => secret("values", { personal_access_token: "ghp_x", password: "p" });

clusterTest("one kubectl apply of everything, objects first, causes no Warning and no Stalled", async (world) => {
  const watchman = new Watchman(world);
  await world.startOperator({ timings });
  for (const object of everything()) await world.apply(object);
  await eventually("an object says what it waits for", async () => {
    const reconciling = condition(await world.get("DatabricksJob", "x"), "Reconciling");
    return reconciling?.reason === "SettingsMissing" || problem(JSON.stringify(reconciling));
  });
  await world.configure({ ingest: "false" });
  await world.apply(secret(API_SECRET, {}));
  await eventually("an object says what it waits for now", async () => {
    const reconciling = condition(await world.get("DatabricksJob", "x"), "Reconciling");
    return reconciling?.reason === "CredentialsInvalid" || problem(JSON.stringify(reconciling));
  });
  await world.connect({ settings: { ingest: "false" } });
  await world.ready("DatabricksJob", "x");
  await world.apply(secret("values", {}));
  await eventually("an object names the missing keys of its Secret", async () => {
    const reconciling = condition(await world.get("GitCredential", "x"), "Reconciling");
    return /personal_access_token/.test(reconciling?.message ?? "") || problem(JSON.stringify(reconciling));
  });
  await world.apply(values());
  for (const kind of KINDS) await world.ready(kind, "x");
  assert.deepEqual([watchman.seen, await warnings(world)], [[], []]);
  await watchman.stop();
}, { start: false, settings: null });

clusterTest(
  "replacing settings and Secrets within a moment keeps objects Ready, without a Warning",
  async (world) => {
    const watchman = new Watchman(world);
    await world.startOperator({ timings });
    await world.apply(values());
    for (const object of everything()) await world.apply(object);
    for (const kind of KINDS) await world.ready(kind, "x");
    for (const [kind, name] of [["ConfigMap", SETTINGS], ["Secret", API_SECRET], ["Secret", "values"]] as const) {
      const calls = world.workspace.ledger.calls.length;
      await world.delete(kind, name);
      // Causes a pass in between: an annotation is a person's change.
      await world.annotate("DatabricksSecret", "x", "adopt", "true");
      await world.annotate("DatabricksSecret", "x", "adopt", null);
      if (name === "values") await world.apply(values());
      else await world.connect({ settings: { ingest: "false" } });
      await eventually("Databricks gets another request", () => world.workspace.ledger.calls.length > calls);
      for (const one of KINDS) await world.ready(one, "x");
    }
    assert.deepEqual([watchman.seen, await warnings(world)], [[], []]);
    await watchman.stop();
  },
  { start: false, settings: { ingest: "false" } },
);

clusterTest("a missing dependency is reported after the grace period", async (world) => {
  await world.apply(job("x"));
  const { message } = await world.blocked("DatabricksJob", "x", "SettingsMissing");
  assert.match(message, /does not exist: create it/);
  assert.equal(condition(await world.get("DatabricksJob", "x"), "Stalled")?.status, "True");
  await world.event("x", "SettingsMissing");
}, { settings: null });
