/**
 * Reads the JUnit reports of `deno test`.
 *
 * @module
 */

/** The maximum length of an error in the list of failures (characters). */
const SHOWN = 300;

/**
 * Counts the results in a JUnit report.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { countResults } from "./junit.ts";
 *
 * const xml = '<testsuites tests="5" failures="1" errors="0"><testsuite tests="5" disabled="2"></testsuite></testsuites>';
 * assert.deepEqual(countResults(xml), { passed: 2, failed: 1, ignored: 2 });
 * ```
 */
export function countResults(xml: string): { passed: number; failed: number; ignored: number } {
  const sum = (name: string) =>
    [...xml.matchAll(/<testsuite\b[^>]*>/g)].map(([tag]) => Number(tag.match(new RegExp(`${name}="(\\d+)"`))?.[1] ?? 0))
      .reduce((a, b) => a + b, 0);
  const total = Number(xml.match(/<testsuites\b[^>]* tests="(\d+)"/)?.[1] ?? 0);
  const failed = Number(xml.match(/<testsuites\b[^>]* failures="(\d+)"/)?.[1] ?? 0) +
    Number(xml.match(/<testsuites\b[^>]* errors="(\d+)"/)?.[1] ?? 0);
  const ignored = sum("disabled") + sum("skipped");
  return { passed: total - failed - ignored, failed, ignored };
}

/**
 * Returns the needs of the skipped tests from a JUnit report.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { missingNeeds } from "./junit.ts";
 *
 * const xml = '<testcase name="explain works (needs kubectl on the PATH)" line="1"><skipped/></testcase>';
 * assert.deepEqual(missingNeeds(xml), ["needs kubectl on the PATH"]);
 * ```
 */
export function missingNeeds(xml: string): string[] {
  const names = [...xml.matchAll(/<testcase name="([^"]*)"[^>]*>\s*<skipped/g)].map(([, name = ""]) => name);
  return [...new Set(names.map((name) => name.match(/\(((?:needs|not run:) [^()]*)\)$/)?.[1] ?? name))];
}

/** A failed test. */
export interface Failure {
  readonly name: string;
  /** The first line of its error: the other lines are in the output. */
  readonly error: string;
}

/**
 * Returns the failed tests with their errors. A report names the file that registers a test, such as a harness, and not
 * the file that contains it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { failures } from "./junit.ts";
 *
 * const xml = '<testcase name="a &gt; b" classname="./a_test.ts" line="1">' +
 *   '<failure message="Uncaught Error: 2 &lt; 1\nmore">…</failure></testcase>';
 * assert.deepEqual(failures(xml), [{ name: "a > b", error: "Error: 2 < 1" }]);
 * ```
 */
export function failures(xml: string): Failure[] {
  const found = xml.matchAll(/<testcase name="([^"]*)"[^>]*>\s*<failure message="([^"]*)"/g);
  return [...found].map(([, name = "", message = ""]) => {
    const [first = ""] = message.replace(/^Uncaught /, "").split("\n");
    return { name: unescaped(name), error: unescaped(first).slice(0, SHOWN) };
  });
}

/** The result of one test, or of one step, whose name is `test > step`. */
export interface TestResult {
  readonly file: string;
  readonly name: string;
  readonly hasPassed: boolean;
}

/**
 * Returns the results of all tests and steps.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { results } from "./junit.ts";
 *
 * const xml = '<testcase name="a &gt; b" classname="./a_test.ts" line="1">\n</testcase>' +
 *   '<testcase name="c" classname="./a_test.ts" line="2">\n<skipped/></testcase>';
 * assert.deepEqual(results(xml).map(({ name, hasPassed }) => [name, hasPassed]), [["a > b", true], ["c", false]]);
 * ```
 */
export function results(xml: string): TestResult[] {
  const found = xml.matchAll(/<testcase name="([^"]*)" classname="([^"]*)"[^>]*>\s*(<(?:failure|error|skipped)\b)?/g);
  return [...found].map(([, name = "", file = "", mark]) => ({
    file: unescaped(file),
    name: unescaped(name),
    hasPassed: mark === undefined,
  }));
}

function unescaped(text: string): string {
  const entities: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (whole, name: string) => entities[name] ?? whole);
}
