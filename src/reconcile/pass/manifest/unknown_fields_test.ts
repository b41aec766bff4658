import assert from "node:assert/strict";
import { object, type ObjectBuilder } from "../../../../tests/support/passes.ts";
import type { Resource } from "../../../resource.ts";
import { databricksJob } from "../../../resources/databricks_job.ts";
import { databricksSecret } from "../../../resources/databricks_secret.ts";
import { databricksSecretScope } from "../../../resources/databricks_secret_scope.ts";
import { gitCredential } from "../../../resources/git_credential.ts";
import { repo } from "../../../resources/repo.ts";
import { MAX_MESSAGE, printable } from "../../object/conditions.ts";
import { nothingUnknown, UnknownFields, unknownOf, withUnknown } from "./unknown_fields.ts";

const NO_EFFECT = "no such field, so it has no effect";
const PASSED_ON = "not known to this version, so it is passed on as it is";
const SPELLING = "check the spelling";

const settings = { tasks: [{ task_key: "a", notebok_task: {} }], max_concurent_runs: 2 };
const misspelt = { job: { settings } };
const named = "spec.job.settings.max_concurent_runs, spec.job.settings.tasks[0].notebok_task";
const MEANT = `${SPELLING}: did you mean max_concurrent_runs for max_concurent_runs, notebook_task for notebok_task?`;

const sentences: [what: string, resource: Resource, spec: Record<string, unknown>, sentence: string][] = [
  ["nothing", databricksJob, { job: { settings: { tasks: [] } }, run: {} }, ""],
  ["settings of a job", databricksJob, misspelt, `${named}: ${PASSED_ON}; ${MEANT}`],
  ["parameters of a run", databricksJob, { job: {}, run: { a: 1 } }, `spec.run.a: ${PASSED_ON}; ${SPELLING}`],
  ["a field beside the settings", databricksJob, { job: { a: 1 } }, `spec.job.a: ${NO_EFFECT}; ${SPELLING}`],
  [
    "both",
    databricksJob,
    { job: { settings: { a: 1 } }, runn: {} },
    `spec.runn: ${NO_EFFECT}; spec.job.settings.a: ${PASSED_ON}; ${SPELLING}: did you mean run for runn?`,
  ],
  ["a credential", gitCredential, { credential: { a: 1 } }, `spec.credential.a: ${PASSED_ON}; ${SPELLING}`],
  [
    "a repo",
    repo,
    { repository: { brnch: "main" } },
    `spec.repository.brnch: ${NO_EFFECT}; ${SPELLING}: did you mean branch?`,
  ],
  [
    "a scope",
    databricksSecretScope,
    { scope: { nam: "x" } },
    `spec.scope.nam: ${NO_EFFECT}; ${SPELLING}: did you mean name?`,
  ],
  ["a secret", databricksSecret, { scop: "x" }, `spec.scop: ${NO_EFFECT}; ${SPELLING}: did you mean scope?`],
];

for (const [what, resource, spec, sentence] of sentences) {
  Deno.test(`the message about unknown fields says whether they have an effect: ${what}`, () => {
    assert.equal(unknownOf(resource, spec).sentence, sentence);
  });
}

Deno.test("the message about many or long unknown fields is short, without control characters", () => {
  const many = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`a${index}`, 1]));
  assert.match(
    unknownOf(databricksJob, many).sentence,
    /^spec\.a0, spec\.a1, spec\.a2, spec\.a3, spec\.a4, …: no such/,
  );
  const long = Object.fromEntries(
    Array.from({ length: 5 }, (_, index) => [`${index}\u001b[31m\n${"é".repeat(1e5)}`, 1]),
  );
  const { sentence, hint } = unknownOf(databricksJob, { ...long, job: { settings: long } });
  for (const text of [sentence, hint]) assert.equal(printable(text), text);
  assert.match(sentence, /passed on as it is; check the spelling$/);
});

Deno.test("a manifest that is nested too deeply is not searched for unknown fields", () => {
  let deep: unknown = 1;
  for (let level = 0; level < 5000; level++) deep = { deep };
  assert.equal(unknownOf(databricksJob, { deep }), nothingUnknown);
});

Deno.test("a rejection message ends with the unknown fields, however long it is; other messages do not", () => {
  const unknown = unknownOf(databricksJob, misspelt);
  const hint = `; not known here: ${named}: ${MEANT}`;
  const told = (reason: string, message: string) => withUnknown({ reason, message }, unknown).message;
  for (const reason of ["InvalidSpec", "InvalidRequest"]) assert.equal(told(reason, "No"), `No${hint}`);
  assert.equal(told("Unavailable", "No"), "No");
  assert.equal(withUnknown({ reason: "InvalidSpec", message: "No" }, nothingUnknown).message, "No");
  const long = told("InvalidRequest", "\u0007".repeat(5000));
  assert.ok(long.length <= MAX_MESSAGE && long.endsWith(hint));
  assert.equal(printable(long), long);
});

/** The Events that a pass over an object gives. */
function tell(fields: UnknownFields, builder: ObjectBuilder, generation = 1): string[] {
  const pass = builder.pass();
  pass.object.metadata.generation = generation;
  fields.tell(pass);
  return pass.events;
}

const job = () => object(databricksJob, misspelt);

Deno.test("unknown fields are reported once per edit", () => {
  const fields = new UnknownFields();
  assert.deepEqual([1, 1, 1, 2, 2].map((generation) => tell(fields, job(), generation).length), [1, 0, 0, 1, 0]);
  fields.forget("team/etl");
  assert.equal(tell(fields, job(), 2).length, 1);
});

Deno.test("after a restart, unknown fields that the condition already names cause no second Event", () => {
  const { sentence, hint } = unknownOf(databricksJob, misspelt);
  const saying = (message: string) =>
    job().having({
      conditions: [{
        type: "Synced",
        status: "True",
        reason: "",
        message,
        observedGeneration: 1,
        lastTransitionTime: "2026-01-01T00:00:00Z",
      }],
    });
  for (const message of [sentence, `Cannot create job "etl": No${hint}`]) {
    assert.deepEqual(tell(new UnknownFields(), saying(message)), []);
    assert.deepEqual(tell(new UnknownFields(), saying(message), 2), ["UnknownField"]);
  }
  assert.deepEqual(tell(new UnknownFields(), saying("")), ["UnknownField"]);
});

Deno.test("fields that Databricks wrote into an api-owned object cause no Event", () => {
  assert.deepEqual(tell(new UnknownFields(), job().annotated({ owner: "api" })), []);
});

Deno.test("Synced names unknown fields while all is well, with the same message each time", () => {
  const pass = job().pass();
  new UnknownFields().tell(pass);
  pass.setReady("job 7 matches the manifest");
  const first = pass.status.conditions;
  const synced = first?.find(({ type }) => type === "Synced");
  assert.deepEqual([synced?.status, synced?.reason], ["True", "ReconcileSuccess"]);
  assert.equal(synced?.message, unknownOf(databricksJob, misspelt).sentence);
  const next = object(databricksJob, misspelt).having({ conditions: first ?? [] }).pass();
  new UnknownFields().tell(next);
  next.setReady("job 7 matches the manifest");
  assert.deepEqual(next.status.conditions, first);
});
