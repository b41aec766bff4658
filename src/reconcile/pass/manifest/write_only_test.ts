import assert from "node:assert/strict";
import { isSameSource, SentValues, sourceOf, type Values } from "./write_only.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** A Secret's values, as of a version. */
function values(resourceVersion: string, data: Record<string, string>): Values {
  const source = { name: "token", uid: "secret-uid", resourceVersion };
  const about = { kind: "Secret", field: "spec.secret_name" } as const;
  return {
    ...about,
    source,
    values: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, bytes(text)])),
  };
}

function send(sent: SentValues, uid: string, { values }: Values): void {
  for (const [key, value] of Object.entries(values)) sent.record(uid, key, value);
}

Deno.test("a value that was never sent is due", () => {
  assert.deepEqual([...new SentValues().changed("uid", values("1", { a: "x", b: "y" }), undefined)], ["a", "b"]);
});

Deno.test("within a process only keys with changed values are due, whatever the version", () => {
  const sent = new SentValues();
  const first = values("1", { a: "x", b: "y" });
  send(sent, "uid", first);
  assert.deepEqual([...sent.changed("uid", first, undefined)], []);
  assert.deepEqual([...sent.changed("uid", values("2", { a: "x", b: "y" }), first.source)], []);
  assert.deepEqual([...sent.changed("uid", values("3", { a: "x", b: "z", c: "" }), first.source)], ["b", "c"]);
});

Deno.test("a value that changes back is due again", () => {
  const sent = new SentValues();
  for (const text of ["x", "y", "x"]) {
    const now = values("1", { a: text });
    assert.deepEqual([...sent.changed("uid", now, undefined)], ["a"]);
    send(sent, "uid", now);
  }
});

Deno.test("after a restart nothing of an unchanged Secret is due, and later changes are seen", () => {
  const recorded = values("1", {}).source;
  const sent = new SentValues();
  assert.deepEqual([...sent.changed("uid", values("1", { a: "x" }), recorded)], []);
  assert.deepEqual([...sent.changed("uid", values("2", { a: "y" }), recorded)], ["a"]);
  assert.deepEqual([...sent.changed("uid", values("2", { a: "x" }), recorded)], []);
});

Deno.test("after a restart all keys of a changed Secret are due", () => {
  const { source } = values("1", {});
  const others = [{ ...source, resourceVersion: "0" }, { ...source, uid: "other" }, { ...source, name: "other" }];
  for (const recorded of [undefined, ...others]) {
    assert.deepEqual([...new SentValues().changed("uid", values("1", { a: "x", b: "y" }), recorded)], ["a", "b"]);
  }
});

Deno.test("values sent for one object do not count for another", () => {
  const sent = new SentValues();
  send(sent, "one", values("1", { a: "x" }));
  assert.deepEqual([...sent.changed("two", values("1", { a: "x" }), undefined)], ["a"]);
});

Deno.test("an object that is gone is forgotten", () => {
  const sent = new SentValues();
  send(sent, "uid", values("1", { a: "x" }));
  sent.forget("uid");
  assert.deepEqual([...sent.changed("uid", values("2", { a: "x" }), undefined)], ["a"]);
});

Deno.test("the memory contains no value and no hash of one", () => {
  const sent = new SentValues();
  send(sent, "uid", values("1", { a: "hunter2" }));
  assert.ok(!JSON.stringify(sent).includes("hunter2"));
  assert.ok(!Deno.inspect(sent, { depth: 9, showHidden: true }).includes("hunter2"));
});

Deno.test("a source is the state of one Secret, and two missing Secrets are the same source", () => {
  const metadata = { name: "token", uid: "u", resourceVersion: "7", labels: { a: "b" } };
  const source = sourceOf({ metadata });
  assert.deepEqual(source, { name: "token", uid: "u", resourceVersion: "7" });
  assert.equal(isSameSource(source, { ...source }), true);
  assert.equal(isSameSource(source, undefined), false);
  assert.equal(isSameSource(undefined, undefined), true);
  for (const field of ["name", "uid", "resourceVersion"]) {
    assert.equal(isSameSource(source, { ...source, [field]: "other" }), false, field);
  }
});
