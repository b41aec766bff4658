/** The project's manifests of other projects' kinds match the schemas that those projects publish. */
import assert from "node:assert/strict";
import { Ajv } from "ajv";
import { parse } from "yaml";

/** The examples, the schemas of their kinds, and mistakes that each schema must find. */
const cases = [
  {
    example: "examples/runs/argo-workflows.yaml",
    schema: "tests/published/argo_workflow_template.json",
    mistakes: [["successCondition", "successCondtion"], ["action: create", "action: [create]"], [
      "manifest: |",
      "manifests: |",
    ]],
  },
  {
    example: "examples/runs/tekton-task.yaml",
    schema: "tests/published/tekton_task.json",
    mistakes: [["script: |", "scripts: |"], ["name: run\n", "names: run\n"], [
      "params: [{ name: job }]",
      "params: { name: job }",
    ]],
  },
] as const;

async function problemsOf(schema: string, text: string): Promise<string[]> {
  const validate = new Ajv({ allErrors: true }).compile(JSON.parse(await Deno.readTextFile(schema)));
  validate(parse(text));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

for (const { example, schema, mistakes } of cases) {
  Deno.test(`${example} matches the schema that its project publishes, and a mistake in it does not`, async () => {
    const text = await Deno.readTextFile(example);
    assert.deepEqual(await problemsOf(schema, text), []);
    for (const [right, wrong] of mistakes) {
      assert.ok(text.includes(right), right);
      assert.notDeepEqual(await problemsOf(schema, text.replace(right, wrong)), [], wrong);
    }
  });
}
