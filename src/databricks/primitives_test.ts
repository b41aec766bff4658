import assert from "node:assert/strict";
import * as z from "zod";
import { anything, int64, openEnum, stringMap } from "./primitives.ts";

Deno.test("int64 accepts only exact integers", () => {
  for (const value of [0, -1, 2 ** 53 - 1, 9007199254740993n]) assert.equal(int64.safeParse(value).success, true);
  for (const value of [1.5, 2 ** 53, NaN, Infinity, "1", null, true]) {
    assert.equal(int64.safeParse(value).success, false, String(value));
  }
});

Deno.test("int64 says in its error how to correct the value", () => {
  assert.equal(int64.safeParse("7").error?.issues[0]?.message, "must be an integer");
});

Deno.test("openEnum accepts a value that Databricks adds later, but not a number", () => {
  const provider = openEnum(["gitHub", "gitLab"]);
  assert.equal(provider.parse("codeberg"), "codeberg");
  assert.equal(provider.safeParse(1).success, false);
  assert.deepEqual(provider.meta()?.knownValues, ["gitHub", "gitLab"]);
});

Deno.test("stringMap converts any scalar to text, as unquoted YAML yields them", () => {
  const map = { text: "a", number: 2, large: 9007199254740993n, yes: true, empty: "" };
  assert.deepEqual(stringMap.parse(map), {
    text: "a",
    number: "2",
    large: "9007199254740993",
    yes: "true",
    empty: "",
  });
});

Deno.test("stringMap rejects anything but scalars, in one sentence", () => {
  for (const value of [null, ["a"], { b: 1 }]) {
    const { error } = z.object({ tags: stringMap }).safeParse({ tags: { a: value } });
    assert.deepEqual(error?.issues.map(({ path, message }) => [path.join("."), message]), [
      ["tags.a", "must be a string, a number or a boolean"],
    ]);
  }
});

Deno.test("anything accepts any value", () => {
  for (const value of [null, 1, "a", [{}]]) assert.deepEqual(anything.parse(value), value);
});
