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

  // A create that was interrupted.
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
    name: "of several jobs with our tag the oldest is taken, with an Event",
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
