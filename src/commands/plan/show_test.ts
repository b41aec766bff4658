import assert from "node:assert/strict";
import type { Planned } from "./planned.ts";
import { diffsOf, jsonOf, markdownOf, type Plans, summaryOf, textOf, yamlOf } from "./show.ts";

function planned(more: Partial<Planned> = {}): Planned {
  return {
    ...{ kind: "DatabricksJob", namespace: "team", name: "etl", file: "job.yaml", line: 3 },
    ...{ result: "change", action: "update", cause: "manifest", resource: "job 7", notes: [] },
    changes: [{ path: "timeout_seconds", from: 3600, to: 600, reason: "manifest" }],
    ...more,
  };
}

function plans(...objects: Planned[]): Plans {
  return { workspace: "https://x.example", objects };
}

Deno.test("a plan as text contains its changes, its costs and the annotation that approves it", () => {
  const text = textOf(plans(
    planned({ cost: "its clusters", approval: "needed", digest: "9f31c2aa00112233" }),
    planned({ result: "unchanged", name: "same", changes: [] }),
    planned({ result: "failed", name: "bad", changes: [], message: "spec.x: wrong" }),
  ));
  assert.equal(
    text,
    `~ DatabricksJob team/etl (job 7): update by manifest
    ~ timeout_seconds: 3600 → 600
  costs its clusters
  waits for the approval databricks-operator/approve: 9f31c2aa00112233
! job.yaml:3: DatabricksJob team/bad (job 7): spec.x: wrong
Plan for https://x.example: 1 to update, 1 unchanged, 1 failed`,
  );
});

Deno.test("a diff has a hunk for each field, with its context lines", () => {
  const change = { path: "tags", from: { a: "1", b: "2" }, to: { a: "1", b: "3" }, reason: "manifest" } as const;
  const added = { path: "tasks[load]", to: { task_key: "load" }, reason: "manifest" } as const;
  assert.equal(
    diffsOf(plans(planned({ changes: [change, added] }))),
    `--- Databricks: job 7
+++ job.yaml:3: DatabricksJob team/etl
@@ tags @@
 a: "1"
-b: "2"
+b: "3"
@@ tasks[load] @@
+task_key: load`,
  );
});

Deno.test("a value cannot end the code block of a comment or a line of a terminal", () => {
  const hostile = "```\n</details><img src=x> @everyone \u001b[31m";
  const all = plans(planned({ changes: [{ path: "description", to: hostile, reason: "manifest" }] }));
  const markdown = markdownOf(all);
  const [, fence = ""] = /^(`{3,})diff$/m.exec(markdown) ?? [];
  assert.equal(fence, "````");
  assert.equal(markdown.split("\n").filter((line) => line === fence).length, 1);
  for (const shown of [textOf, diffsOf, markdownOf, jsonOf, yamlOf]) {
    assert.ok(!shown(all).includes("\u001b"), shown.name);
  }
  const failed = markdownOf(plans(planned({ result: "failed", changes: [], message: "<img> [x](y) @all `a`" })));
  assert.doesNotMatch(failed, /<img>|\[x\]|@all/);
});

Deno.test("a comment that is too long for GitHub is cut between two objects, and says so", () => {
  const long = { path: "description", to: "x".repeat(1000), reason: "manifest" } as const;
  const many = Array.from({ length: 100 }, (_, index) => planned({ name: `job-${index}`, changes: [long] }));
  const markdown = markdownOf(plans(...many));
  assert.ok(markdown.length < 65_536);
  assert.match(markdown, /^\d+ more objects do not fit into a comment/m);
  assert.equal(markdown.match(/<details>/g)?.length, markdown.match(/<\/details>/g)?.length);
});

Deno.test("the summary counts actions in the order of their severity", () => {
  assert.equal(summaryOf(plans()), "nothing to plan");
  const all = [
    planned({ result: "unchanged" }),
    planned(),
    planned({ action: "create" }),
    planned({ action: "recreate" }),
  ];
  assert.equal(summaryOf(plans(...all)), "1 to create, 1 to update, 1 to recreate, 1 unchanged");
});
