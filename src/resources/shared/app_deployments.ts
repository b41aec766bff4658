/**
 * Deployments of an app: what a manifest says of one, which one is the newest, and whether that is what is asked for.
 *
 * A deployment is compared by what an answer tells of it. Values of environment variables and the revision are told by
 * none, so each change of them deploys; a default that is spelled out does not.
 *
 * @module
 */
import * as z from "zod";
import { type App, AppDeployment, AppHealthCheck, AppsGitSource, EnvVar } from "../../databricks/types.ts";
import type { CelRule, SpecIssue } from "../../resource.ts";
import { isWorkspacePath, withoutWorkspace } from "./workspace_paths.ts";

const { branch, commit, source_code_path: folder, tag } = AppsGitSource.shape;

// The repository is the app's: a deployment takes none (databricks/cli: bundle/appdeploy/app.go).
const GitReference = z.looseObject({ branch, commit, source_code_path: folder, tag })
  .meta({ typeName: "apps.ManagedGitSource" });

const { command, health_check, mode, source_code_path } = AppDeployment.shape;

/** The schema of `spec.app.deployment`. */
export const Deployment = z.looseObject({
  source_code_path,
  git_source: GitReference.optional(),
  mode,
  command,
  env_vars: z.array(EnvVar).optional(),
  health_check,
  revision: z.string().optional(),
}).meta({ typeName: "apps.ManagedDeployment" });

/** A deployment, as a call takes it: `revision` is ours. */
const Sent = z.object({
  source_code_path,
  git_source: z.object(GitReference.shape).optional(),
  mode,
  command,
  env_vars: z.array(z.object(EnvVar.shape)).optional(),
  health_check: z.object(AppHealthCheck.shape).optional(),
});

/** The fields of a deployment that a call takes. */
export function sentDeployment(deployment: Deployment): Record<string, unknown> {
  return Sent.parse(deployment);
}

/** A deployment, as a manifest has it. */
export type Deployment = z.infer<typeof Deployment>;

/** An app with the deployments that an answer tells of, and the newest one where that is read besides. */
export type Deployed =
  & Pick<App, "active_deployment" | "pending_deployment" | "compute_status" | "default_source_code_path">
  & { readonly default_git_source?: unknown; readonly last_deployment?: AppDeployment | undefined };

/** Rules of the CRD. */
export const deploymentRules: readonly CelRule[] = [{
  at: ["app", "deployment"],
  rule: "has(self.source_code_path) != has(self.git_source)",
  message: "source_code_path and git_source exclude each other, and one of them is needed",
}, {
  at: ["app", "deployment", "git_source"],
  rule: "[has(self.branch), has(self.tag), has(self.commit)].filter(x, x).size() == 1",
  message: "git_source needs one of branch, tag and commit",
}];

/** Finds errors in a deployment that the rules cannot. */
export function deploymentIssues({ source_code_path: path }: Deployment = {}): SpecIssue[] {
  return path === undefined ? [] : isWorkspacePath("spec.app.deployment.source_code_path", path);
}

/** The states of compute in which code runs, and can be deployed. */
const RUNNING: readonly (string | undefined)[] = ["ACTIVE", "UPDATING"];

/** True while an app's compute runs. */
export function runs({ compute_status }: Pick<App, "compute_status">): boolean {
  return RUNNING.includes(compute_status?.state);
}

/** True for an app that ran code once: Databricks deploys that again when the app starts. */
export function wasDeployed(app: Deployed): boolean {
  return app.active_deployment !== undefined || app.default_git_source !== undefined ||
    (app.default_source_code_path ?? "") !== "";
}

/** The newest deployment of an app. One that failed stays pending, beside an older one that runs. */
export function newestOf(
  { last_deployment, pending_deployment, active_deployment }: Deployed,
): AppDeployment | undefined {
  return newestIn([last_deployment, pending_deployment, active_deployment]);
}

/** The newest of some deployments; the first one where no time tells. */
export function newestIn(deployments: readonly (AppDeployment | undefined)[]): AppDeployment | undefined {
  const [first, ...others] = deployments.filter((one) => one !== undefined);
  if (first === undefined) return undefined;
  return others.reduce((newest, one) => (timeOf(one) ?? 0) > (timeOf(newest) ?? Infinity) ? one : newest, first);
}

/** The time of a deployment (ms since the epoch); `undefined` where it is not told. */
export function timeOf({ create_time }: { readonly create_time?: string | undefined }): number | undefined {
  const at = Date.parse(create_time ?? "");
  return Number.isNaN(at) ? undefined : at;
}

/** True of a deployment that is under way. */
export function isUnderWay(deployment: AppDeployment | undefined): boolean {
  return deployment?.status?.state === "IN_PROGRESS";
}

/**
 * The deployment of an app, for comparison. `null` stands for whatever is asked for: what ran last is deployed again when a
 * stopped app starts, and is judged then. It is left out during the first start, so that the first deployment follows.
 */
export function deploymentOf(app: Deployed): Record<string, unknown> {
  if (!runs(app)) return app.compute_status?.state === "STARTING" && !wasDeployed(app) ? {} : { deployment: null };
  const { git_source, command, env_vars, mode, status, source_code_path } = newestOf(app) ?? {};
  const isActive = status?.state === "SUCCEEDED";
  return {
    deployment: {
      // Of the one that runs, this may be where Databricks keeps its copy (databricks/cli: dresources/app.go).
      source_code_path: isActive ? app.default_source_code_path || source_code_path : source_code_path,
      git_source,
      mode,
      command,
      env_vars,
    },
  };
}

/** True when an answered deployment may be the one that is asked for. */
export function isDeployment(asked: unknown, answered: unknown): boolean {
  if (answered === null) return true;
  if (answered === undefined) return false;
  const wanted = asked as Deployment;
  const held = answered as Deployment;
  return isSamePlace(wanted, held) && isOrUntold(wanted.mode, held.mode) && isSameCommand(wanted, held) &&
    isSameNames(wanted, held);
}

function isSamePlace(wanted: Deployment, held: Deployment): boolean {
  if (wanted.source_code_path !== undefined) {
    return withoutWorkspace(wanted.source_code_path) === withoutWorkspace(held.source_code_path ?? "");
  }
  const { git_source = {} } = wanted;
  const told = held.git_source;
  return told !== undefined &&
    (["branch", "tag", "commit", "source_code_path"] as const).every((field) =>
      (git_source[field] ?? "") === (told[field] ?? "") ||
      // What a branch or a tag was resolved to may be told as its commit.
      (field === "commit" && git_source.commit === undefined)
    );
}

function isOrUntold(asked: string | undefined, answered: string | undefined): boolean {
  return asked === undefined || answered === undefined || asked === answered;
}

function isSameCommand({ command: asked = [] }: Deployment, { command: answered }: Deployment): boolean {
  return asked.length === 0 || !Array.isArray(answered) || answered.length === 0 || same(asked, answered);
}

/** Values are masked in answers; what app.yaml names may be among the names. */
function isSameNames({ env_vars: asked = [] }: Deployment, { env_vars: answered }: Deployment): boolean {
  if (answered === undefined) return true;
  const names = answered.map(({ name }) => name);
  return asked.every(({ name }) => names.includes(name));
}

function same(asked: readonly string[], answered: readonly string[]): boolean {
  return asked.length === answered.length && asked.every((word, index) => word === answered[index]);
}

/** True of what a deployment has that no answer tells: a change of it is known by the manifest alone. */
export function isPartlyUntold({ env_vars = [], health_check, revision }: Deployment): boolean {
  return env_vars.length > 0 || health_check !== undefined || revision !== undefined;
}
