/** Follows the advice in messages, each alternative: it succeeds, and resources of others are not touched. */
import assert from "node:assert/strict";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { clusterTest, eventually, job, manifest, notebook, problem, type World } from "../support/harness.ts";
import { QUIET } from "../support/lost_jobs.ts";

const JOB = "DatabricksJob";
const POOL = "DatabricksInstancePool";
const TAG = "databricks-kube-operator";
const STRANGER = "00000000-0000-4000-8000-000000000000";
const SETTINGS = { name: "etl", ...notebook() };

/** A situation in which an object is refused, with advice. */
interface Case {
  readonly about: string;
  readonly kind: string;
  /** The reason of condition `Synced`. */
  readonly reason: string;
  /** Creates the situation, and returns the id of somebody else's resource, or of the object's own. */
  arrange(world: World): Promise<string>;
  /** The alternatives: the text of each in the message, and how to follow it. */
  readonly ways: readonly Way[];
}

interface Way {
  readonly says: RegExp;
  follow(world: World, id: string): Promise<unknown>;
  /** Checks the result when the object is Ready. */
  end(world: World, object: KubeObject, id: string): void | Promise<void>;
}

const withId = (id: string, annotations: Record<string, string> = {}) =>
  manifest(JOB, "x", { job: { job_id: BigInt(id), settings: SETTINGS } }, annotations);
const pool = (more: Record<string, unknown> = {}, name = "x") =>
  manifest(POOL, name, { pool: { instance_pool_name: name, node_type_id: "m5.large", ...more } });

/** Checks that the object has another job, and that the person's job is unchanged. */
function isApart({ workspace: { jobs } }: World, { status }: KubeObject, id: string): void {
  assert.notEqual(status?.id, id);
  assert.deepEqual(jobs.ids().toSorted(), [id, String(status?.id)].toSorted());
  assert.equal((jobs.get(id)?.settings.tags as Record<string, string> | undefined)?.[TAG], undefined);
}

/** Checks that the object has this job, and that there is no other. */
function isTaken({ workspace: { jobs } }: World, { status }: KubeObject, id: string): void {
  assert.deepEqual([status?.id, jobs.ids()], [id, [id]]);
}

/** Adds a person's job, which lists show. */
function personsJob({ workspace }: World): string {
  const id = workspace.jobs.add(SETTINGS, { creator: "anna@example.com" });
  workspace.settle();
  return id;
}

