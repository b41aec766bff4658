/** The time until ends of runs are seen with default settings, and its cost in calls, on a fake clock. */
import assert from "node:assert/strict";
import { MockWorkspace } from "../../../mock/databricks/workspace.ts";
import { FakeClock, settle } from "../../base/clock_fake.ts";
import { databricksRun } from "../../resources/databricks_run.ts";
import { jobRuns } from "../../resources/shared/job_runs.ts";
import { clientOf } from "../../../tests/support/clients.ts";
import { defaults } from "../connect/settings.ts";
import { Actives } from "./actives.ts";
import { RunPoller } from "./poller.ts";

const RUNS = 100;
const STEP = 250;
/** The period (ms) in which the runs end, one after the other. */
const SPAN = 120_000;

class World {
  readonly clock = new FakeClock();
  readonly workspace = new MockWorkspace({ now: () => this.clock.now(), doubts: { listLag: "none" } });
  readonly #client = clientOf(this.workspace, { clock: this.clock });
  readonly connection = () => ({
    place: "team",
    namespace: "team",
    settings: { ...defaults, apiSecretName: "api" },
    workspace: this.#client,
  });

  async pass(ms: number): Promise<void> {
    for (let at = 0; at < ms; at += STEP) {
      await this.clock.advance(STEP);
      for (let turn = 0; turn < 20; turn++) await settle();
    }
  }

  calls(): number {
    const { length } = this.workspace.ledger.calls;
    this.workspace.ledger.clear();
    return length;
  }

  /** Ends runs one after the other. @returns when each ended (ms). */
  async finish(runs: readonly string[]): Promise<Map<string, number>> {
    const ended = new Map<string, number>();
    for (const run of runs) {
      await this.pass(SPAN / RUNS);
      this.workspace.runs.finish(run);
      ended.set(run, this.clock.now());
    }
    await this.pass(30_000);
    return ended;
  }
}

function quantile(delays: readonly number[], part: number): number {
  return delays.toSorted((a, b) => a - b)[Math.ceil(delays.length * part) - 1] ?? Infinity;
}

/** Checks how long it took, and what it cost. */
function judge(delays: readonly number[], { active, idle }: { active: number; idle: number }): void {
  const [p50, p99] = [quantile(delays, 0.5) / 1000, quantile(delays, 0.99) / 1000];
  assert.equal(delays.length, RUNS);
  assert.ok(p50 <= 3, `p50 is ${p50} s`);
  assert.ok(p99 <= 8, `p99 is ${p99} s`);
  assert.ok(
    active <= 0.1 * defaults.rateLimit * 60 + 10,
    `${active} calls a minute are more than a tenth of the limit`,
  );
  assert.ok(idle <= 4, `${idle} calls a minute while no run is active`);
}

Deno.test("the end of one of 100 active runs of jobs is seen in 3 s, and in 8 s at the latest", async () => {
  const world = new World();
  const jobs = Array.from({ length: RUNS }, (_, index) => world.workspace.jobs.add({ name: `job-${index}` }));
  const seen = new Map<string, number>();
  const poller = new RunPoller({
    runs: jobRuns,
    clock: world.clock,
    connection: world.connection,
    jobs: () => jobs,
    onChange: () => {},
    onEnded: () => {},
    known: () => undefined,
    onNews: ({ runId }) => void seen.set(runId, world.clock.now()),
  });
  poller.start();
  const runs = jobs.map((job) => world.workspace.runs.start(job));
  await world.pass(60_000);
  world.calls();
  await world.pass(60_000);
  const active = world.calls();
  const ended = await world.finish(runs);
  await world.pass(120_000);
  world.calls();
  await world.pass(60_000);
  const idle = world.calls();
  await poller.stop();
  judge([...ended].map(([run, at]) => (seen.get(run) ?? Infinity) - at), { active, idle });
});

Deno.test("an object's run that ends among 100 active ones is looked at in 3 s, and in 8 s at the latest", async () => {
  const world = new World();
  const { once } = databricksRun;
  assert.ok(once?.active);
  const runs = Array.from({ length: RUNS }, () => world.workspace.runs.submit({ tasks: [] }).run_id);
  const seen = new Map<string, number>();
  const open = new Set(runs);
  const actives = new Actives({
    active: once.active,
    clock: world.clock,
    connection: world.connection,
    wanted: () => new Map([...open].map((run) => [run, [run]])),
    enqueue: (run) => {
      if (world.workspace.runs.get(run)?.end_time === 0) return;
      open.delete(run);
      seen.set(run, world.clock.now());
    },
  });
  actives.start();
  await world.pass(60_000);
  world.calls();
  await world.pass(60_000);
  const active = world.calls();
  const ended = await world.finish(runs);
  world.calls();
  await world.pass(60_000);
  const idle = world.calls();
  assert.equal(idle, 0);
  await actives.stop();
  judge([...ended].map(([run, at]) => (seen.get(run) ?? Infinity) - at), { active, idle });
});
