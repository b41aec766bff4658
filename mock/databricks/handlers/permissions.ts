/**
 * `/api/2.0/permissions/jobs/{id}`.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import type { Doubts } from "../doubts.ts";
import { malformed, notFound } from "../errors.ts";
import { readId } from "../ids.ts";
import type { Job, Jobs } from "../jobs.ts";
import type { JobAccess, Permissions } from "../permissions.ts";
import { type Answer, type Call, endpoint } from "./endpoint.ts";

function answer(job: Job, list: JobAccess[]): Record<string, unknown> {
  const direct = list.map(({ permission_level, ...principal }) => ({
    ...principal,
    // A person's or application's name as the web application shows it; groups have none.
    ...(principal.group_name === undefined && {
      display_name: principal.user_name ?? principal.service_principal_name,
    }),
    all_permissions: [{ permission_level, inherited: false }],
  }));
  // Workspace admins manage every job; they inherit it, so no request can take it from them.
  const inherited = { permission_level: "CAN_MANAGE", inherited: true, inherited_from_object: ["/jobs/"] };
  const admins = { group_name: "admins", all_permissions: [inherited] };
  return { object_id: `/jobs/${job.job_id}`, object_type: "job", access_control_list: [...direct, admins] };
}

function readList(body: Call["body"]): JobAccess[] {
  const list = body.access_control_list ?? [];
  if (!Array.isArray(list)) throw malformed("Could not parse request object: access_control_list is not an array");
  return list;
}

/** The handlers of the Permissions API, for jobs only. */
export function permissionsHandlers(jobs: Jobs, permissions: Permissions, doubts: Doubts): HttpHandler[] {
  const path = "/api/2.0/permissions/jobs/:id";
  const withJob = (change: (job: Job, call: Call) => void): Answer => (call) => {
    const id = readId(call.params.id, "id");
    permissions.checkVisible(id);
    const job = jobs.get(id) ?? (doubts.permissionsOfMissing === "404" ? undefined : jobs.former(id));
    if (!job) throw notFound(`Job ${id} does not exist.`);
    change(job, call);
    return answer(job, permissions.access(job));
  };
  return [
    endpoint("get", path, withJob(() => {})),
    endpoint("put", path, withJob((job, { body }) => permissions.setAccess(job, readList(body)))),
    endpoint("patch", path, withJob((job, { body }) => permissions.mergeAccess(job, readList(body)))),
  ];
}
