import assert from "node:assert/strict";
import { MockWorkspace } from "../../../../mock/databricks/workspace.ts";
import { connectionTo, managed } from "../../../../tests/support/passes.ts";
import { identify } from "./identity.ts";
import {
  around,
  FORMER,
  job,
  NOW,
  ours,
  pending,
  runCases,
  SETTLE,
  TAG,
  task,
  theirs,
  untaggable,
  untaggableSettings,
  withJob,
} from "../../../../tests/support/identity_cases.ts";

runCases([
  // Bound.
  { name: "an id in the status is the resource", object: () => job().having({ id: "5" }), then: "bound 5", calls: 0 },
  {
    name: "a person decides about an id of another workspace",
    object: () => job().having({ id: "5", workspace: "https://other.example.com" }),
    then: "WorkspaceChanged",
    calls: 0,
  },

  // A fresh job.
  { name: "a new job has no resource, without a call", given: withJob(), object: () => job(), then: "none", calls: 0 },
  {
    name: "a new job whose create was rejected has no resource, even if a job has its name",
    given: withJob(),
    object: () => job().finalized().having({ create_refused: true }),
    then: "none",
    calls: 1,
  },
  {
    name: "a new job whose create was rejected is still the one with our tag",
    given: withJob(ours),
    object: () => job().finalized().having({ create_refused: true }),
    then: "ours 0",
  },
  {
    name: "after a rejected create a person decides about an untagged job of our user and our settings",
    given: ({ jobs }) => void jobs.add(untaggableSettings()),
    object: () => untaggable().finalized().having({ create_refused: true }),
    then: "AlreadyExists",
  },

  // A job that is created again.
  {
    name: "during a recreate, the job with our tag is the successor",
    given: withJob(ours),
    object: () => job().finalized().having({ id: "5", ...pending(1, { operation: "recreate" }) }),
    then: "ours 0",
  },
  {
    name: "during a recreate, the list's row of the old job is skipped",
    given: ({ jobs }) => {
      jobs.add({ name: "etl", tasks: [task], tags: ours });
      jobs.add({ name: "etl", tasks: [task], tags: ours });
    },
    object: ({ job: id }) => job().finalized().having({ id, ...pending(1, { operation: "recreate" }) }),
    then: "ours 1",
  },
  {
    name: "during a recreate, the old id is not the result, and the pass waits",
    object: () => job().finalized().having({ id: "5", ...pending(1, { operation: "recreate" }) }),
    then: `wait ${SETTLE - 1}`,
  },
  {
    name: "after the settling time of a recreate the job does not exist",
    object: () => job().finalized().having({ id: "5", ...pending(SETTLE, { operation: "recreate" }) }),
    then: "none",
  },
  {
    name: "a recreated job stays in its workspace",
    object: () => job().finalized().having({ id: "5", workspace: "https://other.example.com", ...pending(1) }),
    then: "WorkspaceChanged",
  },

  // A create that was interrupted.
  {
    name: "a job with our tag is ours",
    given: withJob(ours),
    object: () => job().finalized().having(pending(1)),
    then: "ours 0",
  },
  {
    name: "a job with our tag is ours after a rename in the manifest",
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
    name: "a job that is not listed after the settle time does not exist",
    object: () => job().finalized().having(pending(SETTLE)),
    then: "none",
  },
  {
    name: "a create that a clock an hour ahead recorded is waited for as long as any other",
    object: () => job().finalized().having(pending(-3_600_000)),
    then: "wait 10000",
  },
  {
    name: "of several jobs with our tag the oldest is taken, with an Event",
    given: (workspace) => [1, 2, 3].forEach(() => withJob(ours)(workspace)),
    object: () => job().finalized().having(pending(1)),
    then: "ours 0",
    events: ["DuplicateExternalResource"],
  },
  {
    name: "a job that another object holds is skipped",
    given: withJob(ours),
    object: () => job().finalized().having(pending(SETTLE)),
    held: true,
    then: "none",
  },
  {
    name: "the resource of a lost status is found again by the tag",
    given: withJob(ours),
    object: () => job().finalized(),
    then: "ours 0",
  },
  {
    name: "without a tag, our job is recognized by name, creator, time and equal settings",
    given: ({ jobs }) => void jobs.add(untaggableSettings()),
    object: () => untaggable().finalized().having(pending(1)),
    then: "ours 0",
  },
  {
    name: "without tag and status, a job is not proven to be ours, and no second one is created",
    given: ({ jobs }) => void jobs.add(untaggableSettings()),
    object: () => untaggable().finalized(),
    then: "AlreadyExists",
  },
  {
    name: "without a tag, a job of our user with other settings may be ours: it is neither taken nor duplicated",
    given: ({ jobs }) =>
      void jobs.add({ ...untaggableSettings(), max_concurrent_runs: 7, timeout_seconds: 5, tasks: [] }),
    object: () => untaggable().finalized().having(pending(SETTLE)),
    then: "AlreadyExists",
  },
  {
    name: "without a tag, a job that our user created an hour after the attempt is not ours",
    given: ({ jobs }) => void jobs.add(untaggableSettings()),
    object: () => untaggable().finalized().having(pending(3_600_000)),
    then: "none",
  },
  {
    name: "a job with our tag from before a restore is ours",
    given: withJob({ [TAG]: FORMER }),
    object: () => job().annotated({ adopt: FORMER }),
    then: "ours 0",
  },
  {
    name: "a former UID adopts no job by its name",
    given: withJob(),
    object: () => job().annotated({ adopt: FORMER }),
    then: "none",
  },

  // By name.
  {
    name: "adopt takes over the only job of that name",
    given: ({ jobs }) => ["etl", "ETL", "other"].forEach((name) => jobs.add({ name, tasks: [task] })),
    object: () => job().annotated({ adopt: "true" }),
    then: "adopt 0",
  },
  {
    name: "adopt takes over no job with another object's tag",
    given: withJob(theirs),
    object: () => job().annotated({ adopt: "true" }),
    then: "none",
  },
  {
    name: "adopt takes over none of several jobs of that name",
    given: (workspace) => [1, 2].forEach(() => withJob()(workspace)),
    object: () => job().annotated({ adopt: "true" }),
    then: "AdoptionAmbiguous",
  },
  {
    name: "adopt creates no second job of a name that another object follows",
    given: withJob(),
    object: () => job().annotated({ adopt: "true" }),
    held: true,
    then: "HeldByAnother",
  },
  {
    name: "without a tag, another user's job is not ours",
    given: ({ jobs }) => void jobs.add({ name: "etl" }, { creator: "other@example.com" }),
    object: () => untaggable().finalized().having(pending(SETTLE)),
    then: "none",
  },
]);

Deno.test("identity: with the ownership tag turned off, name, creator and time decide", async () => {
  const workspace = new MockWorkspace({ now: () => NOW });
  const id = workspace.jobs.add({ name: "etl", tasks: [task] });
  const connection = connectionTo(workspace, { ownershipTag: "" });
  const options = { ...around(new Map()), knownMs: 0 };
  const pass = job().finalized().having(pending(1)).pass();
  assert.deepEqual((await identify(pass, managed(pass, connection), options) as { id: string }).id, id);
});

Deno.test("identity: a name that differs only in case is looked up once", async () => {
  const workspace = new MockWorkspace({ now: () => NOW });
  const id = workspace.jobs.add({ name: "ETL", tags: ours });
  const pass = job().finalized().having(pending(1, { name: "ETL" })).pass();
  const options = { ...around(new Map()), knownMs: 0 };
  const identity = await identify(pass, managed(pass, connectionTo(workspace)), options);
  assert.deepEqual([(identity as { id: string }).id, pass.events], [id, []]);
});
