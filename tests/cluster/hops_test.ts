/** The path of a create from the watch's event to the request, as listed in docs/architecture.md. */
import assert from "node:assert/strict";
import { WorkQueue } from "../../src/reconcile/queue.ts";
import { clusterTest, job } from "../support/harness.ts";

/** Returns the functions of src on a stack, outermost first, with their names on the page. */
function hops(stack = ""): string[] {
  const lines = [...stack.matchAll(/at (?:async )?(?:Object\.)?(\S+) \(file:\S*?\/src\/(\S+?\.ts):/g)];
  return lines.map(([, name, file]) => `${file} ${name}`).reverse();
}

/** Records the stack of the first call to a method of an object; {@link Symbol.dispose} restores the method. */
function watched<T extends object>(target: T, method: keyof T & string, isMeant: (argument: unknown) => boolean) {
  const original = target[method] as (...args: unknown[]) => unknown;
  const seen: { stack?: string } = {};
  const note = function (this: unknown, ...args: unknown[]): unknown {
    if (seen.stack === undefined && isMeant(args[0])) {
      const { stackTraceLimit } = Error;
      Error.stackTraceLimit = 50;
      seen.stack = new Error().stack ?? "";
      Error.stackTraceLimit = stackTraceLimit;
    }
    return original.apply(this, args);
  };
  Object.assign(target, { [method]: note });
  return { seen, [Symbol.dispose]: () => void Object.assign(target, { [method]: original }) };
}

/** Returns the hops in the page's table below a heading. */
async function listed(heading: string): Promise<string[]> {
  const text = await Deno.readTextFile("docs/architecture.md");
  const [section = ""] = text.split(`## ${heading}\n`)[1]?.split("\n## ") ?? [];
  return [...section.matchAll(/^\| +\d+ +\| `(\S+)` +\| `(\S+)` +\|/gm)].map(([, file, name]) => `${file} ${name}`);
}

clusterTest("a create passes exactly the functions that docs/architecture.md lists", async (world) => {
  using queued = watched(WorkQueue.prototype, "add", (key) => String(key).endsWith("/x"));
  using sent = watched(
    world.workspace.transport,
    "send",
    (request) => (request as Request).url.endsWith("/jobs/create"),
  );
  await world.apply(job("x"));
  await world.ready("DatabricksJob", "x");
  const event = hops(queued.seen.stack);
  // A list or a watch may deliver the object; from here on the path is the same.
  const told = event.findIndex((hop) => hop.endsWith("Informer.#tell"));
  const way = [...event.slice(told), "reconcile/queue.ts WorkQueue.add", ...hops(sent.seen.stack)];
  assert.deepEqual(way, await listed("From an event to a call"));
});