const cases: readonly Case[] = [{
  about: "an object that follows nothing",
  kind: JOB,
  reason: "NothingToFollow",
  arrange: async (world) => {
    const id = personsJob(world);
    await world.apply(job("x", SETTINGS, { owner: "api" }));
    return id;
  },
  ways: [{
    says: /set its id in spec/,
    follow: (world, id) => world.patch(JOB, "x", { spec: { job: { job_id: BigInt(id) } } }),
    end: isTaken,
  }, {
    says: /remove annotation databricks-operator\/owner/,
    follow: (world) => world.annotate(JOB, "x", "owner", null),
    end: isApart,
  }],
}, {
  about: "an id that this object did not create",
  kind: JOB,
  reason: "AdoptionRequired",
  arrange: async (world) => {
    const id = personsJob(world);
    await world.apply(withId(id));
    return id;
  },
  ways: [{
    says: /remove the id to create a job of its own/,
    follow: (world) => world.apply(job("x", SETTINGS)),
    end: isApart,
  }, {
    says: /set annotation databricks-operator\/adopt: "true"/,
    follow: (world) => world.annotate(JOB, "x", "adopt", "true"),
    end: isTaken,
  }],
}, {
  about: "a job to adopt that carries another object's tag",
  kind: JOB,
  reason: "OwnedByAnother",
  arrange: async (world) => {
    const id = world.workspace.jobs.add({ ...SETTINGS, tags: { [TAG]: STRANGER } });
    await world.apply(withId(id, { adopt: "true" }));
    return id;
  },
  ways: [{
    says: /remove the tag in Databricks/,
    follow: (world, id) => {
      world.workspace.jobs.edit(id, (settings) => void delete settings.tags);
      return Promise.resolve();
    },
    end: isTaken,
  }],
}, {
  about: "our job that carries another object's tag by now",
  kind: JOB,
  reason: "OwnedByAnother",
  arrange: async (world) => {
    await world.apply(job("x", SETTINGS));
    const id = String((await world.ready(JOB, "x")).status?.id);
    world.workspace.jobs.edit(id, (settings) => void (settings.tags = { [TAG]: STRANGER }));
    return id;
  },
  ways: [{
    says: /if it is to be this object's, remove the tag in Databricks/,
    follow: (world, id) => {
      world.workspace.jobs.edit(id, (settings) => void delete settings.tags);
      return Promise.resolve();
    },
    end: async (world, object, id) => {
      isTaken(world, object, id);
      await eventually("it has our tag again", () => {
        const { tags } = world.workspace.jobs.get(id)?.settings ?? {};
        return (tags as Record<string, string> | undefined)?.[TAG] === object.metadata.uid ||
          problem(JSON.stringify(tags));
      });
    },
  }],
}, {
  about: "several jobs of the name to adopt",
  kind: JOB,
  reason: "AdoptionAmbiguous",
  arrange: async (world) => {
    personsJob(world);
    const id = personsJob(world);
    await world.apply(job("x", SETTINGS, { adopt: "true" }));
    return id;
  },
  ways: [{
    says: /set the id of the one to adopt in spec/,
    follow: (world, id) => world.patch(JOB, "x", { spec: { job: { job_id: BigInt(id) } } }),
    end: ({ workspace: { jobs } }, { status }, id) => assert.deepEqual([status?.id, jobs.ids().length], [id, 2]),
  }, {
    says: /use another name/,
    follow: (world) => world.apply(job("x", { ...SETTINGS, name: "mine" }, { adopt: "true" })),
    end: ({ workspace: { jobs } }, _object, id) => {
      assert.equal(jobs.ids().length, 3);
      assert.deepEqual(jobs.get(id)?.settings.tags, undefined);
    },
  }],
}, {
  about: "a value that Databricks drops",
  kind: JOB,
  reason: "NotApplied",
  arrange: async (world) => {
    await world.apply(job("x", { ...SETTINGS, performance_target: "STANDART" }));
    return "";
  },
  ways: [{
    says: /correct the value/,
    follow: (world) => world.apply(job("x", { ...SETTINGS, performance_target: "STANDARD" })),
    end: ({ workspace: { jobs } }, { status }) =>
      assert.equal(jobs.get(String(status?.id))?.settings.performance_target, "STANDARD"),
  }, {
    says: /remove the field/,
    follow: (world) => world.apply(job("x", SETTINGS)),
    end: ({ workspace: { jobs } }) => assert.equal(jobs.ids().length, 1),
  }],
}, {
  about: "a pool of the name that somebody else made",
  kind: POOL,
  reason: "AlreadyExists",
  arrange: async (world) => {
    const id = world.workspace.kinds.pools.add({ instance_pool_name: "x", node_type_id: "m5.large" });
    await world.apply(pool({ max_capacity: 7 }));
    return id;
  },
  ways: [{
    says: /set annotation databricks-operator\/adopt: "true" to take it over/,
    follow: (world) => world.annotate(POOL, "x", "adopt", "true"),
    end: ({ workspace: { kinds } }, { status }, id) =>
      assert.deepEqual([status?.id, kinds.pools.all().length], [id, 1]),
  }, {
    says: /use another name/,
    follow: (world) => world.apply(pool({ instance_pool_name: "mine", max_capacity: 7 })),
    end: ({ workspace: { kinds } }, _object, id) => {
      assert.equal(kinds.pools.all().length, 2);
      assert.equal(kinds.pools.get(id)?.max_capacity, undefined);
    },
  }],
}, {
  about: "a field that cannot be changed",
  kind: POOL,
  reason: "Immutable",
  arrange: async (world) => {
    await world.apply(pool());
    const id = String((await world.ready(POOL, "x")).status?.id);
    await world.apply(pool({ node_type_id: "m5.xlarge" }));
    return id;
  },
  ways: [{
    says: /set it back, and give the other/,
    follow: async (world) => {
      await world.apply(pool());
      await world.apply(pool({ node_type_id: "m5.xlarge" }, "y"));
      await world.ready(POOL, "y");
    },
    end: ({ workspace: { kinds } }, { status }, id) => {
      assert.equal(status?.id, id);
      assert.deepEqual(kinds.pools.all().map(({ node_type_id }) => node_type_id), ["m5.large", "m5.xlarge"]);
    },
  }],
}];

for (const { about, kind, reason, arrange, ways } of cases) {
  for (const { says, follow, end } of ways) {
    clusterTest(
      `the advice about ${about} works: ${says.source.replaceAll("\\", "")}`,
      async (world) => {
        const id = await arrange(world);
        const { message } = await world.blocked(kind, "x", reason);
        assert.match(message, says);
        await follow(world, id);
        await end(world, await world.ready(kind, "x"), id);
      },
      { settings: QUIET, mock: { doubts: { unknownEnumValues: "dropped" } } },
    );
  }
}
