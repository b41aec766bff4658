import assert from "node:assert/strict";
import { find } from "./json_path.ts";

const object = {
  metadata: { annotations: { "a.b/c": "x" } },
  list: [{ n: 1, ok: true }, { n: 2, ok: false }],
  status: { conditions: [{ type: "Ready", status: "True" }, { type: "Synced", status: "False" }] },
};

/** Paths, and the values that they find. */
const rows: readonly [string, unknown[]][] = [
  [".metadata.annotations.a\\.b/c", ["x"]],
  [".metadata.annotations['a.b/c']", ["x"]],
  [".list[0].n", [1]],
  [".list[-1].n", [2]],
  [".list[*].n", [1, 2]],
  [".list[?(@.ok==true)].n", [1]],
  [".list[?(@.n==2)].ok", [false]],
  ['.status.conditions[?(@.type=="Synced")].status', ["False"]],
  [".status.conditions[?(@.type=='Ready')].status", ["True"]],
  [".none.at.all", []],
];

for (const [path, values] of rows) {
  Deno.test(`${path} finds ${JSON.stringify(values)}`, () => assert.deepEqual(find(object, path), values));
}
