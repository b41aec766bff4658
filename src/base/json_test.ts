import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson, isObject, parseJson, stringifyJson } from "./json.ts";

Deno.test("parseJson keeps integers exact, and leaves other numbers and texts alone", () => {
  const table: [text: string, value: unknown][] = [
    ["9007199254740991", 9007199254740991],
    ["9007199254740993", 9007199254740993n],
    ["-9223372036854775808", -9223372036854775808n],
    ["9223372036854775807", 9223372036854775807n],
    ["0.1234567890123456789", 0.1234567890123456789],
    ["1234567890123456789.5", 1234567890123456789.5],
    ["1e300", 1e300],
    ['"9007199254740993"', "9007199254740993"],
    ['[{"a":901234567890123457},1,null]', [{ a: 901234567890123457n }, 1, null]],
    ['{"id" :\n 901234567890123457 , "s":"\\"1:901234567890123457"}', {
      id: 901234567890123457n,
      s: '"1:901234567890123457',
    }],
    ['["\\u0000#901234567890123457",901234567890123457]', ["\0#901234567890123457", 901234567890123457n]],
    [
      '{"__proto__":{"a":901234567890123457}}',
      JSON.parse('{"__proto__":{"a":0}}', (key, value) => {
        return key === "a" ? 901234567890123457n : value;
      }),
    ],
    ["[-1234567890123456.5e3,12345678901234567e2]", [-1234567890123456.5e3, 12345678901234567e2]],
  ];
  for (const [text, value] of table) assert.deepEqual(parseJson(text), value, text);
});

Deno.test("parseJson stays fast on a text of many MB with a long integer", () => {
  const long = { text: `${"a".repeat(5_000_000)}\\"${'"\\'.repeat(1_000_000)}`, id: 0 };
  const text = JSON.stringify(long).replace(/0}$/, "901234567890123457}");
  assert.deepEqual(parseJson(text), { ...long, id: 901234567890123457n });
});

Deno.test("any integer keeps its digits in a round trip", () => {
  fc.assert(fc.property(fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), fc.boolean(), (integer, nested) => {
    const text = nested ? `{"ids":[${integer}]}` : `${integer}`;
    assert.equal(stringifyJson(parseJson(text)), text);
  }));
});

Deno.test("parseJson equals JSON.parse if nothing is rounded", () => {
  fc.assert(fc.property(fc.json(), (text) => {
    const plain = JSON.parse(text);
    const hasLargeInteger = /\d{16}/.test(text);
    if (!hasLargeInteger) assert.deepEqual(parseJson(text), plain);
    // A text with a long integer is parsed in another way, with the same result.
    assert.deepEqual(parseJson(`[${text},901234567890123457]`), [parseJson(text), 901234567890123457n]);
    assert.equal(JSON.stringify(JSON.parse(stringifyJson(parseJson(text)))), JSON.stringify(plain));
  }));
});

Deno.test("parseJson throws SyntaxError on invalid JSON, with or without long integers", () => {
  const long = "12345678901234567890";
  const broken = [
    `{'a':${long}}`,
    `{${long}:1}`,
    `[0${long}]`,
    `[+${long}]`,
    `[-]`,
    `[${long} 1]`,
    `[.${long}]`,
    `[${long}a]`,
  ];
  for (const text of ["", "{", "<html>", ...broken]) {
    assert.throws(() => parseJson(text), SyntaxError);
  }
});

Deno.test("stringifyJson omits undefined, and indents on request", () => {
  assert.equal(stringifyJson({ a: undefined, id: 2n ** 63n }), '{"id":9223372036854775808}');
  assert.equal(stringifyJson({ id: 1n }, 2), '{\n  "id": 1\n}');
});

Deno.test("canonicalJson does not depend on the order of keys, on undefined or on the type of an integer", () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
    const reversed = Object.fromEntries(Object.entries(value).reverse());
    assert.equal(canonicalJson({ ...value, gone: undefined }), canonicalJson({ ...reversed, gone: value.gone }));
  }));
  assert.equal(canonicalJson({ a: [1n, { c: null, b: "x" }] }), '{"a":[1,{"b":"x","c":null}]}');
});

Deno.test("canonicalJson distinguishes different values", () => {
  fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
    assert.equal(canonicalJson(a) === canonicalJson(b), JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)));
  }));
});

Deno.test("isObject is true for JSON objects only", () => {
  for (const value of [null, [], "a", 1, 1n, true, undefined]) assert.equal(isObject(value), false);
  assert.equal(isObject({}), true);
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
  return { entries: entries.map(([key, item]) => [key, sorted(item)]) };
}

for (const levels of [10, 5000, 100_000]) {
  Deno.test(`a value of ${levels} nested levels is read and written exactly`, () => {
    const inner =
      '[9012345678901234567,-1,1234567890123456,"90123456789012345 \\" 90123456789012345",{"__proto__":null}]';
    const text = `${'{"a":['.repeat(levels)}${inner}${"]}".repeat(levels)}`;
    assert.equal(stringifyJson(parseJson(text)), text);
  });
}

Deno.test("keys such as __proto__ are ordinary keys, and pollute nothing", () => {
  const text =
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"a":{"__proto__":90123456789012345}}';
  assert.equal(stringifyJson(parseJson(text)), text);
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});

Deno.test("a value nested too deeply for a comparison is an error that says so", () => {
  assert.throws(() => canonicalJson(parseJson(`${"[".repeat(20_000)}${"]".repeat(20_000)}`)), /nested too deeply/);
});
