import assert from "node:assert/strict";
import { MockWorkspace } from "../../../../mock/databricks/workspace.ts";
import { connectionTo, managed, object, type ObjectBuilder, UID } from "../../../../tests/support/passes.ts";
import { databricksJob } from "../../../resources/databricks_job.ts";
import { databricksSecret } from "../../../resources/databricks_secret.ts";
import { databricksSecretScope } from "../../../resources/databricks_secret_scope.ts";
import { repo } from "../../../resources/repo.ts";
import type { Holders } from "../../object/claims.ts";
import { identify } from "./identity.ts";
import { BlockedError } from "../../object/outcome.ts";
import type { Pending } from "../../object/status.ts";
import type { Pass } from "../pass.ts";

const NOW = Date.UTC(2026, 0, 1);
const SETTLE = 10_000;
const around = (all: Holders) => ({ holders: () => all, owners: () => all, now: NOW, settleMs: SETTLE });
const TAG = "databricks-kube-operator";
const task = { task_key: "a", notebook_task: { notebook_path: "/x" } };

const job = (more: Record<string, unknown> = {}) =>
  object(databricksJob, { job: { settings: { name: "etl", tasks: [task] }, ...more } });
const clone = () =>
  object(repo, { repository: { path: "/Repos/team/lib", url: "https://github.com/example/lib", provider: "gitHub" } });
const scope = () => object(databricksSecretScope, { scope: { name: "team" } });

/** A create that was begun, and ended without an answer, so long ago (ms). */
function pending(agoMs: number, more: Partial<Pending> = {}): { pending: Pending } {
  const since = new Date(NOW - agoMs).toISOString();
  return { pending: { operation: "create", token: "t", since, until: since, absent: true, ...more } };
}

interface Case {
  readonly name: string;
  /** Prepares Databricks. */
  readonly given?: (workspace: MockWorkspace) => void;
  readonly object: (ids: { job: string; repo: string }) => ObjectBuilder;
  /** Other objects that hold what stands there. */
  readonly held?: boolean;
  /** `how`, or `how 0` for the id of the oldest job or repo, or a reason. */
  readonly then: string;
  readonly events?: readonly string[];
  /** The number of requests; any number by default. */
  readonly calls?: number;
}

const withJob = (tags?: Record<string, string>) => ({ jobs }: MockWorkspace) =>
  void jobs.add({ name: "etl", tasks: [task], ...(tags && { tags }) });
const [ours, theirs] = [{ [TAG]: UID }, { [TAG]: "uid-2" }];
const FORMER = "00000000-0000-4000-8000-000000000001";
const LIB = "https://github.com/example/lib";
const withRepo = ({ repos }: MockWorkspace) => void repos.add({ url: `${LIB}.git`, path: "/Repos/team/lib" });
const withScope = ({ secrets }: MockWorkspace) => secrets.addScope("team");

