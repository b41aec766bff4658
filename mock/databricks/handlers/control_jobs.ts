/**
 * `/_/jobs` and `/_/runs`: actions of a person in the web application, for programs that use a served mock.
 *
 * Ids are strings here, since some JSON parsers do not keep an int64 exact.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import { isObject } from "../../../src/base/json.ts";
import type { Settings } from "../job_settings.ts";
import type { MockWorkspace } from "../workspace.ts";
import { endpoint } from "./endpoint.ts";

/** A copy with the changes merged in, at any depth; `null` removes a field. */
export function merge(target: Settings, changes: Settings): Settings {
  const merged: Settings = { ...target };
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) delete merged[name];
    else merged[name] = isObject(value) ? merge(isObject(merged[name]) ? merged[name] : {}, value) : value;
  }
  return merged;
}

/** The handlers of `/_/jobs` and `/_/runs`. */
export function controlJobsHandlers({ jobs, runs }: MockWorkspace): HttpHandler[] {
  return [
    endpoint("get", "/_/jobs", () => ({ jobs: jobs.all() })),
    endpoint("post", "/_/jobs", ({ body }) => ({ job_id: jobs.add(body) })),
    endpoint("patch", "/_/jobs/:id", ({ params, body }) => {
      jobs.edit(params.id!, (settings) => merge(settings, body));
      return jobs.get(params.id!);
    }),
    endpoint("delete", "/_/jobs/:id", ({ params }) => {
      jobs.remove(jobs.require(params.id!).job_id);
    }),
    endpoint("post", "/_/jobs/:id/runs", ({ params, body }) => ({ run_id: runs.start(params.id!, body) })),
    endpoint("post", "/_/runs/:id/finish", ({ params, body }) => {
      runs.finish(params.id!, body.result_state, body.state_message);
      return runs.get(params.id!);
    }),
  ];
}
