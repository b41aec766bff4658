/**
 * Ids that are names, and that differ in upper and lower case only: whether Databricks keeps them apart is not known until
 * it has shown so. Until then they are taken for one, so that two objects do not write the same resource.
 *
 * @module
 */
import type { Workspace } from "../../resource.ts";
import type { KindState } from "../kind_state.ts";

/** Asks Databricks, where another object holds an id that differs from this one in case only. */
export async function tellApart(
  { resource: { external }, claims }: KindState,
  { workspace, id, uid }: { readonly workspace: Workspace; readonly id: string; readonly uid: string },
): Promise<void> {
  if (external.areDistinct === undefined) return;
  for (const other of claims.spellings(workspace.host, id, uid)) {
    if (await external.areDistinct(workspace, id, other)) return claims.keepsCase(workspace.host);
  }
}
