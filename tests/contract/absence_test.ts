/** Answers that mean absence, and answers that do not, for every kind and each of its examples. */
import assert from "node:assert/strict";
import { FakeClock } from "../../src/base/clock_fake.ts";
import { DatabricksError, UnavailableError } from "../../src/databricks/errors.ts";
import { isListed } from "../../src/reconcile/pass/external/absence.ts";
import { isAtOnce, type Resource } from "../../src/resource.ts";
import { clientOf, inTime } from "../support/clients.ts";
import { isOfParts } from "./bench.ts";
import { everyExample } from "./kinds.ts";

/** Matches the calls of a second source: lists, and the status of a path. */
function secondSources({ endpoints }: Resource): RegExp {
  const sources = Object.entries(endpoints).filter(([name]) => /^(list\w*|status)$/.test(name));
  if (sources.length === 0) return /GET .*\/list$/;
  const paths = sources.map(([, { path }]) => path.replace(/[.]/g, "\\.").replace(/\{\w+\}/g, "[^/]+"));
  return new RegExp(`GET (${paths.join("|")})$`);
}

everyExample("an absent resource is undefined, before its create and after its delete", async (bench) => {
  const { resource } = bench;
  const { external } = resource;
  if (isOfParts(resource)) return;
  const absent = resource.naturalKey !== undefined && resource.specId === undefined ? "absent" : "7";
  assert.equal(await external.observe(bench.workspace, absent), undefined);
  if (external.delete === undefined) return;
  const id = await bench.create();
  for (const _time of ["first", "again"]) {
    await external.delete(bench.workspace, id);
    const observed = await external.observe(bench.workspace, id);
    if (resource.once === undefined) assert.equal(observed, undefined);
    else assert.equal(resource.once.isFinal(observed ?? {}), true, "it has ended");
  }
  await external.delete(bench.workspace, absent);
});

everyExample(
  "a second source contains existing resources and no deleted ones, and its failure is not an absence",
  async (bench) => {
    const { resource, example } = bench;
    const { external } = resource;
    if (isOfParts(resource)) return;
    const intent = bench.intent(example.spec);
    const id = await bench.create();
    const { workspace } = bench;
    // If a kind has a list per parent, only the manifest shows which one to read.
    const isFound = external.list !== undefined && resource.parents === undefined;
    for (const question of [{ workspace, id, intent }, ...isFound ? [{ workspace, id }] : []]) {
      assert.equal(await isListed(resource, question), true, "it exists");
    }
    const down = bench.mock.faults.add({ match: secondSources(resource), status: 400 });
    await assert.rejects(isListed(resource, { workspace, id, intent }), DatabricksError);
    down.remove();
    // A resource that happens once stays listed after its end.
    if (external.delete === undefined || resource.once !== undefined) return;
    await external.delete(workspace, id);
    for (const question of [{ workspace, id, intent }, { workspace, id }]) {
      assert.equal(await isListed(resource, question), false, "it was deleted");
    }
  },
);

everyExample("a gateway's 404 makes nothing absent, found or deleted", async (bench) => {
  const { resource, example } = bench;
  const { external } = resource;
  if (isOfParts(resource)) return;
  const intent = bench.intent(example.spec);
  const id = await bench.create();
  const clock = new FakeClock();
  const workspace = clientOf(bench.mock, { clock, jobsApiVersion: bench.workspace.jobsApiVersion });
  const down = bench.mock.faults.add({ match: "/api/", status: 404, body: "<html><h1>Not Found</h1></html>" });
  const asked: (() => Promise<unknown>)[] = [
    () => external.observe(workspace, id, intent),
    () => external.find(workspace, intent, { since: Date.now() }),
    () => isListed(resource, { workspace, id, intent }),
    ...external.delete === undefined ? [] : [() => external.delete?.(workspace, id) ?? Promise.resolve()],
  ];
  for (const ask of asked) await assert.rejects(inTime(clock, ask()), UnavailableError);
  down.remove();
  await bench.observe(id);
});

everyExample(
  "separately read parts are absent with their resource, and not at a gateway's 404",
  async (bench) => {
    const { resource, example } = bench;
    const { parts } = resource;
    if (parts === undefined || !isAtOnce(parts)) return;
    const intent = bench.intent(example.spec);
    const id = await bench.create().catch(() => bench.idOfExisting(intent));
    const clock = new FakeClock();
    const workspace = clientOf(bench.mock, { clock, jobsApiVersion: bench.workspace.jobsApiVersion });
    const down = bench.mock.faults.add({ match: "/api/", status: 404, body: "<html><h1>Not Found</h1></html>" });
    await assert.rejects(inTime(clock, parts.read(workspace, id)), UnavailableError);
    down.remove();
    const gone = { error_code: "RESOURCE_DOES_NOT_EXIST", message: "It does not exist" };
    bench.mock.faults.add({ match: /permissions/, status: 404, body: JSON.stringify(gone) });
    assert.equal(await parts.read(bench.workspace, id), undefined);
  },
);
