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
    `a job that ${why} is not created twice when its object loses status and finalizer while no operator runs`,
    async (world) => {
      const id = await whileAway(world, manifest, () => setBack(world, "status and finalizer"));
      await adopted(world, id);
    },
    { start: false, settings },
  );
}

for (const [way, go] of renamings) {
  clusterTest(
    `a job that may be an object's own does not block it after ${way}`,
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
  "a job that loses its tag while its object loses its status is not created twice",
  async (world) => {
    const { jobs } = world.workspace;
    await world.apply(job("x"));
    const id = String((await world.ready(JOB, "x")).status?.id);
    jobs.edit(id, (settings) => void delete settings.tags);
    await setBack(world, "status");
    await sweeps(world.workspace, "/jobs/list", 3);
    assert.equal((await world.ready(JOB, "x")).status?.id, id);
    await world.apply(job("x", { timeout_seconds: 60 }));
    await eventually("the next write restores the tag", () => {
      const { tags, timeout_seconds } = jobs.get(id)?.settings ?? {};
      return timeout_seconds === 60 && tags?.["databricks-kube-operator"] !== undefined ||
        problem(JSON.stringify(tags));
    });
    assert.deepEqual(jobs.ids(), [id]);
  },
  { settings: QUIET },
);

clusterTest(
  "a job that loses its tag while its object loses its status, without an operator, is not created twice",
  async (world) => {
    const id = await whileAway(world, job("x"), async (made) => {
      world.workspace.jobs.edit(made, (settings) => void delete settings.tags);
      await setBack(world, "status");
    });
    await adopted(world, id);
  },
  { start: false, settings: QUIET },
);

clusterTest("an untagged job whose object lost its status is not ingested beside it", async (world) => {
  const id = await whileAway(world, job("x", { tags }), () => setBack(world, "status and finalizer"));
  await adopted(world, id);
  await sweeps(world.workspace, "/jobs/list", 2);
  assert.equal((await world.list(JOB)).length, 1);
}, { start: false });

clusterTest("an untagged job that another object follows is not created twice", async (world) => {
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

clusterTest("two objects that create untagged jobs of the same name at the same time get two jobs", async (world) => {
  const settings = { name: "same", tags };
  const names = ["a", "b", "c"];
  await Promise.all(names.map((name) => world.apply(job(name, settings))));
  for (const name of names) await world.ready(JOB, name);
  assert.equal(world.workspace.jobs.ids().length, 3);
}, { settings: QUIET });

clusterTest("a person's job of the same name does not block an untagged job", async (world) => {
  const theirs = world.workspace.jobs.add({ name: "x", tasks: [] }, { creator: "anna@example.com" });
  await world.apply(job("x", { tags }));
  assert.notEqual((await world.ready(JOB, "x")).status?.id, theirs);
}, { settings: QUIET });

clusterTest(
  "with the setting for jobs in two clusters, an earlier job does not block an untagged one",
  async (world) => {
    const { jobs } = world.workspace;
    const theirs = jobs.add({ name: "x", tasks: [], tags });
    jobs.require(theirs).created_time = Date.now() - HOUR;
    await world.apply(job("x", { tags }));
    assert.notEqual((await world.ready(JOB, "x")).status?.id, theirs);
  },
  { settings: { ...QUIET, hold_owned_by_unknown: "false" } },
);

clusterTest("an earlier job of the same name by our user does not block a create", async (world) => {
  const { jobs } = world.workspace;
  const before = jobs.add({ name: "x", tasks: [] });
  jobs.require(before).created_time = Date.now() - HOUR;
  await world.startOperator();
  await world.apply(job("x"));
  assert.notEqual((await world.ready(JOB, "x")).status?.id, before);
}, { start: false, settings: QUIET });

for (const unknown of ["who made a job", "who we are"]) {
  clusterTest(`without ${unknown}, an untagged job is not created twice`, async (world) => {
    const id = await whileAway(world, job("x", { tags }), async (made) => {
      await setBack(world, "status and finalizer");
      if (unknown === "who we are") world.workspace.permissions.deny("scim/v2/Me");
      else world.workspace.jobs.require(made).creator_user_name = undefined as never;
    });
    await adopted(world, id);
  }, { start: false, settings: QUIET });
}

clusterTest("an untagged job is not created again when its object's status is restored", async (world) => {
  const { jobs } = world.workspace;
  const first = await world.startOperator();
  await world.apply(job("x", { tags }));
  const one = (await world.ready(JOB, "x")).status;
  jobs.remove(String(one?.id));
  await eventually("it is created again", async () => {
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

clusterTest("an unconfirmed create of an untagged job leaves none behind when its object is deleted", async (world) => {
  const id = await deletedInDoubt(world, { tags }, () => {});
  assert.equal(world.workspace.jobs.get(id), undefined);
}, { start: false, settings: IMPATIENT });

clusterTest(
  "an untagged job that differs from its unconfirmed create stays when its object is deleted, and an Event names it",
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
  "deleting the object of a renamed untagged job whose create is unconfirmed is reported",
  async (world) => {
    await deletedInDoubt(world, { tags }, (made) => {
      world.workspace.jobs.edit(made, (settings) => void (settings.name = "renamed"));
    });
    assert.match(await world.event("x", "Released"), /a create for it got no answer/);
  },
  { start: false, settings: IMPATIENT },
);
