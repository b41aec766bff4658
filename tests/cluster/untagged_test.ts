/**
 * Jobs that cannot be found by name and ownership tag: nothing is created twice, taken from a person, or silently lost.
 */
import assert from "node:assert/strict";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { clusterTest, eventually, job, manifest, pathOf, problem, sweeps, type World } from "../support/harness.ts";
import { adopted, asked, deletedInDoubt, IMPATIENT, QUIET, setBack, whileAway } from "../support/lost_jobs.ts";

const JOB = "DatabricksJob";
/** So many tags that there is no room for the ownership tag. */
const tags = Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`team-${index}`, "x"]));
const HOUR = 3_600_000;

/** The three alternatives in the advice for a job that belongs to somebody else. */
const renamings: [string, (world: World, id: string, manifest: (name: string) => KubeObject) => Promise<void>][] = [
  ["the manifest takes another name", async (world, _id, manifest) => await world.apply(manifest("another"))],
  ["the other job gets another name", ({ workspace }, id) => {
    workspace.jobs.edit(id, (settings) => void (settings.name = "another"));
    return Promise.resolve();
  }],
  ["the other job is deleted", ({ workspace }, id) => {
    workspace.jobs.remove(id);
    return Promise.resolve();
  }],
];

const untagged = [
  ["has no room for the tag", job("x", { tags }), QUIET],
  ["is not to carry a tag", job("x"), { ...QUIET, ownership_tag: "" }],
] as const;

for (const [why, manifest, settings] of untagged) {
  clusterTest(
    `a job that ${why} is not made twice when its object loses status and finalizer while no operator runs`,
    async (world) => {
      const id = await whileAway(world, manifest, () => setBack(world, "status and finalizer"));
      await adopted(world, id);
    },
    { start: false, settings },
  );
}

for (const [way, go] of renamings) {
  clusterTest(
    `a job that may be an object's own keeps it from nothing after ${way}`,
    async (world) => {
      const { jobs } = world.workspace;
      const manifest = (name: string) => job("x", { name, tags });
      const theirs = jobs.add({ name: "x", tasks: [], tags });
      // The job is old enough that lists show it.
      world.workspace.settle();
      await world.apply(manifest("x"));
      await asked(world, theirs);
      const before = structuredClone(jobs.get(theirs));
      await go(world, theirs, manifest);
      const { status } = await world.ready(JOB, "x");
      assert.notEqual(status?.id, theirs);
      if (way === "the manifest takes another name") assert.deepEqual(jobs.get(theirs), before);
      await world.delete(JOB, "x");
      await world.gone(JOB, "x");
      assert.deepEqual(jobs.ids(), way === "the other job is deleted" ? [] : [theirs]);
    },
    { settings: QUIET },
  );
}

clusterTest(
  "an object that may have made a job leaves it alone when it is deleted, and an Event names the job",
  async (world) => {
    const id = await whileAway(world, job("x", { tags }), () => setBack(world, "status"));
    await asked(world, id);
    await world.delete(JOB, "x");
    await world.gone(JOB, "x");
    assert.deepEqual(world.workspace.jobs.ids(), [id]);
    assert.match(await world.event("x", "Released"), new RegExp(`nothing proves that this object made job ${id}:`));
  },
  { start: false, settings: QUIET },
);

clusterTest(
  "a job that loses its tag, and its object its status at the same time, is not made twice",
  async (world) => {
    const { jobs } = world.workspace;
    await world.apply(job("x"));
    const id = String((await world.ready(JOB, "x")).status?.id);
    jobs.edit(id, (settings) => void delete settings.tags);
    await setBack(world, "status");
    await sweeps(world.workspace, "/jobs/list", 3);
    assert.equal((await world.ready(JOB, "x")).status?.id, id);
    await world.apply(job("x", { timeout_seconds: 60 }));
    await eventually("the next write brings the tag back", () => {
      const { tags, timeout_seconds } = jobs.get(id)?.settings ?? {};
      return timeout_seconds === 60 && tags?.["databricks-kube-operator"] !== undefined ||
        problem(JSON.stringify(tags));
    });
    assert.deepEqual(jobs.ids(), [id]);
  },
  { settings: QUIET },
);

clusterTest(
  "a job that loses its tag, and its object its status, while no operator runs is not made twice",
  async (world) => {
    const id = await whileAway(world, job("x"), async (made) => {
      world.workspace.jobs.edit(made, (settings) => void delete settings.tags);
      await setBack(world, "status");
    });
    await adopted(world, id);
  },
  { start: false, settings: QUIET },
);

clusterTest("a job without a tag of which an object has lost its status is not ingested beside it", async (world) => {
  const id = await whileAway(world, job("x", { tags }), () => setBack(world, "status and finalizer"));
  await adopted(world, id);
  await sweeps(world.workspace, "/jobs/list", 2);
  assert.equal((await world.list(JOB)).length, 1);
}, { start: false });

