import { object } from "../../../../tests/support/passes.ts";
import { databricksSecret } from "../../../resources/databricks_secret.ts";
import {
  clone,
  job,
  LIB,
  pending,
  runCases,
  scope,
  SETTLE,
  task,
  theirs,
  withJob,
  withRepo,
  withScope,
} from "../../../../tests/support/identity_cases.ts";

runCases([
  // An id in spec.
  {
    name: "an id in spec is not taken over by itself",
    given: withJob(),
    object: (ids) => job({ job_id: BigInt(ids.job) }),
    then: "AdoptionRequired",
    calls: 0,
  },
  {
    name: "an id in spec is adopted with the annotation",
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
    name: "an id in spec that another object holds is rejected, with or without adopt",
    given: withJob(),
    object: (ids) => job({ job_id: BigInt(ids.job) }).annotated({ adopt: "true" }),
    held: true,
    then: "HeldByAnother",
  },
  {
    name: "an id in spec that another object holds is also rejected for the predecessor's object",
    given: withJob(),
    object: (ids) => job({ job_id: BigInt(ids.job) }).fromPredecessor(),
    held: true,
    then: "HeldByAnother",
  },

  // The predecessor's, without an id.
  {
    name: "the predecessor's job is found by its name, since it has no tag",
    given: withJob(),
    object: () => job().fromPredecessor(),
    then: "take-over 0",
  },
  {
    name: "another user's job does not count as the predecessor's, and no second one is created",
    given: ({ jobs }) => void jobs.add({ name: "etl", tasks: [task] }, { creator: "ann@example.com" }),
    object: () => job().fromPredecessor(),
    then: "AlreadyExists",
  },
  {
    name: "a job with other settings does not count as the predecessor's, and no second one is created",
    given: ({ jobs }) => void jobs.add({ name: "etl", tasks: [] }),
    object: () => job().fromPredecessor(),
    then: "AlreadyExists",
  },
  { name: "a job that the predecessor never made is none", object: () => job().fromPredecessor(), then: "none" },
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
  { name: "a free path has no resource", object: () => clone(), then: "none" },
  {
    name: "a path that was occupied before us is not ours",
    given: withRepo,
    object: () => clone(),
    then: "AlreadyExists",
  },
  {
    name: "a path that was occupied before us is not ours after a rejected create",
    given: withRepo,
    object: () => clone().finalized().having({ create_refused: true }),
    then: "AlreadyExists",
  },
  {
    name: "a path that was occupied before us is adopted with the annotation",
    given: withRepo,
    object: () => clone().annotated({ adopt: "true" }),
    then: "adopt 0",
  },
  {
    name: "a repo of our user and URL at a path that was free before our create is ours",
    given: withRepo,
    object: () => clone().finalized().having(pending(1)),
    then: "ours 0",
  },
  {
    name: "a repo of another user at a path that was free before our create is not ours",
    given: ({ repos }) => void repos.add({ url: LIB, path: "/Repos/team/lib", user: "ann@example.com" }),
    object: () => clone().finalized().having(pending(1)),
    then: "AlreadyExists",
  },
  {
    name: "a repo of another URL at a path that was free before our create is not ours",
    given: ({ repos }) => void repos.add({ url: "https://github.com/example/fork", path: "/Repos/team/lib" }),
    object: () => clone().finalized().having(pending(1)),
    then: "AlreadyExists",
  },
  {
    name: "if Databricks does not show the creator of a repo, a person decides",
    given: (workspace) => {
      workspace.doubts.repoCreatorPermission = "inherited";
      withRepo(workspace);
    },
    object: () => clone().finalized().having(pending(1)),
    then: "AlreadyExists",
  },
  {
    name: "if our user may not read the permissions of a repo, it is not the creator",
    given: (workspace) => {
      workspace.permissions.deny("permissions/repos");
      withRepo(workspace);
    },
    object: () => clone().finalized().having(pending(1)),
    then: "AlreadyExists",
  },
  {
    name: "a scope that our user may manage is ours after an unconfirmed create",
    given: ({ secrets }) => secrets.addScope("team", { manager: "Operator@example.com" }),
    object: () => scope().finalized().having(pending(1)),
    then: "ours team",
  },
  {
    name: "a scope that somebody else made is not ours after an unconfirmed create",
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
    name: "the path of the predecessor's object is taken over",
    given: withRepo,
    object: () => clone().fromPredecessor(),
    then: "take-over 0",
  },
  {
    name: "a path that another object holds is rejected, with or without adopt",
    given: withRepo,
    object: () => clone().annotated({ adopt: "true" }),
    held: true,
    then: "AlreadyExists",
  },
  { name: "a scope that existed is not ours", given: withScope, object: () => scope(), then: "AlreadyExists" },
  {
    name: "a scope whose status was lost is not ours by the finalizer, which a copied manifest also has",
    given: withScope,
    object: () => scope().finalized(),
    then: "AlreadyExists",
  },

  {
    name: "a create in the future by our clock is waited for as long as any other",
    object: () => job().having(pending(-3_600_000)),
    then: `wait ${SETTLE}`,
  },

  // A kind that only writes into existing resources.
  {
    name: "keys are sent to an existing scope, whoever created it",
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
]);
