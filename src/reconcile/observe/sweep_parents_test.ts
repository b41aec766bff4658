import assert from "node:assert/strict";
import { settle } from "../../base/clock_fake.ts";
import { classify, type DatabricksError } from "../../databricks/errors.ts";
import type { Resource } from "../../resource.ts";
import { World } from "../../../tests/support/sweeper.ts";

/** A world whose kind lists below parents; each parent's list is what the test gives. */
function parental(lists: Record<string, Record<string, unknown> | Error>, listed: string[]): World {
  const external: Partial<Resource["external"]> = {
    async *list(_workspace, { parent = "" } = {}) {
      listed.push(parent);
      const list = lists[parent] ?? {};
      if (list instanceof Error) throw list;
      yield await Promise.resolve(Object.entries(list).map(([id, value]) => ({ id, observed: { value } })));
    },
  };
  return new World(external, { parents: () => [...Object.keys(lists), ...Object.keys(lists)] });
}

function refusal(status: number, code: string): DatabricksError {
  return classify({ endpoint: "GET /api/2.1/things", status, code, message: "no", host: "x" });
}

Deno.test("each parent in use is listed once, and a missing or hidden parent does not affect the others", async () => {
  const listed: string[] = [];
  const gone = refusal(404, "RESOURCE_DOES_NOT_EXIST");
  const denied = refusal(403, "PERMISSION_DENIED");
  await using world = parental({ main: { "main.a": 1 }, gone, denied, dev: { "dev.b": 1 } }, listed);
  world.bound.set("main.a", ["team/a"]);
  world.sweeper.start();
  await settle();
  assert.deepEqual(listed, ["main", "gone", "denied", "dev"]);
  assert.deepEqual(world.inspected, [["main.a", "dev.b"]]);
  assert.equal(world.sweeper.failure, undefined);
});

Deno.test("an outage in one parent's list aborts the whole sweep, so that nothing seems to be gone", async () => {
  await using world = parental({ main: { "main.a": 1 }, dev: refusal(503, "TEMPORARILY_UNAVAILABLE") }, []);
  world.sweeper.start();
  await settle();
  assert.deepEqual(world.inspected, []);
});