const table: readonly Case[] = [
  // Bound.
  { name: "an id in the status is the one", object: () => job().having({ id: "5" }), then: "bound 5", calls: 0 },
  {
    name: "an id of another workspace is for a person to decide",
    object: () => job().having({ id: "5", workspace: "https://other.example.com" }),
    then: "WorkspaceChanged",
    calls: 0,
  },

  // A fresh job.
  { name: "a fresh job has none, without a call", given: withJob(), object: () => job(), then: "none", calls: 0 },
  {
    name: "a fresh job whose create was refused has none, whoever's job has its name",
    given: withJob(),
    object: () => job().finalized().having({ create_refused: true }),
    then: "none",
    calls: 1,
  },
  {
    name: "a fresh job whose create was refused is the one that our tag is on all the same",
    given: withJob(ours),
    object: () => job().finalized().having({ create_refused: true }),
    then: "ours 0",
  },
  {
    name: "after a refused create an untagged job of our user and our settings is for a person to decide",
    given: ({ jobs }) => void jobs.add(untaggableSettings()),
    object: () => untaggable().finalized().having({ create_refused: true }),
    then: "AlreadyExists",
  },

  // A job that is created again.
  {
    name: "while a job is created again, the one that our tag is on is its successor",
    given: withJob(ours),
    object: () => job().finalized().having({ id: "5", ...pending(1, { operation: "recreate" }) }),
    then: "ours 0",
  },
  {
    name: "while a job is created again, what a list still holds of the old one is passed over",
    given: ({ jobs }) => {
      jobs.add({ name: "etl", tasks: [task], tags: ours });
      jobs.add({ name: "etl", tasks: [task], tags: ours });
    },
    object: ({ job: id }) => job().finalized().having({ id, ...pending(1, { operation: "recreate" }) }),
    then: "ours 1",
  },
  {
    name: "while a job is created again, its old id is no answer, and it is waited for",
    object: () => job().finalized().having({ id: "5", ...pending(1, { operation: "recreate" }) }),
    then: `wait ${SETTLE - 1}`,
  },
  {
    name: "after the settling time a job that is created again is there no more",
    object: () => job().finalized().having({ id: "5", ...pending(SETTLE, { operation: "recreate" }) }),
    then: "none",
  },
  {
    name: "a job that is created again stays one of its workspace",
    object: () => job().finalized().having({ id: "5", workspace: "https://other.example.com", ...pending(1) }),
    then: "WorkspaceChanged",
  },

  // A create that was cut short.
  {
    name: "a job that our tag is on is ours",
    given: withJob(ours),
    object: () => job().finalized().having(pending(1)),
    then: "ours 0",
  },
  {
    name: "a job that our tag is on is ours though it was renamed in the manifest since",
    given: ({ jobs }) => void jobs.add({ name: "old", tags: ours }),
    object: () => job().finalized().having(pending(1, { name: "old" })),
    then: "ours 0",
  },
  {
    name: "a job of the same name without our tag is not ours",
    given: withJob(),
    object: () => job().finalized().having(pending(SETTLE)),
    then: "none",
  },
  {
    name: "a job of the same name with another's tag is not ours",
    given: withJob(theirs),
    object: () => job().finalized().having(pending(SETTLE)),
    then: "none",
  },
  {
    name: "a job that is not listed yet is waited for",
    object: () => job().finalized().having(pending(4000)),
    then: "wait 6000",
  },
  {
    name: "a job that is not listed after the settle time was not made",
    object: () => job().finalized().having(pending(SETTLE)),
    then: "none",
  },
  {
    name: "a create that was noted by a clock an hour ahead is waited for as long as any other",
    object: () => job().finalized().having(pending(-3_600_000)),
    then: "wait 10000",
  },
  {
    name: "of several jobs that our tag is on the oldest is taken, and that is told",
    given: (workspace) => [1, 2, 3].forEach(() => withJob(ours)(workspace)),
    object: () => job().finalized().having(pending(1)),
    then: "ours 0",
    events: ["DuplicateExternalResource"],
  },
  {
    name: "a job that another object holds is passed over",
    given: withJob(ours),
    object: () => job().finalized().having(pending(SETTLE)),
    held: true,
    then: "none",
  },
  {
    name: "a status that was lost is found again by the tag",
    given: withJob(ours),
    object: () => job().finalized(),
    then: "ours 0",
  },
  {
    name: "without a tag, what we made is known by name, creator, time and equal settings",
    given: ({ jobs }) => void jobs.add(untaggableSettings()),
    object: () => untaggable().finalized().having(pending(1)),
    then: "ours 0",
  },
  {
    name: "without a tag and with the status lost, nothing proves that it is ours, and no second one is made",
    given: ({ jobs }) => void jobs.add(untaggableSettings()),
    object: () => untaggable().finalized(),
    then: "AlreadyExists",
  },
  {
    name:
      "without a tag, a job of our user's with other settings may be ours, so it is not taken and no second one is made",
    given: ({ jobs }) =>
      void jobs.add({ ...untaggableSettings(), max_concurrent_runs: 7, timeout_seconds: 5, tasks: [] }),
    object: () => untaggable().finalized().having(pending(SETTLE)),
    then: "AlreadyExists",
  },
  {
    name: "without a tag, a job that our user made an hour after the attempt is not ours",
    given: ({ jobs }) => void jobs.add(untaggableSettings()),
    object: () => untaggable().finalized().having(pending(3_600_000)),
    then: "none",
  },
  {
    name: "a job that a tag from before a restore is on is ours",
    given: withJob({ [TAG]: FORMER }),
    object: () => job().annotated({ adopt: FORMER }),
    then: "ours 0",
  },
  {
    name: "a former UID takes no job by its name",
    given: withJob(),
    object: () => job().annotated({ adopt: FORMER }),
    then: "none",
  },

  // By name.
  {
    name: "adopt takes the only job of that name",
    given: ({ jobs }) => ["etl", "ETL", "other"].forEach((name) => jobs.add({ name, tasks: [task] })),
    object: () => job().annotated({ adopt: "true" }),
    then: "adopt 0",
  },
  {
    name: "adopt takes no job that carries another's tag",
    given: withJob(theirs),
    object: () => job().annotated({ adopt: "true" }),
    then: "none",
  },
  {
    name: "adopt takes none of several jobs of that name",
    given: (workspace) => [1, 2].forEach(() => withJob()(workspace)),
    object: () => job().annotated({ adopt: "true" }),
    then: "AdoptionAmbiguous",
  },
  {
    name: "adopt makes no second job of a name that another object follows",
    given: withJob(),
    object: () => job().annotated({ adopt: "true" }),
    held: true,
    then: "HeldByAnother",
  },
  {
    name: "without a tag, what somebody else made is not ours",
    given: ({ jobs }) => void jobs.add({ name: "etl" }, { creator: "other@example.com" }),
    object: () => untaggable().finalized().having(pending(SETTLE)),
    then: "none",
  },

  // An id in spec.
  {
    name: "an id in spec is not taken just so",
    given: withJob(),
    object: (ids) => job({ job_id: BigInt(ids.job) }),
    then: "AdoptionRequired",
    calls: 0,
  },
  {
    name: "an id in spec is adopted where the annotation says so",
    given: withJob(),
    object: (ids) => job({ job_id: BigInt(ids.job) }).annotated({ adopt: "true" }),
    then: "adopt 0",
    calls: 0,
  },
  {
    name: "an id in spec is taken over with the predecessor's finalizer",
    given: withJob(),
    object: (ids) => job({ job_id: BigInt(ids.job) }).fromPredecessor(),
    then: "take-over 0",
    calls: 0,
  },
  {
    name: "an id in spec that another object holds is refused, adopt or not",
    given: withJob(),
    object: (ids) => job({ job_id: BigInt(ids.job) }).annotated({ adopt: "true" }),
    held: true,
    then: "HeldByAnother",
  },
  {
    name: "an id in spec that another object holds is refused to the predecessor's object too",
    given: withJob(),
    object: (ids) => job({ job_id: BigInt(ids.job) }).fromPredecessor(),
    held: true,
    then: "HeldByAnother",
  },

  // The predecessor's, without an id.
  {
    name: "what the predecessor made is found by its name, since it carries no tag",
    given: withJob(),
    object: () => job().fromPredecessor(),
    then: "take-over 0",
  },
  {
    name: "what somebody else made is not taken for the predecessor's, and no second one is made",
    given: ({ jobs }) => void jobs.add({ name: "etl", tasks: [task] }, { creator: "ann@example.com" }),
    object: () => job().fromPredecessor(),
    then: "AlreadyExists",
  },
  {
    name: "what has other settings is not taken for the predecessor's, and no second one is made",
    given: ({ jobs }) => void jobs.add({ name: "etl", tasks: [] }),
    object: () => job().fromPredecessor(),
    then: "AlreadyExists",
  },
  { name: "what the predecessor never made is none", object: () => job().fromPredecessor(), then: "none" },
  {
    name: "a tagged job was not made by the predecessor",
    given: withJob(theirs),
    object: () => job().fromPredecessor(),
    then: "none",
  },

  // Databricks as the source of truth.
  {
    name: "an api-owned object follows the id in its spec",
    given: withJob(),
    object: (ids) => job({ job_id: BigInt(ids.job) }).annotated({ owner: "api" }),
    then: "follow 0",
  },
  {
    name: "an api-owned job without an id follows nothing",
    given: withJob(),
    object: () => job().annotated({ owner: "api" }),
    then: "NothingToFollow",
  },
  {
    name: "an api-owned scope follows its name",
    given: withScope,
    object: () => scope().annotated({ owner: "api" }),
    then: "follow team",
  },
  {
    name: "an api-owned scope that does not exist follows nothing",
    object: () => scope().annotated({ owner: "api" }),
    then: "NothingToFollow",
  },

  // Natural keys.
  { name: "a path that is free has none", object: () => clone(), then: "none" },
  {
    name: "a path that was taken before us is not ours",
    given: withRepo,
    object: () => clone(),
    then: "AlreadyExists",
  },
  {
    name: "a path that was taken before us stays so after a create that was refused",
    given: withRepo,
    object: () => clone().finalized().having({ create_refused: true }),
    then: "AlreadyExists",
  },
  {
    name: "a path that was taken before us is adopted where the annotation says so",
    given: withRepo,
    object: () => clone().annotated({ adopt: "true" }),
    then: "adopt 0",
  },
  {
    name: "what our user made of our URL at a path that was free before our create is ours",
    given: withRepo,
    object: () => clone().finalized().having(pending(1)),
    then: "ours 0",
  },
  {
    name: "what somebody else made at a path that was free before our create is not ours",
    given: ({ repos }) => void repos.add({ url: LIB, path: "/Repos/team/lib", user: "ann@example.com" }),
    object: () => clone().finalized().having(pending(1)),
    then: "AlreadyExists",
  },
  {
    name: "what is of another URL at a path that was free before our create is not ours",
    given: ({ repos }) => void repos.add({ url: "https://github.com/example/fork", path: "/Repos/team/lib" }),
    object: () => clone().finalized().having(pending(1)),
    then: "AlreadyExists",
  },
  {
    name: "where Databricks tells nothing of who made a repo, a person decides",
    given: (workspace) => {
      workspace.doubts.repoCreatorPermission = "inherited";
      withRepo(workspace);
    },
    object: () => clone().finalized().having(pending(1)),
    then: "AlreadyExists",
  },
  {
    name: "where our user may not ask who made a repo, it did not",
    given: (workspace) => {
      workspace.permissions.deny("permissions/repos");
      withRepo(workspace);
    },
    object: () => clone().finalized().having(pending(1)),
    then: "AlreadyExists",
  },
  {
    name: "a scope that our user may manage is ours after a create in doubt",
    given: ({ secrets }) => secrets.addScope("team", { manager: "Operator@example.com" }),
    object: () => scope().finalized().having(pending(1)),
    then: "ours team",
  },
  {
    name: "a scope that somebody else made is not ours after a create in doubt",
    given: ({ secrets }) => secrets.addScope("team", { manager: "ann@example.com" }),
    object: () => scope().finalized().having(pending(1)),
    then: "AlreadyExists",
  },
  {
    name: "a path that was not free before our create is not ours",
    given: withRepo,
    object: () => clone().having(pending(1, { absent: false })),
    then: "AlreadyExists",
  },
  {
    name: "a path that the predecessor's object names is taken over",
    given: withRepo,
    object: () => clone().fromPredecessor(),
    then: "take-over 0",
  },
  {
    name: "a path that another object holds is refused, adopt or not",
    given: withRepo,
    object: () => clone().annotated({ adopt: "true" }),
    held: true,
    then: "AlreadyExists",
  },
  { name: "a scope that existed is not ours", given: withScope, object: () => scope(), then: "AlreadyExists" },
  {
    name: "a scope whose status was lost is not ours by the finalizer, which a copied manifest has too",
    given: withScope,
    object: () => scope().finalized(),
    then: "AlreadyExists",
  },

  {
    name: "a create that lies in the future by our clock is waited for no longer than any",
    object: () => job().having(pending(-3_600_000)),
    then: `wait ${SETTLE}`,
  },

  // A kind that only fills what exists.
  {
    name: "keys go into a scope that exists, whoever made it",
    given: withScope,
    object: () => object(databricksSecret, { scope: "team", secret_name: "s" }),
    held: true,
    then: "ours team",
  },
  {
    name: "keys wait for their scope",
    object: () => object(databricksSecret, { scope: "team", secret_name: "s" }),
    then: "ScopeMissing",
  },
];

