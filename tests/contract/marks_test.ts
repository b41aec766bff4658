/** The rules of the operator's mark, for every kind and each of its examples. */
import assert from "node:assert/strict";
import { databricksJob } from "../../src/resources/databricks_job.ts";
import { Bench, owner } from "./bench.ts";
import { everyExample } from "./kinds.ts";

everyExample("our mark is neither compared nor ingested", async (bench) => {
  const { resource, example } = bench;
  const id = await bench.create();
  const intent = bench.intent(example.spec);
  const observed = await bench.observe(id);
  // A resource that happens once is identified by its token, which no answer contains.
  const carriesMark = resource.identity === "tag" || resource.mark?.({}, intent) !== undefined;
  const isTagged = carriesMark && resource.once === undefined;
  assert.equal(resource.ownerUid?.(observed, owner.tag), isTagged ? owner.uid : undefined);
  const shown = [bench.compared(observed, intent), resource.toSpec?.(observed, owner)];
  assert.ok(!Deno.inspect(shown, { depth: 20 }).includes(owner.uid));
});

everyExample("a released resource stays, unchanged except for our mark", async (bench) => {
  const { resource } = bench;
  const { external } = resource;
  if (external.release === undefined) return;
  const id = await bench.create();
  const before = await bench.observe(id);
  for (const _time of ["first", "again"]) await external.release(bench.workspace, id, owner);
  const after = await bench.observe(id);
  assert.equal(resource.ownerUid?.(after, owner.tag), undefined);
  assert.deepEqual(resource.comparable(after, owner), resource.comparable(before, owner));
});

Deno.test("a job with the maximum number of tags is created without ours, and found by creator and time", async () => {
  const tags = Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`t${index}`, "x"]));
  const spec = { job: { settings: { name: "tagged", tags } } };
  const bench = new Bench(databricksJob, { title: "tagged", spec });
  const id = await bench.create();
  bench.mock.jobs.add({ name: "tagged" }, { creator: "somebody@example.com" });
  assert.deepEqual(bench.mock.jobs.get(id)?.settings.tags, tags);
  const { external } = databricksJob;
  const intent = bench.intent(spec);
  const ours: string[] = [];
  for (const found of await external.find(bench.workspace, intent, {})) {
    const attempt = { since: Date.now(), until: Date.now() };
    if (await external.isOurs?.(bench.workspace, found, { intent, attempt, isTakeOver: false })) ours.push(found.id);
  }
  assert.deepEqual(ours, [id]);
});
