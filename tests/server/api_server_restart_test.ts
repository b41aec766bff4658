/** The API server is killed and started again on its data, or on older data: the operator goes on where it was. */
import assert from "node:assert/strict";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { connect } from "../../src/kubernetes/kubeconfig.ts";
import { startProcess } from "../support/api_servers.ts";
import { SideBySide } from "../support/side_by_side.ts";
import { eventually, installCrds, job, manifest, problem, sweeps, World } from "../support/harness.ts";

const binary = Deno.env.get("K3S_BINARY");
const needs = binary === undefined ? " (needs K3S_BINARY: an executable that serves a control plane)" : "";

/** An API server of the test's own, that can be killed. */
class Server implements AsyncDisposable {
  #process: Awaited<ReturnType<typeof startProcess>> | undefined;
  readonly #dataDir: string;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  get kubeconfig(): string {
    return this.#process?.kubeconfig ?? "";
  }

  async start(): Promise<void> {
    const port = this.#process === undefined ? {} : { port: this.#process.port };
    this.#process = await startProcess(binary ?? "", { dataDir: this.#dataDir, ...port });
  }

  /** Ends it as a power cut does, with the processes that it started: one that lingers would hold the port. */
  async kill(): Promise<void> {
    if (this.#process === undefined) return;
    const { process, port } = this.#process;
    const children = await childrenOf(process.pid);
    process.kill("SIGKILL");
    for (const pid of children) Deno.kill(pid, "SIGKILL");
    await process.status;
    await eventually("the port is free", () => {
      using _listener = Deno.listen({ hostname: "127.0.0.1", port });
      return true;
    });
  }

  /** Keeps what it holds now, as a backup of etcd does: it ends for that, and starts again. */
  async backUp(): Promise<void> {
    await this.kill();
    await copy(this.#dataDir, this.#backup);
    await this.start();
  }

  /** Goes back to what it held at the backup. */
  async restore(): Promise<void> {
    await this.kill();
    await Deno.remove(this.#dataDir, { recursive: true });
    await copy(this.#backup, this.#dataDir);
    await this.start();
  }

  get #backup(): string {
    return `${this.#dataDir}-backup`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // After a failure it may be dead already.
    await this.kill().catch(() => {});
    for (const folder of [this.#dataDir, this.#backup]) await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
}

async function copy(from: string, to: string): Promise<void> {
  const { success } = await new Deno.Command("cp", { args: ["-a", from, to] }).output();
  assert.ok(success, `cp -a ${from} ${to}`);
}

/** The processes that a process started, where the system tells (Linux). */
async function childrenOf(pid: number): Promise<number[]> {
  const children: number[] = [];
  for await (const { name } of Deno.readDir(`/proc/${pid}/task`)) {
    const text = await Deno.readTextFile(`/proc/${pid}/task/${name}/children`).catch(() => "");
    children.push(...text.split(" ").filter((word) => word.trim() !== "").map(Number));
  }
  return children;
}

/** Runs a test in a world on an API server of its own. */
async function onOwnServer(test: (world: World, server: Server) => Promise<void>): Promise<void> {
  await using server = new Server(await Deno.makeTempDir({ prefix: "restart-" }));
  await server.start();
  const { client } = await connect({ kubeconfig: server.kubeconfig });
  await installCrds(client);
  const world = new World({
    kube: client,
    namespace: "restart",
    workspace: new MockWorkspace(),
    kubeconfig: server.kubeconfig,
  });
  await client.create({ group: "", version: "v1", plural: "namespaces" }, { metadata: { name: world.namespace } });
  try {
    await world.connect();
    await world.startOperator();
    await test(world, server);
  } finally {
    // When the test failed, the server may be dead, and the test's error is the one to tell.
    await world.end().catch(() => {});
  }
}

const tests = new SideBySide(4);

/** Registers a test. Those of this file run at the same time, since a server takes seconds to start. */
function restartTest(name: string, test: (world: World, server: Server) => Promise<void>): void {
  tests.test({ name: `${name}${needs}`, ignore: binary === undefined, fn: () => onOwnServer(test) });
}

restartTest("after a restart of the API server, edits and new objects are seen again", async (world, server) => {
  await world.apply(job("before"));
  const id = String((await world.ready("DatabricksJob", "before")).status?.id);
  await sweeps(world.workspace, "/jobs/list", 2);
  await server.kill();
  world.workspace.jobs.edit(id, (settings) => void (settings.max_concurrent_runs = 99));
  await eventually("drift is repaired without an API server", () => {
    return world.workspace.jobs.get(id)?.settings.max_concurrent_runs === 1;
  });
  await server.start();
  await world.apply(job("after"));
  await world.ready("DatabricksJob", "after");
  await world.apply(job("before", { description: "edited" }));
  assert.equal((await world.ready("DatabricksJob", "before")).status?.id, id);
  assert.equal(world.workspace.jobs.get(id)?.settings.description, "edited");
  await world.delete("DatabricksJob", "after");
  await world.gone("DatabricksJob", "after");
  assert.deepEqual(world.workspace.jobs.ids(), [id]);
});

restartTest("jobs that were being created when the API server was killed are made once", async (world, server) => {
  const names = Array.from({ length: 30 }, (_, index) => `job-${index}`);
  await Promise.all(names.map((name) => world.apply(job(name))));
  await eventually("some are made", () => world.workspace.ledger.count("POST", "jobs/create") >= 3);
  await server.kill();
  await server.start();
  for (const name of names) await world.ready("DatabricksJob", name);
  const made = world.workspace.jobs.all().map(({ settings }) => settings.name).sort();
  assert.deepEqual(made, names.toSorted());
});

const SCOPE = manifest("DatabricksSecretScope", "scope", { scope: { name: "team" } });

/**
 * Makes a backup with some objects in it, and then goes on: a job is made again, one is made for an object that was paused,
 * one has an object of its own, and one runs.
 */
async function lifeAfterBackup(world: World, server: Server): Promise<string[]> {
  const { jobs, runs } = world.workspace;
  await world.configure({ ingest: "false" });
  for (const object of [job("again"), job("runs"), job("late", {}, { paused: "true" }), SCOPE]) {
    await world.apply(object);
  }
  const id = String((await world.ready("DatabricksJob", "again")).status?.id);
  for (const [kind, name] of [["DatabricksJob", "runs"], ["DatabricksSecretScope", "scope"]]) {
    await world.ready(kind ?? "", name ?? "");
  }
  await server.backUp();
  jobs.remove(id);
  await world.annotate("DatabricksJob", "late", "paused", null);
  await world.apply(job("new"));
  await world.patch("DatabricksJob", "runs", { spec: { run: { job_parameters: { day: "1" } } } });
  for (const name of ["late", "new", "runs"]) await world.ready("DatabricksJob", name);
  await eventually("it is made again", () => jobs.ids().length === 4 || problem(String(jobs.ids())));
  await eventually("it runs", () => runs.list().length === 1);
  await eventually("its id is known", async () => {
    const { id, pending } = (await world.get("DatabricksJob", "again"))?.status ?? {};
    return pending === undefined && jobs.ids().includes(String(id));
  });
  return jobs.ids();
}

/** What Git holds is applied again after a restore, and nothing comes of it in Databricks. */
async function changesNothing(world: World, ids: readonly string[]): Promise<void> {
  const { jobs, ledger, runs } = world.workspace;
  for (const name of ["again", "runs"]) await world.ready("DatabricksJob", name);
  await world.ready("DatabricksSecretScope", "scope");
  await world.annotate("DatabricksJob", "late", "paused", null);
  await world.ready("DatabricksJob", "late");
  await world.apply(job("new"));
  await world.blocked("DatabricksJob", "new", "OwnedByUnknown");
  await world.patch("DatabricksJob", "runs", { spec: { run: { job_parameters: { day: "1" } } } });
  await eventually("its run is known", async () => {
    const { run_request } = (await world.get("DatabricksJob", "runs"))?.status as { run_request?: { run_id?: string } };
    return run_request?.run_id === String(runs.list()[0]?.run_id);
  });
  await sweeps(world.workspace, "/jobs/list", 2);
  assert.deepEqual(ledger.writes().filter(({ path }) => !path.endsWith("/run-now")), []);
  assert.deepEqual([jobs.ids(), runs.list().length], [ids, 1]);
}

restartTest(
  "an older state that is restored, and what Git holds applied again, change nothing",
  async (world, server) => {
    const ids = await lifeAfterBackup(world, server);
    await world.stopOperators();
    await server.restore();
    world.workspace.ledger.clear();
    await world.startOperator();
    await changesNothing(world, ids);
  },
);

restartTest("an older state that is restored under a working operator changes nothing", async (world, server) => {
  const ids = await lifeAfterBackup(world, server);
  world.workspace.ledger.clear();
  await server.restore();
  await changesNothing(world, ids);
});
