import assert from "node:assert/strict";
import { type PolicyRule, toLeaseRules, toRules } from "./rbac.ts";

const things = [{ plural: "things", toSpec: () => ({}) }, { plural: "others" }];

function verbsFor(rules: readonly PolicyRule[], resource: string): string[] {
  return rules.filter((rule) => rule.resources.includes(resource)).flatMap((rule) => rule.verbs).sort();
}

const expectations: Record<string, string[]> = {
  "things": ["create", "delete", "list", "patch", "watch"],
  "others": ["delete", "list", "patch", "watch"],
  "things/status": ["patch"],
  "others/status": ["patch"],
  "configmaps": ["list", "watch"],
  "secrets": ["list", "watch"],
  "events": ["create", "patch"],
  "leases": ["create", "get", "list", "update", "watch"],
};

for (const [resource, verbs] of Object.entries(expectations)) {
  Deno.test(`the operator is allowed ${verbs.join(", ")} of ${resource}`, () => {
    assert.deepEqual(verbsFor([...toRules(things), ...toLeaseRules(["operator"])], resource), verbs);
  });
}

Deno.test("no rule uses wildcards", () => {
  assert.doesNotMatch(JSON.stringify([...toRules(things), ...toLeaseRules(["operator"])]), /\*/);
});

Deno.test("ConfigMaps are limited by name, unless a kind uses any ConfigMap of the namespace", () => {
  const readers = [...things, { plural: "files", readsConfigMaps: true as const }];
  const namesOf = (kinds: typeof readers | typeof things, configMaps?: string[]) =>
    toRules(kinds, { configMap: "settings", ...configMaps && { configMaps } })
      .find(({ resources }) => resources.includes("configmaps"))?.resourceNames;
  assert.deepEqual(namesOf(things), ["settings"]);
  assert.equal(namesOf(readers), undefined);
  assert.deepEqual(namesOf(readers, ["code"]), ["settings", "code"]);
});

Deno.test("ConfigMaps, Secrets and Leases are limited by name", () => {
  const rules = [...toRules(things, { configMap: "settings", secrets: ["a", "b"] }), ...toLeaseRules(["lease"])];
  const names = rules.filter(({ resourceNames }) => resourceNames).map((
    rule,
  ) => [rule.resources[0], rule.resourceNames]);
  assert.deepEqual(names, [["configmaps", ["settings"]], ["secrets", ["a", "b"]], ["leases", ["lease"]]]);
});
