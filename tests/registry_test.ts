/** The registry of kinds is complete, and has no name twice. */
import assert from "node:assert/strict";
import { GROUP, isIngestible, type Resource, VERSION } from "../src/resource.ts";
import { resources } from "../src/resources/mod.ts";

const folder = new URL("../src/resources/", import.meta.url);

Deno.test("every file of src/resources is one kind, and is in the registry exactly once", async () => {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(".ts") && !name.endsWith("_test.ts") && name !== "mod.ts") names.push(name);
  }
  for (const name of names) {
    const exported = Object.values(await import(new URL(name, folder).href)) as Resource[];
    assert.equal(exported.length, 1, `${name} exports its kind and nothing else`);
    assert.equal(resources.filter((resource) => resource === exported[0]).length, 1, `${name} is registered once`);
    assert.equal(name, `${snakeCase(exported[0]?.kind ?? "")}.ts`);
  }
  assert.equal(resources.length, names.length);
});

Deno.test("kinds, plurals, singulars and short names are unique, and kubectl can distinguish them", () => {
  const names = resources.flatMap(({ kind, plural, singular, shortNames }) => [
    ...new Set([kind.toLowerCase(), plural, singular, ...shortNames]),
  ]);
  assert.deepEqual(names.filter((name, index) => names.indexOf(name) !== index), []);
  for (const name of names) assert.match(name, /^[a-z]+$/);
});

Deno.test("group, version, kinds and plurals are the predecessor's", () => {
  assert.deepEqual([GROUP, VERSION], ["com.dstancu.databricks", "v1"]);
  const names = Object.fromEntries(resources.map(({ kind, plural }) => [kind, plural]));
  for (
    const [kind, plural] of Object.entries({
      DatabricksJob: "databricksjobs",
      GitCredential: "gitcredentials",
      Repo: "repos",
      DatabricksSecretScope: "databrickssecretscopes",
      DatabricksSecret: "databrickssecrets",
    })
  ) assert.equal(names[kind], plural);
});

Deno.test("every kind shows Ready with its reason, and its message with -o wide", () => {
  for (const { kind, printerColumns } of resources) {
    const names = (wide: boolean) =>
      printerColumns.filter(({ priority }) => priority === 1 === wide).map(({ name }) => name);
    assert.deepEqual(names(false).slice(-3), ["Ready", "Reason", "Age"], kind);
    const wide = ["Message", "Synced", "Sync Reason", "Owner", "Workspace", "Principal"];
    assert.deepEqual(names(true).slice(0, 6), wide, kind);
    assert.equal(new Set(printerColumns.map(({ name }) => name)).size, printerColumns.length, kind);
  }
});

Deno.test("a kind either creates and deletes, or fills parts of an existing resource", () => {
  for (const { kind, external, parts, ownerUid, specId, naturalKey, identity } of resources) {
    assert.equal(external.create === undefined, external.delete === undefined, kind);
    if (external.create === undefined) assert.ok(parts !== undefined, kind);
    assert.ok(
      identity === "tag" ? (ownerUid ?? specId) !== undefined : naturalKey !== undefined,
      `${kind} can be found`,
    );
  }
});

Deno.test("a kind that is ingested can be listed and named", () => {
  for (const resource of resources.filter(isIngestible)) {
    const { kind, external, displayName } = resource;
    assert.ok(external.list !== undefined && displayName !== undefined, kind);
  }
});

Deno.test("every endpoint declares whether it may be repeated: creates, deployments, repairs, and starts and stops of updates may not", () => {
  for (const { kind, endpoints } of resources) {
    for (const [name, { method, path, repeatable }] of Object.entries(endpoints)) {
      assert.match(path, /^\/api\/(2\.\d|\{jobs_api_version\})\//, `${kind}.${name}`);
      assert.equal(
        repeatable,
        !["create", "deploy", "repair", "startUpdate", "stopUpdate"].includes(name),
        `${kind}.${name}`,
      );
      assert.equal(
        method === "GET",
        /^(get|getByName|getWhole|getJob|getPipeline|getUpdate|output|getPublished|list\w*|me|permissions|status|assignment)$/
          .test(
            name,
          ),
        `${kind}.${name}`,
      );
    }
  }
});

function snakeCase(kind: string): string {
  return kind.replace(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, "_").toLowerCase();
}
