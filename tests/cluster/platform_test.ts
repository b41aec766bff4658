/** The platform of examples/platform is applied in any order, and deleted again. */
import assert from "node:assert/strict";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { resources } from "../../src/resources/mod.ts";
import { clusterTest, type World } from "../support/harness.ts";

const FOLDER = "examples/platform";

async function platform(): Promise<KubeObject[]> {
  const names = (await Array.fromAsync(Deno.readDir(FOLDER))).map(({ name }) => name)
    .filter((name) => name.endsWith(".yaml")).sort();
  const texts = await Promise.all(names.map((name) => Deno.readTextFile(`${FOLDER}/${name}`)));
  return texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as KubeObject));
}

/** The kinds that keep their data in Databricks. */
const retained = new Set(resources.filter(({ dangers }) => dangers?.deletesData !== undefined).map(({ kind }) => kind));

async function applied(world: World, objects: readonly KubeObject[]): Promise<void> {
  for (const object of objects) await world.apply(object);
  for (const { kind = "", metadata } of objects) await world.ready(kind, metadata.name ?? "");
}

for (const order of ["the order of the files", "the opposite order"] as const) {
  clusterTest(`the platform becomes Ready in ${order}, and its data is not deleted with it`, async (world) => {
    const objects = await platform();
    assert.deepEqual(world.workspace.unhandled, []);
    await applied(world, order === "the order of the files" ? objects : objects.toReversed());
    const { kinds, jobs, files } = world.workspace;
    const names = () =>
      [kinds.catalog.names("catalog"), kinds.catalog.names("schema"), kinds.catalog.names("volume")]
        .flat().filter((name) => name.startsWith("platform") && !/\.(default|information_schema)$/.test(name));
    assert.deepEqual(names(), ["platform", "platform.sales", "platform.sales.landing"]);
    for (const { kind = "", metadata } of objects.toReversed()) await world.delete(kind, metadata.name ?? "");
    for (const { kind = "", metadata } of objects) {
      await world.gone(kind, metadata.name ?? "");
      if (retained.has(kind)) {
        assert.match(await world.event(metadata.name ?? "", "Retained"), /was not deleted because/);
      }
    }
    assert.deepEqual(names(), ["platform", "platform.sales", "platform.sales.landing"]);
    assert.equal(kinds.pipelines.all().length, 1);
    assert.deepEqual([kinds.dashboards.all(), kinds.warehouses.all(), jobs.all().length], [[], [], 0]);
    assert.deepEqual(files.list("/Shared").map(({ path }) => path), []);
    assert.deepEqual(world.workspace.unhandled, []);
  });
}

clusterTest("the commands of the platform page lead to Ready, and a deletion names retained data", async (world) => {
  const text = await Deno.readTextFile(`${FOLDER}/README.md`);
  const commands = [...text.matchAll(/^kubectl (.*)$/gm)].map(([, command = ""]) => command.split(" "));
  assert.deepEqual(commands.map(([verb]) => verb), ["apply", "wait", "delete"]);
  for (const command of commands) await world.kubectl(command);
  for (const { kind = "", metadata } of await platform()) {
    if (retained.has(kind)) assert.match(await world.event(metadata.name ?? "", "Retained"), /was not deleted because/);
  }
}, { needs: ["kubectl"], settings: { ingest: "false" } });