/** A job with so many tags of its own that there is no room for ours. */
function untaggable(): ObjectBuilder {
  return object(databricksJob, { job: { settings: untaggableSettings() } });
}

function untaggableSettings(): Record<string, unknown> {
  const tags = Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`t${index}`, "x"]));
  return { name: "etl", tasks: [task], tags };
}

/** The process that looks began the create itself, so that it has known of it since. */
function knownFor({ status: { pending } }: Pass): number {
  return pending === undefined ? 0 : Math.max(0, NOW - Date.parse(pending.since));
}

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
      assert.match(error.message, /: .*(set|delete|create|remove|point)/, "it names a way out");
    }
    assert.equal(result, then);
    assert.deepEqual(pass.events, events);
    assert.deepEqual(workspace.ledger.writes(), [], "looking writes nothing");
    if (calls !== undefined) assert.equal(workspace.ledger.calls.length, calls);
  });
}

Deno.test("identity: with the ownership tag turned off, name, creator and time decide", async () => {
  const workspace = new MockWorkspace({ now: () => NOW });
  const id = workspace.jobs.add({ name: "etl", tasks: [task] });
  const connection = connectionTo(workspace, { ownershipTag: "" });
  const options = { ...around(new Map()), knownMs: 0 };
  const pass = job().finalized().having(pending(1)).pass();
  assert.deepEqual((await identify(pass, managed(pass, connection), options) as { id: string }).id, id);
});

Deno.test("identity: a name that differs in case only is looked up once", async () => {
  const workspace = new MockWorkspace({ now: () => NOW });
  const id = workspace.jobs.add({ name: "ETL", tags: ours });
  const pass = job().finalized().having(pending(1, { name: "ETL" })).pass();
  const options = { ...around(new Map()), knownMs: 0 };
  const identity = await identify(pass, managed(pass, connectionTo(workspace)), options);
  assert.deepEqual([(identity as { id: string }).id, pass.events], [id, []]);
});
