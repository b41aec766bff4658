/**
 * Runs a law of the contract (`src/resource.ts`) for every kind, or for every example of every kind.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Resource } from "../../src/resource.ts";
import { resources } from "../../src/resources/mod.ts";
import { tellingDoubts } from "../support/doubts.ts";
import { Bench } from "./bench.ts";

/** The versions of the Jobs API that a kind may call. */
export const versions = ["2.2", "2.1"];

/** Registers a test of each example of each kind, with each version of the Jobs API that the kind calls. */
export function everyExample(claim: string, test: (bench: Bench) => Promise<void> | void): void {
  for (const resource of resources) {
    const isVersioned = Object.values(resource.endpoints).some(({ path }) => path.includes("{jobs_api_version}"));
    for (const version of isVersioned ? versions : ["2.2"]) {
      const api = resource.runs !== undefined ? ` (Jobs API ${version})` : "";
      for (const example of resource.examples) {
        const name = `${resource.kind}, "${example.title}"${api}: ${claim}`;
        Deno.test(name, async () => {
          const bench = new Bench(resource, example, { version, test: name });
          await bench.prepare();
          await tellingDoubts(name, bench.mock.doubts, () => test(bench));
          assert.deepEqual(bench.mock.unhandled, []);
        });
      }
    }
  }
}

/** Registers a test of each kind. */
export function everyKind(claim: string, test: (resource: Resource) => Promise<void> | void): void {
  for (const resource of resources) Deno.test(`${resource.kind}: ${claim}`, () => test(resource));
}
