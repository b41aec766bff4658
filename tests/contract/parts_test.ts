/** What parts promise, which are written one call at a time. For every kind and each of its examples. */
import assert from "node:assert/strict";
import { everyExample } from "./kinds.ts";

everyExample("parts are put, read, changed and deleted, each as often as one likes", async (bench) => {
  const { resource, example } = bench;
  const { parts } = resource;
  if (parts === undefined) return;
  for (const spec of [example.spec, example.edited ?? example.spec]) {
    const intent = bench.intent(spec);
    const wanted = parts.desired(intent);
    if (wanted === undefined) continue;
    const id = await bench.create().catch(() => bench.idOfExisting(intent));
    await bench.putParts(id, intent);
    const held = parts.observed(await bench.observe(id, intent));
    assert.deepEqual(Object.keys(held).sort(), Object.keys(wanted).sort());
    for (const [name, { value, stamp }] of Object.entries(held)) {
      if (parts.writeOnly) assert.ok(stamp, "a time tells when a value was put");
      else assert.deepEqual(value, wanted[name]);
    }
    for (const name of [...Object.keys(wanted), ...Object.keys(wanted)]) {
      await parts.delete(bench.workspace, id, name);
    }
    assert.deepEqual(parts.observed(await bench.observe(id, intent)), {});
  }
});
