/** Runs docs/review.md literally, after docs/practise.md, and the pipelines of examples/ci, step by step. */
import assert from "node:assert/strict";
import { clusterTest, job, manifest, type World } from "../support/harness.ts";
import { Pipeline, type Posted } from "../support/pipeline_scripts.ts";
import { AUTO } from "../support/planning.ts";
import { followPage } from "../support/practice.ts";

const MARKER = "<!-- databricks-kube-operator plan -->";
const START = { ...AUTO, needs: ["kubectl", "curl", "jq"] } as const;

clusterTest("every command of docs/review.md works as shown, and only the merge writes", async (world) => {
  const { compared, calls } = await followPage(world, "docs/review.md");
  assert.equal(compared, 7);
  const writes = Object.entries(calls).filter(([call]) => !call.startsWith("GET "));
  assert.deepEqual(Object.fromEntries(writes), { "POST /api/2.2/jobs/create": 1, "POST /api/2.2/jobs/reset": 1 });
}, { start: false, settings: null, needs: ["kubectl"] });

Deno.test("docs/review.md links to the pipelines, and they name every exit code of plan", async () => {
  const page = await Deno.readTextFile("docs/review.md");
  for (const name of ["github", "gitlab"]) {
    const text = await Deno.readTextFile(`examples/ci/${name}.yml`);
    assert.match(page, new RegExp(`\\(\\.\\./examples/ci/${name}\\.yml\\)`));
    assert.match(text, /0: nothing to do, 2: something would change, 1: something is wrong/);
  }
});

/** Runs a pipeline on manifests for each state of a pull request. */
async function inEachCase(world: World, run: (pipeline: Pipeline) => Promise<boolean>): Promise<Posted[]> {
  await using pipeline = await Pipeline.open(world);
  await pipeline.write(job("etl", { timeout_seconds: 60 }));
  assert.ok(await run(pipeline), pipeline.output);
  await pipeline.write(job("etl", { timeout_seconds: "soon" }));
  assert.equal(await run(pipeline), false, "an invalid manifest fails");
  await pipeline.write(manifest("DatabricksSecret", "etl", { scope: "team", secret_name: "nowhere" }));
  assert.equal(await run(pipeline), false, "an object that the operator would reject fails");
  assert.deepEqual(world.workspace.ledger.writes(), []);
  return pipeline.posted;
}

function checkComments(posted: readonly Posted[]): void {
  assert.deepEqual(posted.map(({ body }) => body.split("\n")[0]), [MARKER, MARKER]);
  const [first = "", second = ""] = posted.map(({ body }) => body);
  assert.match(first, /^### Databricks: 1 to create$/m);
  assert.match(first, /^\+60$/m);
  assert.match(second, /^### Databricks: 1 failed$/m);
}

clusterTest("the GitHub workflow comments the plan, and fails for an invalid manifest", async (world) => {
  checkComments(await inEachCase(world, (pipeline) => pipeline.github("examples/ci/github.yml")));
}, START);

clusterTest(
  "the GitLab pipeline notes the plan, replaces its note, and fails for an invalid manifest",
  async (world) => {
    const posted = await inEachCase(world, (pipeline) => pipeline.gitlab("examples/ci/gitlab.yml"));
    checkComments(posted);
    assert.deepEqual(posted.map(({ method, path }) => `${method} ${path}`), [
      "POST /projects/7/merge_requests/5/notes",
      "PUT /projects/7/merge_requests/5/notes/1",
    ]);
  },
  START,
);
