/** The status subresource. @module */
import assert from "node:assert/strict";
import { type Case, ok, refused } from "../world.ts";

export const status: readonly Case[] = [
  {
    name: "a status in a created object is dropped",
    async run(world) {
      const body = { ...world.widget("early"), status: { phase: "Forged" } };
      assert.equal(ok(await world.post(world.widgets(), body)).status, undefined);
    },
  },
  {
    name: "an update of the object leaves its status",
    async run(world) {
      await world.create("split");
      const path = `${world.widgets()}/split`;
      ok(await world.merge(`${path}/status`, { status: { phase: "Up" } }));
      const updated = ok(await world.merge(path, { spec: { size: 2 }, status: { phase: "Forged" } }));
      assert.equal(updated.status.phase, "Up");
      assert.equal(updated.spec.size, 2);
    },
  },
  {
    name: "an update of the status leaves spec, labels and generation",
    async run(world) {
      await world.create("part");
      const patch = { status: { phase: "Up" }, spec: { size: 100 }, metadata: { labels: { forged: "yes" } } };
      const updated = ok(await world.merge(`${world.widgets()}/part/status`, patch));
      assert.equal(updated.status.phase, "Up");
      assert.equal(updated.spec.size, 1);
      assert.equal(updated.metadata.labels, undefined);
      assert.equal(updated.metadata.generation, 1);
    },
  },
  {
    name: "the status is read as the whole object",
    async run(world) {
      await world.create("read");
      assert.equal(ok(await world.get(`${world.widgets()}/read/status`)).spec.size, 1);
    },
  },
  {
    name: "a status that breaks the schema is refused with 422",
    async run(world) {
      await world.create("typed");
      const answer = await world.merge(`${world.widgets()}/typed/status`, { status: { count: "many" } });
      refused(answer, 422, "Invalid", 'status.count: Invalid value: "string": count in body must be of type integer');
    },
  },
  {
    name: "a PUT of the status with a stale resourceVersion is refused with 409",
    async run(world) {
      const made = await world.create("late");
      ok(await world.merge(`${world.widgets()}/late`, { spec: { size: 2 } }));
      const answer = await world.put(`${world.widgets()}/late/status`, { ...made, status: { phase: "Up" } });
      refused(answer, 409, "Conflict");
    },
  },
  {
    name: "the status's writer is noted with the subresource",
    async run(world) {
      await world.create("noted");
      const { metadata } = ok(await world.merge(`${world.widgets()}/noted/status`, { status: { phase: "Up" } }));
      const entry = metadata.managedFields.find((one: { subresource?: string }) => one.subresource === "status");
      assert.deepEqual(entry.fieldsV1, { "f:status": { ".": {}, "f:phase": {} } });
    },
  },
  {
    name: "a subresource that the kind does not have is 404",
    async run(world) {
      await world.create("scaled");
      assert.equal((await world.get(`${world.widgets()}/scaled/scale`)).status, 404);
      assert.equal((await world.get(`${world.core("configmaps")}/kube-root-ca.crt/status`)).status, 404);
    },
  },
];
