import assert from "node:assert/strict";
import { withoutClones } from "./evidence.ts";
import type { Managed, Pass } from "./pass.ts";

/** The ids of what is taken for the object's own, of jobs with its tag, by their creators. */
async function ownOf(creators: readonly (string | undefined)[], { us = "operator@example.com", adopt = false } = {}) {
  const annotations = adopt ? { "databricks-operator/adopt": "true" } : {};
  const resource = {
    creator: ({ by }: { by?: string }) => by,
    external: { self: () => Promise.resolve(us) },
  };
  const pass = { resource, object: { metadata: { annotations } } } as unknown as Pass;
  const marked = creators.map((by, index) => ({ id: String(index), observed: by === undefined ? {} : { by } }));
  return (await withoutClones(pass, { connection: {} } as Managed, marked)).map(({ id }) => id);
}

Deno.test("a job with our tag that another user made is not taken, unless the author adopts it", async () => {
  assert.deepEqual(await ownOf(["ann@example.com", "Operator@example.com"]), ["1"]);
  assert.deepEqual(await ownOf(["ann@example.com"]), []);
  assert.deepEqual(await ownOf(["ann@example.com"], { adopt: true }), ["0"]);
});

Deno.test("where nothing tells who made a job, or who we are, the tag is not doubted", async () => {
  assert.deepEqual(await ownOf([undefined, "ann@example.com"]), ["0"]);
  assert.deepEqual(await ownOf(["ann@example.com"], { us: "" }), ["0"]);
});
