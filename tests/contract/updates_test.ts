/** The rules of an update, and of a kind without one, for every kind and each of its examples. */
import assert from "node:assert/strict";
import { isUpdatable } from "../../src/resource.ts";
import { Bench } from "./bench.ts";
import { everyExample, everyKind } from "./kinds.ts";

everyExample("an update leads to the state of the edited manifest, also when it is repeated", async (bench) => {
  const { resource, example } = bench;
  const { external } = resource;
  if (!isUpdatable(external) || example.edited === undefined) return;
  const id = await bench.create();
  const intent = bench.intent(example.edited);
  for (const _time of ["first", "again"]) {
    await bench.update(id, intent);
    assert.deepEqual(bench.differences(await bench.observe(id, intent), intent), []);
  }
  const observed = await bench.observe(id, intent);
  assert.deepEqual(bench.plan(observed, intent, bench.baseline(intent)), { action: "bind" });
});

everyExample("a kind with an update shows one in its example", (bench) => {
  const { resource, example } = bench;
  const { external } = resource;
  if (isUpdatable(external)) assert.ok(example.edited !== undefined);
});

everyKind("without an update every field that is compared is immutable, and the plan says so", async (resource) => {
  const { external, fields } = resource;
  if (isUpdatable(external)) return;
  for (const example of resource.examples) {
    const bench = await new Bench(resource, example).prepare();
    const intent = bench.intent(example.spec);
    const observed = await bench.observe(await bench.create());
    const names = Object.keys({ ...bench.asked(intent), ...bench.compared(observed, intent) });
    assert.deepEqual(names.filter((field) => !fields.immutable?.includes(field)), []);
    for (const field of Object.keys(bench.asked(intent))) {
      const edited = { ...intent, desired: { ...intent.desired, [field]: "another" } };
      const decided = bench.plan(observed, edited, bench.baseline(intent, observed), 2);
      assert.deepEqual(decided, { action: "immutable", field });
    }
  }
});
