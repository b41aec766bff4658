/**
 * A feed of runs over a mock workspace, for tests of its results and its cost.
 *
 * @module
 */
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { FakeClock } from "../../src/base/clock_fake.ts";
import type { RunState } from "../../src/databricks/answers/runs.ts";
import { RunFeed } from "../../src/reconcile/runs/feed.ts";
import { jobRuns } from "../../src/resources/shared/job_runs.ts";
import { clientOf } from "./clients.ts";

/** The interval between two polls (ms). */
export const MINUTE = 60_000;

/** A feed over a mock workspace; all jobs are wanted unless the test says otherwise. */
export class World {
  readonly clock = new FakeClock();
  readonly workspace = new MockWorkspace({ now: () => this.clock.now() });
  readonly client = clientOf(this.workspace, { clock: this.clock });
  wanted: () => Iterable<string> = () => this.workspace.jobs.ids();
  /** The jobs that the feed reported as changed since they were last taken. */
  changed = new Set<string>();
  readonly feed = new RunFeed({
    runs: jobRuns,
    clock: this.clock,
    jobs: () => this.wanted(),
    onChange: (ids) => {
      for (const id of ids) this.changed.add(id);
    },
  });

  job(): string {
    return this.workspace.jobs.add({ name: "etl" });
  }

  /** Starts a run; time advances so that no two runs start at the same time. */
  start(job: string): string {
    const id = this.workspace.runs.start(job);
    this.clock.jump(1);
    return id;
  }

  /** Adds a run that has ended. */
  ran(job: string, result = "SUCCESS"): string {
    const id = this.start(job);
    this.workspace.runs.finish(id, result);
    return id;
  }

  /** Polls, and returns the number of calls. */
  async poll(): Promise<number> {
    this.workspace.ledger.clear();
    await this.feed.poll(this.client);
    await this.clock.advance(MINUTE);
    return this.workspace.ledger.calls.length;
  }

  /** `RUNNING`, `TERMINATED SUCCESS`, `none` or `unknown`. */
  shown(job: string): string {
    const run = this.feed.newest(job);
    if (run === undefined) return "unknown";
    if (run === "none") return "none";
    const { life_cycle_state, result_state } = run.shown.latest_run_state as RunState;
    return [life_cycle_state, result_state].filter(Boolean).join(" ");
  }

  shownId(job: string): string | undefined {
    const run = this.feed.newest(job);
    return typeof run === "object" ? run.runId : undefined;
  }

  take(): string[] {
    const changed = [...this.changed].sort();
    this.changed.clear();
    return changed;
  }
}

/** Returns the id of a job's newest run in the workspace. */
export function truth({ workspace }: World, job: string): string | undefined {
  const runs = workspace.runs.list().filter((run) => run.job_id === job);
  return runs.sort((a, b) => b.start_time - a.start_time)[0]?.run_id;
}
