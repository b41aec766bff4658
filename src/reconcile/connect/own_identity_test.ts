import assert from "node:assert/strict";
import { ownIdentityRule } from "./own_identity.ts";

const rule = ownIdentityRule("operators", [
  "team=sp-1",
  "team=sp-2@databricks.team.example:8443",
  "local=sp-1@127.0.0.1:80",
]);

const allowed: readonly [string, string, string][] = [
  ["operators", "any", "https://thief.example"],
  ["team", "sp-1", "https://dbc-1.cloud.databricks.com"],
  ["team", "sp-1", "https://adb-1.7.azuredatabricks.net/?o=1"],
  ["team", "sp-1", "https://1.gcp.databricks.com"],
  ["team", "sp-1", "https://adb-1.7.databricks.azure.us"],
  ["team", "sp-2", "https://databricks.team.example:8443"],
  ["local", "sp-1", "http://127.0.0.1"],
];
const refused: readonly [string, string | undefined, string][] = [
  ["other", "sp-1", "https://dbc-1.cloud.databricks.com"],
  ["team", "sp-3", "https://dbc-1.cloud.databricks.com"],
  ["team", undefined, "https://dbc-1.cloud.databricks.com"],
  ["team", "sp-1", "https://databricks.team.example:8443"],
  ["team", "sp-1", "https://cloud.databricks.com.thief.example"],
  ["team", "sp-1", "https://thief-azuredatabricks.net"],
  ["team", "sp-1", "https://dbc-1.cloud.databricks.com:8443"],
  ["team", "sp-1", "http://dbc-1.cloud.databricks.com"],
  ["team", "sp-2", "http://databricks.team.example:8443"],
  ["team", "sp-2", "https://databricks.team.example"],
  ["team", "sp-2", "https://dbc-1.cloud.databricks.com"],
];

for (const [namespace, clientId, host] of allowed) {
  Deno.test(`the operator's own identity may be used by namespace ${namespace} as ${clientId} at ${host}`, () => {
    assert.equal(rule(namespace, { clientId, host }), undefined);
  });
}

for (const [namespace, clientId, host] of refused) {
  Deno.test(`the operator's own identity is not used by namespace ${namespace} as ${clientId} at ${host}`, () => {
    assert.match(rule(namespace, { clientId, host }) ?? "", /have it allowed/);
  });
}

Deno.test("the operator's own identity is not used through a namespace's own proxy or CA", () => {
  const host = "https://dbc-1.cloud.databricks.com";
  for (const network of [{ caCerts: ["-----BEGIN"] }, { proxy: { url: "http://proxy.example" } }]) {
    assert.match(rule("team", { clientId: "sp-1", host, network }) ?? "", /remove proxy and ca\.crt/);
  }
});
