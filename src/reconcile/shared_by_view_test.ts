import assert from "node:assert/strict";
import { settle } from "../base/clock_fake.ts";
import { type Shareable, SharedByView } from "./shared_by_view.ts";

/** A value that notes what happens to it. */
class Noting implements Shareable<Noting> {
  readonly notes: string[] = [];
  constructor(readonly members: () => readonly string[]) {}
  start(): void {
    this.notes.push(`started with ${this.members().join()}`);
  }
  stop(): Promise<void> {
    this.notes.push("stopped");
    return Promise.resolve();
  }
  adopt(other: Noting): void {
    this.notes.push(`adopted of one with ${other.members().join()}`);
  }
}

function shared(views: Record<string, string>): SharedByView<Noting> {
  return new SharedByView({ viewOf: (namespace) => views[namespace] ?? "", make: (members) => new Noting(members) });
}

Deno.test("namespaces of one view share one value, which starts when all have joined; other views have their own", async () => {
  const all = shared({ a: "x", b: "y", c: "x" });
  const [a, b, c] = ["a", "b", "c"].map((namespace) => all.of(namespace));
  await settle();
  assert.equal(a, c);
  assert.notEqual(a, b);
  assert.deepEqual([a?.notes, b?.notes], [["started with a,c"], ["started with b"]]);
  assert.deepEqual(all.places(), ["a", "b", "c"]);
});

Deno.test("a namespace whose view changes keeps its writes, and the last one to leave ends a value", async () => {
  const views: Record<string, string> = { a: "x", b: "x" };
  const all = shared(views);
  const old = all.of("a");
  all.of("b");
  await settle();
  views.a = "y";
  const next = all.of("a");
  assert.deepEqual(next.notes, ["adopted of one with a,b"]);
  assert.deepEqual(old.members(), ["b"]);
  views.b = "y";
  assert.equal(all.of("b"), next);
  assert.deepEqual(old.notes, ["started with a,b", "stopped"]);
  assert.deepEqual(next.members(), ["a", "b"]);
});

Deno.test("a forgotten value is dropped, and starts again", async () => {
  const all = shared({ a: "x" });
  const first = all.of("a");
  await settle();
  all.forget("a");
  assert.deepEqual([first.notes, all.places(), all.known("a")], [["started with a", "stopped"], [], undefined]);
  assert.notEqual(all.of("a"), first);
});

Deno.test("after a stop no value starts", async () => {
  const all = shared({ a: "x", b: "y" });
  const [a] = [all.of("a")];
  await all.stop();
  const b = all.of("b");
  await settle();
  assert.deepEqual([a.notes, b.notes], [["stopped"], []]);
});
