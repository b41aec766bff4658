/** The rules of a create, for every kind and each of its examples. */
import assert from "node:assert/strict";
import { AlreadyExistsError } from "../../src/databricks/errors.ts";
import { repo } from "../../src/resources/repo.ts";
import { Bench, type Fields } from "./bench.ts";
import { everyExample } from "./kinds.ts";

everyExample("the manifest and its edit are accepted", (bench) => {
  const { resource, example } = bench;
  for (const spec of [example.spec, example.edited ?? example.spec]) {
    const parsed = resource.spec.parse(spec) as Fields;
    assert.deepEqual(resource.validate?.(parsed) ?? [], []);
  }
});

everyExample("the created resource matches the manifest", async (bench) => {
  const { resource, example } = bench;
  const intent = bench.intent(example.spec);
  const observed = await bench.observe(await bench.create());
  assert.deepEqual(bench.differences(observed, intent, resource.fields.updateOnly), []);
  assert.doesNotThrow(() => resource.observed.parse(observed));
});

everyExample("after the create, and once the baseline is taken, there is nothing to write", async (bench) => {
  const { resource, example } = bench;
  const intent = bench.intent(example.spec);
  const id = await bench.create();
  if (resource.fields.updateOnly !== undefined) await bench.update(id, intent);
  const observed = await bench.observe(id);
  assert.deepEqual(bench.plan(observed, intent, bench.baseline(intent)), { action: "bind" });
  assert.deepEqual(bench.plan(observed, intent, bench.baseline(intent, observed)), { action: "none" });
});

everyExample("the created resource is found again, once and with its id", async (bench) => {
  const { resource, example } = bench;
  const { external } = resource;
  const intent = bench.intent(example.spec);
  const id = await bench.create();
  const found = await external.find(bench.workspace, intent, { since: Date.now() });
  assert.deepEqual(found.map((one) => one.id), [id]);
});

everyExample("nothing is found before the create", async (bench) => {
  const { resource, example } = bench;
  const { external } = resource;
  if (external.create === undefined) return;
  assert.deepEqual(await external.find(bench.workspace, bench.intent(example.spec), { since: Date.now() }), []);
});

everyExample("a second create of a natural key is rejected as existing", async (bench) => {
  const { resource, example } = bench;
  const { external } = resource;
  if (external.create === undefined || resource.identity !== "natural") return;
  await bench.create();
  await assert.rejects(external.create(bench.workspace, bench.intent(example.spec)), AlreadyExistsError);
});

Deno.test("a repo's path may have the prefix /Workspace, as in the webapp", async () => {
  for (const path of ["/Workspace/Users/me/lib", "/Repos/team/lib/", "/Users/me/lib"]) {
    const spec = { repository: { path, url: "https://github.com/example/lib.git", provider: "github" } };
    const bench = new Bench(repo, { title: path, spec });
    const intent = bench.intent(spec);
    const id = await bench.create();
    const observed = await bench.observe(id);
    assert.deepEqual(bench.differences(observed, intent), []);
    assert.equal(repo.naturalKey?.(intent.desired), repo.naturalKey?.(observed));
    const withoutList = bench.mock.faults.add({ match: "GET /api/2.0/repos", times: 1, edit: () => ({}) });
    for (const _way of ["by its path's status", "by the list"]) {
      const found = await repo.external.find(bench.workspace, intent, {});
      assert.deepEqual(found.map((one) => one.id), [id]);
      withoutList.remove();
    }
  }
});
