import assert from "node:assert/strict";
import { toRules } from "./rbac.ts";

function verbsFor(resource: string): string[] {
  const rules = toRules([{ plural: "things" }, { plural: "others" }]);
  return rules.filter((rule) => rule.resources.includes(resource)).flatMap((rule) => rule.verbs);
}

const expectations: Record<string, string[]> = {
  "things": ["create", "delete", "get", "list", "patch", "update", "watch"],
  "others": ["create", "delete", "get", "list", "patch", "update", "watch"],
  "things/status": ["patch", "update"],
  "others/status": ["patch", "update"],
  "configmaps": ["get", "list", "watch"],
  "secrets": ["get", "list", "watch"],
  "events": ["create", "patch"],
  "leases": ["create", "get", "update"],
};

for (const [resource, verbs] of Object.entries(expectations)) {
  Deno.test(`toRules allows ${verbs.join(", ")} of ${resource}`, () => assert.deepEqual(verbsFor(resource), verbs));
}

Deno.test("toRules allows nothing by wildcard", () => {
  assert.doesNotMatch(JSON.stringify(toRules([{ plural: "things" }])), /\*/);
});
