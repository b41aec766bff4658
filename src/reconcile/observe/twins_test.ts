import assert from "node:assert/strict";
import { databricksJob } from "../../resources/databricks_job.ts";
import { repo } from "../../resources/repo.ts";
import type { External, Workspace } from "../../resource.ts";
import { copiesAmong, findTwins, type Holding, type TwinOptions, Twins } from "./twins.ts";

const TAG = "owner";
const HOST = "https://a";
const job = (id: string, uid?: string): External => ({
  id,
  observed: { job_id: BigInt(id), settings: { tags: uid === undefined ? {} : { [TAG]: uid } } },
});

/** The twins among listed jobs, as `uid=ids`. */
function twinsOf(listed: External[], holdings: Record<string, Partial<Holding>>, more: Partial<TwinOptions> = {}) {
  const holding = (uid: string): Holding | undefined => {
    const found = holdings[uid];
    return found && { key: `team/${uid}`, id: undefined, workspace: HOST, isPending: false, ...found };
  };
  const found = findTwins(listed, {
    resource: databricksJob,
    tag: TAG,
    host: HOST,
    holding,
    isStale: () => false,
    ...more,
  });
  return [...found].map(([uid, twins]) => `${uid}=${twins.map(({ id }) => id)}`);
}

Deno.test("a twin is a resource with an object's tag that is not the object's resource", () => {
  const listed = [job("1", "u"), job("2", "u"), job("3", "u"), job("4", "v"), job("5"), job("6", "stranger")];
  assert.deepEqual(twinsOf(listed, { u: { id: "1" }, v: { id: "4" } }), ["u=2,3"]);
});

Deno.test("the resource of an object that moved to another workspace is a twin there", () => {
  assert.deepEqual(twinsOf([job("1", "u")], { u: { id: "1", workspace: "https://b" } }), ["u=1"]);
});

Deno.test("a resource that may be the object's own is not a twin: a create in flight, no id yet, a list older than the write", () => {
  const listed = [job("2", "u")];
  assert.deepEqual(twinsOf(listed, { u: { id: "1", isPending: true } }), []);
  assert.deepEqual(twinsOf(listed, { u: {} }), []);
  assert.deepEqual(twinsOf(listed, { u: { id: "1" } }, { isStale: (id) => id === "2" }), []);
});

Deno.test("without the tag setting, and for a kind without tags, there are no twins", () => {
  assert.deepEqual(twinsOf([job("2", "u")], { u: { id: "1" } }, { tag: "" }), []);
  assert.deepEqual(twinsOf([{ id: "2", observed: {} }], { u: { id: "1" } }, { resource: repo }), []);
});

Deno.test("twins are kept by lister, counted once, and reported when they change", () => {
  const twins = new Twins({ resource: databricksJob, holding: () => undefined });
  const [one, other] = [{}, {}];
  const found = (...ids: string[]) => new Map([["u", ids.map((id) => job(id, "u"))]]);
  assert.deepEqual(twins.replace(one, found("3", "2")), ["u"]);
  assert.deepEqual(twins.replace(one, found("2", "3")), [], "the order of a list is not a change");
  assert.deepEqual(twins.replace(other, found("2")), ["u"]);
  assert.deepEqual([twins.of("u"), twins.count], [["2", "3"], 2]);
  assert.deepEqual(twins.replace(one, new Map()), ["u"]);
  assert.deepEqual([twins.of("u"), twins.count], [["2"], 1]);
  twins.forget(other);
  assert.deepEqual([twins.of("u"), twins.of("v"), twins.count], [[], [], 0]);
});

Deno.test("a twin is a person's copy only if its creator is surely not our user", async () => {
  const twins = new Map([[
    "u",
    ["operator@example.com", "ann@example.com"].map((creator, index) => ({
      id: String(index),
      observed: { creator_user_name: creator },
    })),
  ]]);
  const copiesFor = async (us: string) => {
    const external = { ...databricksJob.external, self: () => Promise.resolve(us) };
    return [...await copiesAmong(twins, { ...databricksJob, external }, {} as Workspace)];
  };
  assert.deepEqual(await copiesFor("Operator@Example.com"), ["1"]);
  assert.deepEqual(await copiesFor(""), [], "our identity is unknown");
});
