/** The rules of parts, which are written one by one or all at once, for every kind and each of its examples. */
import assert from "node:assert/strict";
import { isAtOnce } from "../../src/resource.ts";
import type { Fields } from "./bench.ts";
import { everyExample } from "./kinds.ts";

everyExample("parts are set, read, changed and deleted, repeatably", async (bench) => {
  const { resource, example } = bench;
  const { parts } = resource;
  if (parts === undefined || isAtOnce(parts)) return;
  for (const spec of [example.spec, example.edited ?? example.spec]) {
    const intent = bench.intent(spec);
    const wanted = parts.desired(intent, spec);
    if (wanted === undefined) continue;
    const id = await bench.create().catch(() => bench.idOfExisting(intent));
    await bench.putParts(id, intent, spec);
    const held = await bench.heldParts(id, intent);
    assert.deepEqual(Object.keys(held).sort(), Object.keys(wanted).sort());
    for (const [name, { value, stamp }] of Object.entries(held)) {
      if (parts.writeOnly) assert.ok(stamp, "the time shows when a value was sent");
      else assert.deepEqual(value, wanted[name]);
    }
    for (const name of [...Object.keys(wanted), ...Object.keys(wanted)]) {
      await parts.delete(bench.workspace, id, name);
    }
    assert.deepEqual(await bench.heldParts(id, intent), {});
  }
});

everyExample("parts that are written together are the manifest's and the required ones", async (bench) => {
  const { resource, example } = bench;
  const { parts } = resource;
  if (parts === undefined || !isAtOnce(parts)) return;
  const first = bench.intent(example.spec);
  const id = await bench.create().catch(() => bench.idOfExisting(first));
  for (const spec of [example.spec, example.edited ?? example.spec, { ...example.spec, [fieldOf(example.spec)]: [] }]) {
    const asked = parts.desired(bench.intent(spec), spec);
    if (asked === undefined) continue;
    for (const _time of ["first", "again"]) await bench.putParts(id, bench.intent(spec), spec);
    const held = await bench.heldParts(id);
    for (const [name, value] of Object.entries(asked)) assert.deepEqual(held[name]?.value, value, name);
    const besides = Object.keys(held).filter((name) => !Object.hasOwn(asked, name));
    assert.ok(besides.length <= 1, `${besides} exist beside the manifest's entries`);
  }
});

/** The field that contains the parts. */
function fieldOf(spec: Fields): string {
  return ["permissions", "grants"].find((field) => Object.hasOwn(spec, field)) ?? "permissions";
}
