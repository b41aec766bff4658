/**
 * The state of an app: of its compute, of its newest deployment and of what runs in it.
 *
 * @module
 */
import * as z from "zod";
import type { App } from "../../databricks/types.ts";
import type { ExternalState } from "../../resource.ts";
import { type Deployed, isUnderWay, newestOf, runs } from "./app_deployments.ts";

/** An app as it was looked at. */
export type ObservedApp = App & Deployed & {
  /** What the last update brings, where the app does not hold what is asked for. */
  readonly coming?: Readonly<Record<string, unknown>> | undefined;
  /** The state of that update. */
  readonly last_update?: { readonly state?: string | undefined; readonly message?: string | undefined } | undefined;
};

/** The delay before the next look at what takes minutes (ms). */
const LOOK_AGAIN_MS = 15_000;

/** The status fields. */
export const statusFields = {
  state: z.string().describe("The state of its compute: ACTIVE, STOPPED and others").optional(),
  app_state: z.string().describe("The state of the application: RUNNING, CRASHED and others").optional(),
  deployment_id: z.string().describe("The newest deployment").optional(),
  deployment_state: z.string().describe("Its state: IN_PROGRESS, SUCCEEDED, FAILED or CANCELLED").optional(),
  url: z.string().describe("The app's address").optional(),
  service_principal_client_id: z.string().describe("The application id of its service principal, for grants")
    .optional(),
};

/** The values of {@link statusFields}. */
export function showApp(app: ObservedApp): Record<string, unknown> {
  const newest = newestOf(app);
  return {
    state: app.compute_status?.state,
    app_state: app.app_status?.state,
    deployment_id: newest?.deployment_id,
    deployment_state: newest?.status?.state,
    url: app.url,
    service_principal_client_id: app.service_principal_client_id,
  };
}

const available: ExternalState = { ready: true, reason: "Available", message: "is there" };

/** An app that is stopped is ready: whether it runs is for the manifest to say. */
export function appState(app: ObservedApp): ExternalState {
  const { state, message } = app.compute_status ?? {};
  if (state === "DELETING") return waiting("Deleting", "is being deleted in Databricks");
  if (state === "STARTING") return waiting("Starting", "is starting");
  if (state === "STOPPING") return waiting("Stopping", "is stopping");
  if (state === "ERROR") return failed("has compute that failed", message);
  const { last_update: update } = app;
  if (state === "UPDATING" || update?.state === "IN_PROGRESS") return waiting("Updating", "is being updated");
  if (update?.state === "FAILED") {
    return failed("has an update that failed", update.message, "It is made again when spec.app changes");
  }
  return runs(app) ? codeState(app) : available;
}

function codeState(app: ObservedApp): ExternalState {
  const newest = newestOf(app);
  const { state, message } = newest?.status ?? {};
  if (isUnderWay(newest)) return waiting("Updating", "is being deployed");
  if (state === "FAILED" || state === "CANCELLED") {
    const how = state === "FAILED" ? "failed" : "was canceled";
    return failed(`has a deployment that ${how}`, message, "Another one is made when spec.app.deployment changes");
  }
  const { state: running, message: why } = app.app_status ?? {};
  if (running === "CRASHED") return failed("has crashed", why);
  if (running === "DEPLOYING") return waiting("Updating", "is being deployed");
  if (running === "UNAVAILABLE" && newest !== undefined) return waiting("Starting", "does not answer yet");
  return available;
}

function waiting(reason: "Deleting" | "Starting" | "Stopping" | "Updating", message: string): ExternalState {
  return { ready: false, reason, message, lookAgainMs: LOOK_AGAIN_MS };
}

function failed(what: string, why: string | undefined, advice?: string): ExternalState {
  const told = [why ? `${what}: ${why.replace(/\.$/, "")}` : what, ...advice === undefined ? [] : [advice]].join(". ");
  return { ready: false, failed: true, reason: "ExternalFailed", message: told };
}
