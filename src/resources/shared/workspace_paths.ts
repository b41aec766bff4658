/**
 * Paths in the workspace: of folders, notebooks, files, dashboards, experiments.
 *
 * @module
 */
import type { SpecIssue } from "../../resource.ts";

/**
 * A path without `/Workspace` at the beginning and slashes at the end, which answers omit (databricks/cli compares
 * without).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { withoutWorkspace } from "./workspace_paths.ts";
 *
 * assert.equal(withoutWorkspace("/Workspace/Shared/etl/"), "/Shared/etl");
 * assert.equal(withoutWorkspace("/Workspaces/etl"), "/Workspaces/etl");
 * ```
 */
export function withoutWorkspace(path: string): string {
  return path.replace(/^\/Workspace(?=\/)/, "").replace(/\/+$/, "") || "/";
}

/** The folder of a path. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** Finds errors in a path that must begin at the root of the workspace. */
export function isWorkspacePath(at: string, path: string): SpecIssue[] {
  if (/^\/[^\p{Cc}]+$/u.test(path) && !path.split("/").some((step) => step === "." || step === "..")) return [];
  return [{ path: at, message: 'must be a path from the root of the workspace, such as "/Shared/etl"' }];
}
