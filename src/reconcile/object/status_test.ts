import assert from "node:assert/strict";
import type { KubeObject } from "../../kubernetes/client.ts";
import {
  annotation,
  annotationProblem,
  FINALIZER,
  hasFinalizer,
  hasPredecessorFinalizer,
  ownershipOf,
  statusOf,
} from "./status.ts";

const object = (metadata: KubeObject["metadata"]): KubeObject => ({ metadata });

Deno.test("an object without a status has an empty one", () => {
  for (const status of [undefined, null, "text", []]) {
    assert.deepEqual(statusOf({ metadata: {}, status } as unknown as KubeObject), {});
  }
  assert.deepEqual(statusOf({ metadata: {}, status: { id: "1" } }), { id: "1" });
});

Deno.test("an object has owner operator unless its annotation says api", () => {
  const owned = (owner?: string) =>
    ownershipOf(object(owner === undefined ? {} : { annotations: { "databricks-operator/owner": owner } }));
  assert.deepEqual([owned(), owned("operator"), owned("api"), owned("API"), owned("")], [
    "operator",
    "operator",
    "api",
    "operator",
    "operator",
  ]);
});

Deno.test("annotations are read below our prefix", () => {
  const annotations = {
    "databricks-operator/adopt": "true",
    "databricks-operator/paused": "true",
    "databricks-operator/deletion-policy": "retain",
    "adopt": "false",
  };
  const read = (name: "adopt" | "paused" | "deletionPolicy" | "owner") => annotation(object({ annotations }), name);
  assert.deepEqual([read("adopt"), read("paused"), read("deletionPolicy"), read("owner")], [
    "true",
    "true",
    "retain",
    undefined,
  ]);
});

Deno.test("our finalizer is distinct from the predecessor's", () => {
  const table: [finalizers: string[] | undefined, ours: boolean, theirs: boolean][] = [
    [undefined, false, false],
    [[], false, false],
    [["foregroundDeletion"], false, false],
    [[FINALIZER], true, false],
    [["databricks-operator/remote_api_resource"], false, true],
    [["databricks-operator/remote_secret", "x"], false, true],
    [["databricks-operator/remote_secret", FINALIZER], true, true],
  ];
  for (const [finalizers, ours, theirs] of table) {
    const one = object(finalizers === undefined ? {} : { finalizers });
    assert.deepEqual([hasFinalizer(one), hasPredecessorFinalizer(one)], [ours, theirs], finalizers?.join());
  }
});

Deno.test("annotationProblem names the annotation, its value and the valid values", () => {
  const table: [Record<string, string>, string | undefined][] = [
    [{}, undefined],
    [{ "databricks-operator/owner": "api", "databricks-operator/adopt": "true" }, undefined],
    [{ "databricks-operator/adopt": `${crypto.randomUUID()},${crypto.randomUUID()}` }, undefined],
    [
      { "databricks-operator/adopt": "yes" },
      'annotation databricks-operator/adopt: "yes" must be "true" or "false", or the former UIDs of this object, in ' +
      "lower case and separated by commas",
    ],
    [{ "databricks-operator/owner": "API" }, 'annotation databricks-operator/owner: "API" must be "operator" or "api"'],
    [
      { "databricks-operator/deletion-policy": "keep" },
      'annotation databricks-operator/deletion-policy: "keep" must be "delete" or "retain"',
    ],
    [{ "databricks-operator/paused": "" }, 'annotation databricks-operator/paused: "" must be "true" or "false"'],
  ];
  for (const [annotations, problem] of table) assert.equal(annotationProblem({ metadata: { annotations } }), problem);
});

Deno.test("annotationProblem names every invalid annotation, and the valid ones", () => {
  const problem = (more: Record<string, string>) => {
    const annotations = Object.fromEntries(
      Object.entries(more).map(([key, value]) => [`databricks-operator/${key}`, value]),
    );
    return annotationProblem({ metadata: { annotations } }) ?? "";
  };
  assert.equal(
    problem({ paused: "yes", owner: "API" }),
    'annotation databricks-operator/owner: "API" must be "operator" or "api"; ' +
      'annotation databricks-operator/paused: "yes" must be "true" or "false"',
  );
  assert.match(
    problem({ team: "etl", paused: "on" }),
    /databricks-operator\/team is not known to this version, so all work stops: remove it; .*\/paused: "on" must be/,
  );
  assert.match(
    problem({ team: "etl" }),
    /remove it; known are databricks-operator\/owner, .*adopt, .*paused, .*deletion-policy$/,
  );
  assert.match(problem({ "deletion-polcy": "retain" }), /did you mean databricks-operator\/deletion-policy\?/);
});

Deno.test("annotationProblem cuts long values and removes control characters", () => {
  const problem = annotationProblem({
    metadata: { annotations: { "databricks-operator/owner": `\u202e${"x".repeat(100_000)}` } },
  }) ?? "";
  assert.ok(problem.length < 200, String(problem.length));
  assert.ok(!problem.includes("\u202e"));
});