clusterTest("a job without a tag that another object follows is not made twice", async (world) => {
  const id = await whileAway(world, job("x", { tags }), async (made) => {
    await setBack(world, "status and finalizer");
    const spec = { job: { job_id: BigInt(made), settings: { name: "x" } } };
    await world.create(manifest(JOB, "follower", spec, { owner: "api" }));
  });
  // The message names it once the operator knows it: either of the two may be seen first.
  await eventually("the follower is named", async () => {
    const { message } = await world.blocked(JOB, "x", "AlreadyExists");
    return message.includes("follower") || problem(message);
  });
  await world.annotate(JOB, "x", "adopt", "true");
  await world.annotate(JOB, "follower", "deletion-policy", "retain");
  await world.delete(JOB, "follower");
  assert.equal((await world.ready(JOB, "x")).status?.id, id);
  assert.deepEqual(world.workspace.jobs.ids(), [id]);
}, { start: false, settings: QUIET });

clusterTest("two jobs of one name without tags are made where two objects ask for them at once", async (world) => {
  const settings = { name: "same", tags };
  const names = ["a", "b", "c"];
  await Promise.all(names.map((name) => world.apply(job(name, settings))));
  for (const name of names) await world.ready(JOB, name);
  assert.equal(world.workspace.jobs.ids().length, 3);
}, { settings: QUIET });

clusterTest("a person's job of the same name does not keep a job without a tag from being made", async (world) => {
  const theirs = world.workspace.jobs.add({ name: "x", tasks: [] }, { creator: "anna@example.com" });
  await world.apply(job("x", { tags }));
  assert.notEqual((await world.ready(JOB, "x")).status?.id, theirs);
}, { settings: QUIET });

clusterTest(
  "where a team means to have a job in two clusters, one that was there before keeps none without a tag from being made",
  async (world) => {
    const { jobs } = world.workspace;
    const theirs = jobs.add({ name: "x", tasks: [], tags });
    jobs.require(theirs).created_time = Date.now() - HOUR;
    await world.apply(job("x", { tags }));
    assert.notEqual((await world.ready(JOB, "x")).status?.id, theirs);
  },
  { settings: { ...QUIET, hold_owned_by_unknown: "false" } },
);

clusterTest("a job of the same name that our user made before does not keep a job from being made", async (world) => {
  const { jobs } = world.workspace;
  const before = jobs.add({ name: "x", tasks: [] });
  jobs.require(before).created_time = Date.now() - HOUR;
  await world.startOperator();
  await world.apply(job("x"));
  assert.notEqual((await world.ready(JOB, "x")).status?.id, before);
}, { start: false, settings: QUIET });

for (const unknown of ["who made a job", "who we are"]) {
  clusterTest(`where nobody shows ${unknown}, a job without a tag is not made twice`, async (world) => {
    const id = await whileAway(world, job("x", { tags }), async (made) => {
      await setBack(world, "status and finalizer");
      if (unknown === "who we are") world.workspace.permissions.deny("scim/v2/Me");
      else world.workspace.jobs.require(made).creator_user_name = undefined as never;
    });
    await adopted(world, id);
  }, { start: false, settings: QUIET });
}

clusterTest("a job without a tag is not made a third time when its object's status goes back", async (world) => {
  const { jobs } = world.workspace;
  const first = await world.startOperator();
  await world.apply(job("x", { tags }));
  const one = (await world.ready(JOB, "x")).status;
  jobs.remove(String(one?.id));
  await eventually("it is made again", async () => {
    const { id, pending } = (await world.get(JOB, "x"))?.status ?? {};
    return id !== one?.id && pending === undefined;
  });
  const two = String((await world.ready(JOB, "x")).status?.id);
  await world.stopOperator(first);
  // The operator was away for longer than lists lag.
  world.workspace.settle();
  await world.kube.patch(pathOf(JOB, world.namespace), "x", { status: null }, { type: "merge", subresource: "status" });
  await world.kube.patch(pathOf(JOB, world.namespace), "x", { status: one }, { type: "merge", subresource: "status" });
  await world.startOperator();
  await world.blocked(JOB, "x", "AlreadyExists");
  assert.deepEqual(jobs.ids(), [two]);
  await world.annotate(JOB, "x", "adopt", "true");
  await eventually("it is bound", async () => (await world.get(JOB, "x"))?.status?.id === two);
  await world.ready(JOB, "x");
  assert.deepEqual(jobs.ids(), [two]);
}, { start: false, settings: QUIET });

clusterTest("a create in doubt of a job without a tag leaves none behind when its object goes", async (world) => {
  const id = await deletedInDoubt(world, { tags }, () => {});
  assert.equal(world.workspace.jobs.get(id), undefined);
}, { start: false, settings: IMPATIENT });

clusterTest(
  "a job without a tag that is not as its create asked stays when its object goes in doubt, and an Event names it",
  async (world) => {
    const id = await deletedInDoubt(world, { tags, timeout_seconds: 60 }, (made) => {
      world.workspace.jobs.edit(made, (settings) => void (settings.timeout_seconds = 9000));
    });
    assert.notEqual(world.workspace.jobs.get(id), undefined);
    assert.match(await world.event("x", "Released"), new RegExp(`nothing proves that this object made job ${id}:`));
  },
  { start: false, settings: IMPATIENT },
);

clusterTest(
  "a create in doubt of a job without a tag that has another name by now is not forgotten silently with its object",
  async (world) => {
    await deletedInDoubt(world, { tags }, (made) => {
      world.workspace.jobs.edit(made, (settings) => void (settings.name = "renamed"));
    });
    assert.match(await world.event("x", "Released"), /a create for it got no answer/);
  },
  { start: false, settings: IMPATIENT },
);
