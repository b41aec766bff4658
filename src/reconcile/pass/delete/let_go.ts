/**
 * The end of a deletion: an Event reports the fate of the external resource, and the finalizer is removed.
 *
 * @module
 */
import { isIngestedByDefault, isIngestible, type Resource } from "../../../resource.ts";
import { annotation } from "../../object/status.ts";
import { leftBehind } from "./left_behind.ts";
import type { Pass } from "../pass.ts";

/**
 * Removes the finalizer and reports the fate of the external resource.
 *
 * @param detail Why it is released; or which of its parts were deleted.
 */
export async function letGo(
  pass: Pass,
  reason: "Deleted" | "Released" | "Retained" | "LeftBehind",
  detail?: string,
): Promise<"done"> {
  const { dangers } = pass.resource;
  const what = pass.externalLabel;
  const fate = fateOf(pass.resource);
  const isGuarded = dangers?.deletesData !== undefined && annotation(pass.object, "deletionPolicy") === undefined;
  const guard = !isGuarded
    ? ""
    : `. It was not deleted because ${dangers.deletesData} would go with it: delete it in ` +
      `Databricks if nobody needs it, and set annotation databricks-operator/deletion-policy: delete on objects that are ` +
      `to take theirs with them`;
  const said = {
    Deleted: detail === undefined ? `Deleted ${what}` : `Deleted ${what}: ${detail}`,
    Released: `Released ${
      detail === undefined ? what : `${what}, since ${detail}`
    }: what is there stays in Databricks${fate}`,
    Retained: `Retained ${what}: it stays in Databricks${fate}${guard}`,
    LeftBehind: leftBehind(pass),
  }[reason];
  const isTrouble = reason === "LeftBehind";
  const action = reason === "Deleted" ? "delete" : "release";
  pass.report(isTrouble ? "Warning" : "Normal", reason, said, { action });
  await pass.dropFinalizers();
  pass.abandon();
  return "done";
}

/** The remark on how ingest treats a resource that stays. */
function fateOf(resource: Resource): string {
  if (isIngestedByDefault(resource)) return `, and is ingested again unless ingest is "false"`;
  return isIngestible(resource) ? `, and is ingested if ingest is "all" or names ${resource.plural}` : "";
}
