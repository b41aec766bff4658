/** Limits the length of files and functions: the exceptions are listed, and the list only gets shorter. */
import assert from "node:assert/strict";
import { functionsOf, lineCount } from "./support/shape.ts";

const FILE = 350;
const FUNCTION = 45;

const root = new URL("../", import.meta.url);

/** Nobody reads generated files, and a consumer's example is a separate project. */
const LEFT_OUT = /^(src\/databricks\/types\.ts|tests\/consumers\/node\/.*)$/;

/** Files over the limit, with their number of lines. Shorten them; never add a row. */
const longFiles: Readonly<Record<string, number>> = {};

/** Functions over the limit, with their number of lines. Shorten them; never add a row. */
const longFunctions: Readonly<Record<string, number>> = {
  "tests/chart/migration_test.ts: fn": 65,
  "tests/schedules/steps.ts: inWords": 63,
  "tests/schedules/schedule.ts: perform": 63,
  "tests/cluster/export_test.ts: an export restored elsewhere takes over each resource, twice, and creates nothing": 50,
  "tests/faults/watch_stream.ts: tell": 48,
  "tests/schedules/life.ts: constructor": 46,
};

async function* sources(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* sources(path);
    else if (path.endsWith(".ts") && !LEFT_OUT.test(path)) yield path;
  }
}

const texts = new Map<string, string>();
for (const folder of ["src", "mock", "tools", "tests", "bench"]) {
  for await (const path of sources(folder)) texts.set(path, await Deno.readTextFile(new URL(path, root)));
}

/** Prints everything over a limit, the longest first. */
function print(what: string, over: ReadonlyMap<string, number>): void {
  const sorted = [...over].sort(([, left], [, right]) => right - left);
  console.log([`${what}: ${over.size}`, ...sorted.map(([name, lines]) => `${lines} ${name}`)].join("\n  "));
}

/** Fails if anything over a limit is new or has grown, or if a row is no longer needed. */
function compare(over: ReadonlyMap<string, number>, listed: Readonly<Record<string, number>>): void {
  const known = new Map(Object.entries(listed));
  const grown = [...over].filter(([name, lines]) => lines > (known.get(name) ?? 0));
  assert.deepEqual(grown, [], "divide it where its subject changes");
  assert.deepEqual([...known.keys()].filter((name) => !over.has(name)), [], "it is short now: take it off the list");
}

Deno.test("shape: no file has more than 350 lines, except the listed ones", () => {
  const lines = [...texts].map(([path, text]): [string, number] => [path, lineCount(text)]);
  const over = new Map(lines.filter(([, count]) => count > FILE));
  print(`files over ${FILE} lines`, over);
  compare(over, longFiles);
});

Deno.test("shape: no function has more than 45 lines, except the listed ones", () => {
  const over = new Map<string, number>();
  for (const [path, text] of texts) {
    for (const { name, lines } of functionsOf(path, text)) {
      const key = `${path}: ${name}`;
      if (lines > FUNCTION) over.set(key, Math.max(lines, over.get(key) ?? 0));
    }
  }
  print(`functions over ${FUNCTION} lines`, over);
  compare(over, longFunctions);
});

Deno.test("shape: a new, grown or unnecessary exception fails", () => {
  const comparing = (over: Record<string, number>, listed: Record<string, number>) => () =>
    compare(new Map(Object.entries(over)), listed);
  assert.doesNotThrow(comparing({ a: 400 }, { a: 410 }));
  assert.throws(comparing({ a: 400, b: 351 }, { a: 400 }), /divide it/);
  assert.throws(comparing({ a: 401 }, { a: 400 }), /divide it/);
  assert.throws(comparing({}, { a: 400 }), /off the list/);
});

Deno.test("shape: the measure sees every form of a function, and ignores strings and comments", () => {
  const text = `
function plain() {
  return "{";
}
class Thing {
  constructor() {
    // }
  }
  async #hidden<T>(
    list: T[],
  ) {
    return list.map((one) => one);
  }
  get value() { return \`\${"{"}\`; }
}
const arrow = (a: number) =>
  a + 1;
const table = { handler: () => 1, method() { return /}/; } };
Deno.test("what it claims", async () => {
  await new Thing();
});
list.map(function* () {});
`;
  const seen = functionsOf("example.ts", text).map(({ name, lines }) => `${name} ${lines}`);
  assert.deepEqual(seen, [
    "plain 3",
    "constructor 3",
    "#hidden 5",
    "list.map( 1",
    "value 1",
    "arrow 2",
    "handler 1",
    "method 1",
    "what it claims 3",
    "list.map( 1",
  ]);
  assert.equal(lineCount("a\nb\n"), 2);
  assert.equal(lineCount("a\nb"), 2);
});
