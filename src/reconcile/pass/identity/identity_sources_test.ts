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
    name: "where Databricks does not show who made a repo, a person decides",
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

  // A kind that only writes into existing resources.
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
]);
