/**
 * `deno task bench:kills`: creates 200 jobs while the operator is killed 50 times at random moments, and deletes them
 * while it is killed 50 more times. No job may be created twice, and none may be left over.
 *
 * `--jobs N`, `--kills N`, `--seed N`; `K3S_BINARY` or `TEST_KUBECONFIG` select a real API server. The exit code is 1
 * if a job was created twice or left over.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { serve } from "../mock/databricks/serve.ts";
import { MockWorkspace } from "../mock/databricks/workspace.ts";
import type { KubeObject } from "../src/kubernetes/client.ts";
import { connect } from "../src/kubernetes/kubeconfig.ts";
import { randomOf } from "../tests/faults/choice.ts";
import { build, OperatorProcess } from "../tests/faults/process.ts";
import { installCrds } from "../tests/support/harness.ts";
import { condition, job, pathOf, secret } from "../tests/support/objects.ts";
import { eventually, problem } from "../tests/support/waiting.ts";
import { World } from "../tests/support/world.ts";
import { startApiServer } from "./rig.ts";

/** The behaviour of the workspace in one storm. */
interface Scene {
  readonly name: string;
  readonly latencyMs: number;
  /** The workspace's limit of requests per second, which the operator is configured to respect. */
  readonly rate?: number;
}

/** The result of a storm. */
interface Row {
  readonly scene: string;
  readonly jobs: number;
  readonly kills: number;
  /** Jobs beyond the first of each name, over the whole run. */
  readonly duplicates: number;
  /** Jobs without an object after all were created. */
  readonly orphans: number;
  /** Jobs left over after all objects were deleted. */
  readonly left: number;
  readonly creates: number;
  readonly calls: number;
  readonly refused: number;
  readonly seconds: number;
}

const SCENES: readonly Scene[] = [
  { name: "25 ms answers", latencyMs: 25 },
  { name: "25 ms answers, 10 requests/s", latencyMs: 25, rate: 10 },
];
/** The longest life of an operator after its first request (ms). */
const LIFE = 1000;
const PATIENCE = { patience: 1_800_000 };

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { jobs: { type: "string" }, kills: { type: "string" }, seed: { type: "string" } },
  });
  const { jobs = "200", kills = "50", seed = "1" } = values;
  const dir = await Deno.makeTempDir({ prefix: "kills-" });
  const program = await build(dir);
  const rows: Row[] = [];
  for (const scene of SCENES) {
    await using storm = await Storm.make(scene, program, randomOf(Number(seed)));
    rows.push(await storm.play(Number(jobs), Number(kills)));
  }
  await Deno.remove(dir, { recursive: true });
  console.log(`| ${Object.keys(rows[0] ?? {}).join(" | ")} |\n|${"---|".repeat(10)}`);
  for (const row of rows) console.log(`| ${Object.values(row).join(" | ")} |`);
  return rows.some(({ duplicates, orphans, left }) => duplicates + orphans + left > 0) ? 1 : 0;
}

/** A storm in one scene. */
class Storm implements AsyncDisposable {
  readonly #stack: AsyncDisposableStack;
  readonly #scene: Scene;
  readonly #world: World;
  readonly #process: OperatorProcess;
  readonly #random: () => number;
  #kills = 0;

  private constructor(
    { stack, scene, world, process, random }: {
      stack: AsyncDisposableStack;
      scene: Scene;
      world: World;
      process: OperatorProcess;
      random: () => number;
    },
  ) {
    this.#stack = stack;
    this.#scene = scene;
    this.#world = world;
    this.#process = process;
    this.#random = random;
  }

  static async make(scene: Scene, program: string, random: () => number): Promise<Storm> {
    const stack = new AsyncDisposableStack();
    const { kubeconfig } = stack.use(await startApiServer());
    const { client: kube } = await connect({ kubeconfig });
    await installCrds(kube);
    const namespace = `storm-${crypto.randomUUID().slice(0, 8)}`;
    await kube.create({ group: "", version: "v1", plural: "namespaces" }, { metadata: { name: namespace } });
    const { latencyMs, rate } = scene;
    const workspace = new MockWorkspace({ latencyMs, ...rate !== undefined && { ratePerSecond: rate } });
    const served = stack.use(await serve(workspace));
    const world = new World({ kube, namespace, workspace, kubeconfig });
    stack.defer(() => world.end());
    await world.apply(secret("databricks-api-secret", { databricks_url: served.url, access_token: "token" }));
    await world.configure({ rate_limit: String(rate ?? 0), default_requeue_interval: "300", ingest: "true" });
    const args = ["--kubeconfig", kubeconfig, "--watch-namespaces", namespace, "--log-level", "warning"];
    const process = new OperatorProcess({ program, args });
    stack.defer(() => process.kill());
    return new Storm({ stack, scene, world, process, random });
  }

  async play(jobs: number, kills: number): Promise<Row> {
    const begun = performance.now();
    const { workspace } = this.#world;
    this.#process.start();
    const names = Array.from({ length: jobs }, (_, index) => `job-${index}`);
    await this.#blow(names, kills, (name) => this.#world.apply(job(name)));
    await eventually("all are Ready", async () => this.#countReady(await this.#objects(), jobs), PATIENCE);
    const held = new Set((await this.#objects()).map(({ status }) => String(status?.id)));
    const orphans = workspace.jobs.ids().filter((id) => !held.has(id)).length;
    const duplicates = workspace.jobs.ids().length - new Set(workspace.jobs.all().map(nameOf)).size;
    await this.#blow(names, kills, (name) => this.#world.delete("DatabricksJob", name));
    await eventually("all are gone", async () => (await this.#objects()).length === 0, PATIENCE);
    const { calls } = workspace.ledger;
    return {
      scene: this.#scene.name,
      jobs,
      kills: this.#kills,
      duplicates,
      orphans,
      left: workspace.jobs.ids().length,
      creates: workspace.ledger.find("POST", "jobs/create").filter(({ status }) => status === 200).length,
      calls: calls.length,
      refused: calls.filter(({ status }) => status === 429).length,
      seconds: Math.round((performance.now() - begun) / 100) / 10,
    };
  }

  /** Applies an action to each name while the operator is killed a number of times at random moments. */
  async #blow(names: readonly string[], kills: number, act: (name: string) => Promise<void>): Promise<void> {
    for (let kill = 0; kill < kills; kill++) {
      const share = names.slice(names.length * kill / kills, names.length * (kill + 1) / kills);
      await Promise.all(share.map(act));
      await this.#firstRequest();
      await new Promise((resolve) => setTimeout(resolve, this.#random() * LIFE));
      await this.#process.kill();
      this.#kills++;
      this.#process.start();
    }
  }

  /** Waits until the process is working: an earlier kill would have no effect. */
  async #firstRequest(): Promise<void> {
    const before = this.#world.workspace.ledger.calls.length;
    await eventually("it works", () => this.#world.workspace.ledger.calls.length > before);
  }

  async #objects(): Promise<KubeObject[]> {
    const { items } = await this.#world.kube.list(pathOf("DatabricksJob", this.#world.namespace));
    return items;
  }

  #countReady(objects: readonly KubeObject[], jobs: number) {
    const ready = objects.filter((object) => condition(object, "Ready")?.status === "True").length;
    return ready === jobs || problem(`${ready} of ${jobs} (${objects.length} objects)`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

function nameOf({ settings }: { settings: Record<string, unknown> }): unknown {
  return settings.name;
}

if (import.meta.main) Deno.exit(await main());
