/**
 * Checks GitHub's workflows locally.
 *
 * @module
 */
import { parse } from "yaml";

interface Step {
  readonly run?: string;
  readonly uses?: string;
}

interface Job {
  readonly steps?: readonly Step[];
  readonly uses?: string;
  readonly needs?: string | readonly string[];
  readonly permissions?: unknown;
  readonly "timeout-minutes"?: number;
}

interface Workflow {
  readonly permissions?: unknown;
  readonly jobs?: Readonly<Record<string, Job>>;
}

/**
 * Returns the problems of a workflow: it grants permissions beyond those of its jobs, runs unknown tasks, uses unpinned
 * actions, or inserts untrusted text into a script.
 *
 * @param tasks The tasks of deno.json.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { workflowProblems } from "./workflows.ts";
 *
 * const text = `
 * permissions: {}
 * jobs:
 *   test:
 *     permissions: { contents: read }
 *     timeout-minutes: 5
 *     steps: [{ uses: actions/checkout@main }, { run: deno task --quiet nonsense }]
 * `;
 * assert.deepEqual(workflowProblems(text, ["ok"]), [
 *   "test: actions/checkout@main is not pinned to a version or commit",
 *   'test: deno.json has no task "nonsense"',
 * ]);
 * ```
 */
export function workflowProblems(text: string, tasks: readonly string[]): string[] {
  const { permissions, jobs = {} } = parse(text) as Workflow;
  const problems = JSON.stringify(permissions) === "{}"
    ? []
    : ["permissions: {} is missing: each job declares its own permissions"];
  for (const [name, job] of Object.entries(jobs)) {
    const needs = [job.needs ?? []].flat();
    problems.push(
      ...needs.filter((need) => !(need in jobs)).map((need) => `${name}: needs "${need}", which is not a job`),
    );
    if (job.permissions === undefined) problems.push(`${name}: has no permissions`);
    if (job.uses === undefined && job["timeout-minutes"] === undefined) {
      problems.push(`${name}: has no timeout-minutes`);
    }
    for (const step of job.steps ?? []) {
      problems.push(...stepProblems(step, tasks).map((problem) => `${name}: ${problem}`));
    }
  }
  return problems;
}

function stepProblems({ uses, run = "" }: Step, tasks: readonly string[]): string[] {
  const problems: string[] = [];
  if (uses !== undefined && !/^[\w.-]+\/[\w./-]+@(v\d+(\.\d+)*|[0-9a-f]{40})$/.test(uses)) {
    problems.push(`${uses} is not pinned to a version or commit`);
  }
  for (const [, task = ""] of run.matchAll(/\bdeno task (?:--quiet )?([\w:-]+)/g)) {
    if (!tasks.includes(task)) problems.push(`deno.json has no task "${task}"`);
  }
  // The names of branches and tags are untrusted text: they must be passed through the environment.
  if (/\$\{\{/.test(run)) problems.push(`a script contains an expression: pass it through env`);
  return problems;
}
