/**
 * Ids that are names and differ only in case. Until Databricks has shown that it distinguishes them, they count as one,
 * so that two objects do not write the same resource.
 *
 * @module
 */
import type { Workspace } from "../../../resource.ts";
import type { KindState } from "../../kind_state.ts";

/** Reads the resource from Databricks if another object holds an id that differs from this one only in case. */
export async function tellApart(
  { resource: { external }, claims }: KindState,
  { workspace, id, uid }: { readonly workspace: Workspace; readonly id: string; readonly uid: string },
): Promise<void> {
  if (external.areDistinct === undefined) return;
  for (const other of claims.spellings(workspace.host, id, uid)) {
    if (await external.areDistinct(workspace, id, other)) return claims.keepsCase(workspace.host);
  }
}
