import assert from "node:assert/strict";
import type { z } from "zod";
import type { Status as Written } from "../reconcile/object/status.ts";
import type { Runs } from "../resource.ts";
import type { commonStatus, onceStatus, runStatus } from "../resource/status.ts";
import { jobRuns } from "../resources/shared/job_runs.ts";
import { statusOf } from "./status_schema.ts";

type Listed = z.infer<z.ZodObject<typeof commonStatus & typeof runStatus & typeof onceStatus>>;

/** `true` if the schema names each field that is written, else the names that it lacks. */
type Names<Value, Schema> = [Exclude<keyof Value, keyof Schema>] extends [never] ? true
  : Exclude<keyof Value, keyof Schema>;
type NamesIn<Field extends keyof Written & keyof Listed> = Names<
  NonNullable<Written[Field]>,
  NonNullable<Listed[Field]>
>;
type Elements<List> = List extends readonly (infer Element)[] ? Element : never;

Deno.test("the schema contains each status field that the reconciler writes; the API server would drop others", () => {
  // The compiler is the test: a missing field makes one of these `true` an error that names it.
  const named: Record<string, true> = {
    status: true satisfies Names<Written, Listed>,
    conditions: true satisfies Names<Elements<Written["conditions"]>, Elements<Listed["conditions"]>>,
    pending: true satisfies NamesIn<"pending">,
    source: true satisfies NamesIn<"source">,
    runRequest: true satisfies NamesIn<"run_request">,
  };
  assert.ok(named);
});

Deno.test("an empty status is valid", () => assert.ok(statusOf({ runs: jobRuns as Runs }).safeParse({}).success));

Deno.test("only kinds with runs have run fields", () => {
  assert.ok("latest_run" in statusOf({ runs: jobRuns as Runs }).shape);
  assert.ok(!("latest_run" in statusOf({}).shape));
});
