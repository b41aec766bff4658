/**
 * Cases for tests of identity: an object, a workspace, and the resource that belongs to the object.
 *
 * @module
 */
import assert from "node:assert/strict";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { connectionTo, managed, object, type ObjectBuilder, UID } from "./passes.ts";
import { databricksJob } from "../../src/resources/databricks_job.ts";
import { databricksSecretScope } from "../../src/resources/databricks_secret_scope.ts";
import { repo } from "../../src/resources/repo.ts";
import type { Holders } from "../../src/reconcile/object/claims.ts";
import { identify } from "../../src/reconcile/pass/identity/identity.ts";
import { BlockedError } from "../../src/reconcile/object/outcome.ts";
import type { Pending } from "../../src/reconcile/object/status.ts";
import type { Pass } from "../../src/reconcile/pass/pass.ts";

/** The time of every case. */
export const NOW = Date.UTC(2026, 0, 1);
/** The settle time (ms). */
export const SETTLE = 10_000;
/** Options of {@link identify} if these objects hold resources. */
export const around = (all: Holders) => ({
  holders: () => all,
  owners: () => all,
  isKnown: () => false,
  now: NOW,
  settleMs: SETTLE,
});
/** The key of the ownership tag. */
export const TAG = "databricks-kube-operator";
/** A task. */
export const task = { task_key: "a", notebook_task: { notebook_path: "/x" } };

/** A DatabricksJob. */
export const job = (more: Record<string, unknown> = {}) =>
  object(databricksJob, { job: { settings: { name: "etl", tasks: [task] }, ...more } });
/** A Repo. */
export const clone = () =>
  object(repo, { repository: { path: "/Repos/team/lib", url: "https://github.com/example/lib", provider: "gitHub" } });
/** A DatabricksSecretScope. */
export const scope = () => object(databricksSecretScope, { scope: { name: "team" } });

/** A create that began this long ago (ms) and got no answer. */
export function pending(agoMs: number, more: Partial<Pending> = {}): { pending: Pending } {
  const since = new Date(NOW - agoMs).toISOString();
  return { pending: { operation: "create", token: "t", since, until: since, absent: true, ...more } };
}

/** One case. */
export interface Case {
  readonly name: string;
  /** Prepares Databricks. */
  readonly given?: (workspace: MockWorkspace) => void;
  readonly object: (ids: { job: string; repo: string }) => ObjectBuilder;
  /** True if another object holds the existing resource. */
  readonly held?: boolean;
  /** `how`, or `how 0` for the id of the oldest job or repo, or a reason. */
  readonly then: string;
  readonly events?: readonly string[];
  /** The number of requests; any number by default. */
  readonly calls?: number;
}

/** Adds a job to a workspace. */
export const withJob = (tags?: Record<string, string>) => ({ jobs }: MockWorkspace) =>
  void jobs.add({ name: "etl", tasks: [task], ...(tags && { tags }) });
/** Tags of the object itself, and of another one. */
export const [ours, theirs] = [{ [TAG]: UID }, { [TAG]: "uid-2" }];
/** The UID of a former object. */
export const FORMER = "00000000-0000-4000-8000-000000000001";
/** The repo's URL. */
export const LIB = "https://github.com/example/lib";
/** Adds a repo to a workspace. */
export const withRepo = ({ repos }: MockWorkspace) => void repos.add({ url: `${LIB}.git`, path: "/Repos/team/lib" });
/** Adds a scope to a workspace. */
export const withScope = ({ secrets }: MockWorkspace) => secrets.addScope("team");

/** A job with so many tags that there is no room for the ownership tag. */
export function untaggable(): ObjectBuilder {
  return object(databricksJob, { job: { settings: untaggableSettings() } });
}

/** The settings of a job without room for the ownership tag. */
export function untaggableSettings(): Record<string, unknown> {
  const tags = Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`t${index}`, "x"]));
  return { name: "etl", tasks: [task], tags };
}

/** How long (ms) a process that began the create itself has known of it. */
export function knownFor({ status: { pending } }: Pass): number {
  return pending === undefined ? 0 : Math.max(0, NOW - Date.parse(pending.since));
}

/** Runs each case as a test. */
export function runCases(table: readonly Case[]): void {
  for (const { name, given, object: build, held = false, then, events = [], calls } of table) {
    Deno.test(`identity: ${name}`, async () => {
      const workspace = new MockWorkspace({ now: () => NOW });
      given?.(workspace);
      const oldest = { job: workspace.jobs.ids()[0] ?? "", repo: workspace.repos.all().at(-1)?.id ?? "" };
      const pass = build(oldest).pass();
      const ids = [...workspace.jobs.ids(), ...workspace.repos.all().map(({ id }) => id), "team"];
      const holders: Holders = new Map(held ? ids.map((id) => [id, "team/other"]) : []);
      const options = { ...around(holders), knownMs: knownFor(pass) };
      let result: string;
      try {
        const identity = await identify(pass, managed(pass, connectionTo(workspace)), options);
        const what = identity.how === "wait" ? `${identity.waitMs}` : identity.how === "none" ? "" : identity.id;
        const second = workspace.jobs.ids()[1];
        const shown = [oldest.job, oldest.repo].includes(what) ? "0" : what === second ? "1" : what;
        result = what === "" ? identity.how : `${identity.how} ${shown}`;
      } catch (error) {
        assert.ok(error instanceof BlockedError, String(error));
        result = error.reason;
        assert.match(error.message, /: .*(set|delete|create|remove|point)/, "it contains a remedy");
      }
      assert.equal(result, then);
      assert.deepEqual(pass.events, events);
      assert.deepEqual(workspace.ledger.writes(), [], "looking writes nothing");
      if (calls !== undefined) assert.equal(workspace.ledger.calls.length, calls);
    });
  }
}
