/** The findings of an editor in manifests, according to the schemas in schemas/. */
import assert from "node:assert/strict";
import { Ajv, type ValidateFunction } from "ajv";
import { parseAllDocuments } from "yaml";
import { GROUP, VERSION } from "../src/resource.ts";
import { kinds } from "../src/kinds.ts";

const FOLDER = `schemas/${GROUP}`;
const MODELINE = /^# yaml-language-server: \$schema=(\S+)$/m;

/** Loads the schemas of a folder, each under its file name. */
async function loadSchemas(): Promise<Ajv> {
  const ajv = new Ajv({ allErrors: true });
  for await (const { name } of Deno.readDir(FOLDER)) {
    ajv.addSchema(JSON.parse(await Deno.readTextFile(`${FOLDER}/${name}`)), name);
  }
  return ajv;
}

const ajv = await loadSchemas();

function validatorOf(name: string): ValidateFunction {
  const validate = ajv.getSchema(name);
  assert.ok(validate !== undefined, `there is a schema ${name}`);
  return validate;
}

/** Returns the findings of a schema in an object: `/spec/scope must have required property 'name'`. */
function problems(name: string, object: unknown): string[] {
  const validate = validatorOf(name);
  validate(object);
  return (validate.errors ?? []).map(({ instancePath, message, params }) =>
    `${instancePath} ${message} ${JSON.stringify(params)}`
  );
}

function documents(text: string): { kind: string; apiVersion: string }[] {
  return parseAllDocuments(text).map((document) => document.toJS());
}

Deno.test("every example validates against the schema that its first line names", async () => {
  let count = 0;
  for await (const { name, isFile } of Deno.readDir("examples")) {
    if (!isFile || name === "settings.yaml") continue;
    const text = await Deno.readTextFile(`examples/${name}`);
    const [, path = ""] = text.split("\n")[0]?.match(MODELINE) ?? [];
    assert.match(path, new RegExp(`^\\.\\./${FOLDER}/[a-z_0-9]+\\.json$`), `examples/${name} names its schema`);
    for (const object of documents(text)) {
      assert.deepEqual(problems(path.split("/").at(-1) ?? "", object), [], `examples/${name}`);
      count++;
    }
  }
  assert.ok(count >= kinds.length);
});

for (const resource of kinds) {
  const file = `${resource.kind.toLowerCase()}_${VERSION}.json`;
  Deno.test(`every declared example of ${resource.kind} validates, and one with an additional field does not`, () => {
    for (const { spec } of resource.examples) {
      const object = { apiVersion: `${GROUP}/${VERSION}`, kind: resource.kind, metadata: { name: "a" }, spec };
      assert.deepEqual(problems(file, object), []);
      assert.deepEqual(problems("all_v1.json", object), []);
      const wrong = { ...object, spec: { ...spec, nonsense: 1 } };
      assert.match(problems(file, wrong).join(), /\/spec must NOT have additional properties .*nonsense/);
      assert.match(problems("all_v1.json", wrong).join(), /nonsense/);
    }
  });
}

const job = (settings: unknown, metadata: unknown = {}) => ({
  apiVersion: `${GROUP}/${VERSION}`,
  kind: "DatabricksJob",
  metadata: { name: "etl", ...metadata as object },
  spec: { job: { settings } },
});

const wrong: readonly { what: string; object: unknown; says: RegExp }[] = [
  { what: "a misspelt field", object: job({ max_concurent_runs: 1 }), says: /settings must NOT have.*max_concurent/ },
  { what: "text for a number", object: job({ max_concurrent_runs: "one" }), says: /max_concurrent_runs must be/ },
  { what: "a task without a key", object: job({ tasks: [{}] }), says: /tasks\/0 must have required.*task_key/ },
  {
    what: "an annotation without quotes",
    object: job({}, { annotations: { "databricks-operator/paused": true } }),
    says: /annotations.* must be string/,
  },
  { what: "a kind that is none", object: { ...job({}), kind: "DatabricksJobs" }, says: /kind must be/ },
  { what: "no spec", object: { ...job({}), spec: undefined }, says: /must be object|required/ },
];

for (const { what, object, says } of wrong) {
  Deno.test(`an editor underlines ${what}`, () => {
    assert.match(problems("databricksjob_v1.json", object).join("\n"), says);
    assert.match(problems("all_v1.json", object).join("\n"), says);
  });
}

Deno.test("objects of other groups pass in files of several kinds", () => {
  assert.deepEqual(problems("all_v1.json", { apiVersion: "v1", kind: "Secret", metadata: {}, stringData: {} }), []);
});
