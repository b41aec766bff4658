import assert from "node:assert/strict";
import { changelogProblems } from "./changelog.ts";
import { problems } from "./check.ts";
import { versionsOf } from "./versions.ts";
import { workflowProblems } from "./workflows.ts";

Deno.test("release: all offline checks pass", async () => {
  assert.deepEqual(await problems(), []);
});

Deno.test("release: a tag of another version, which the changelog does not have, is rejected", async () => {
  const found = (await problems({ tag: "v99.0.0" })).join("\n");
  assert.match(found, /the tag says 99\.0\.0, and deno\.json/);
});

Deno.test("release: a version needs a section with content", () => {
  const empty = "## Unreleased\n\n## 1.0.0 - 2026-01-31\n";
  const unreleased = "## Unreleased\n\n- New.\n";
  const table: [string, boolean, number][] = [[empty, false, 1], [unreleased, false, 0], [unreleased, true, 1]];
  for (const [text, isRelease, count] of table) {
    assert.equal(changelogProblems(text, { version: "1.0.0", isRelease }).length, count);
  }
});

Deno.test("release: chart and installation have the version of deno.json", async () => {
  const root = new URL(`file://${await Deno.makeTempDir({ prefix: "release-" })}/`);
  const files = {
    "deno.json": '{ "version": "1.2.3" }',
    "charts/databricks-kube-operator/Chart.yaml": "version: 1.2.4\nappVersion: 1.2.5\n",
    "deploy/install.yaml": "containers:\n  - image: ghcr.io/example/databricks-kube-operator:1.2.6\n",
  };
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(new URL(`${path}/..`, root), { recursive: true });
    await Deno.writeTextFile(new URL(path, root), text);
  }
  assert.deepEqual((await versionsOf(root)).map(({ version }) => version), ["1.2.3", "1.2.4", "1.2.5", "1.2.6"]);
  await Deno.remove(root, { recursive: true });
});

Deno.test("release: a workflow with all permissions, a missing job or an injected expression is reported", () => {
  const text = `
permissions: write-all
jobs:
  a:
    needs: b
    steps:
      - { uses: "docker://alpine" }
      - run: echo "\${{ github.ref_name }}"
`;
  assert.deepEqual(workflowProblems(text, []).length, 6, workflowProblems(text, []).join("\n"));
});
