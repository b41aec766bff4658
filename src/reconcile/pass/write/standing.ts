/**
 * Differences between Databricks and the manifest that no write removes: they are reported for as long as they remain.
 *
 * @module
 */
import { conditionOf } from "../../object/conditions.ts";
import { BlockedError } from "../../object/outcome.ts";
import { statusOf } from "../../object/status.ts";
import { type Standing, standing } from "../../plan/standing.ts";
import { listed, shown } from "../../plan/show.ts";
import { needsBaseline } from "./baseline.ts";
import { situationOf } from "./decide.ts";
import type { Seen } from "../external/observe.ts";
import type { Pass } from "../pass.ts";
import type { Work } from "../work.ts";

/** The reasons that this file reports. */
export const REASONS: readonly string[] = ["NotApplied", "Immutable"];

/**
 * Refuses to report a resource as synced that is not.
 *
 * @throws {BlockedError} with the path, the wanted value and the value in Databricks.
 */
export function refuseStanding(work: Work, seen: Seen): void {
  const { pass } = work;
  if (pass.problem !== undefined) throw pass.problem;
  if (needsBaseline(pass)) return;
  if (typeof seen === "string") return refuseAsBefore(pass);
  const found = standing(situationOf(work, seen));
  const moved = found.filter(({ why }) => why === "moved");
  if (moved.length > 0) throw new BlockedError("Immutable", movedText(pass, moved));
  if (found.length > 0) throw new BlockedError("NotApplied", ignoredText(pass, found));
}

/** Nothing was read, so the last report still holds. */
function refuseAsBefore(pass: Pass): void {
  const before = conditionOf(statusOf(pass.object).conditions, "Synced");
  if (before?.observedGeneration !== pass.generation || !REASONS.includes(before.reason)) return;
  throw new BlockedError(before.reason as "NotApplied" | "Immutable", before.message);
}

function movedText({ resource: { desiredPath, fields }, externalLabel }: Pass, moved: Standing[]): string {
  const told = moved.map(({ path, wanted, got }) =>
    `${desiredPath}.${path} is ${shown(path, wanted, fields)}, but ${externalLabel} has ${shown(path, got, fields)}`
  );
  return `${listed(told)}: this cannot be written, so change it back in Databricks, or put its value into the manifest`;
}

function ignoredText({ resource: { desiredPath, fields }, externalLabel }: Pass, found: Standing[]): string {
  const told = found.map(({ path, wanted, got, why }) =>
    why === "left"
      ? `${desiredPath}.${path} is removed, but no call removes it from ${externalLabel}, which has ` +
        shown(path, got, fields)
      : `${desiredPath}.${path}: wanted ${shown(path, wanted, fields)}, got ${shown(path, got, fields)}`
  );
  const remedy = found.every(({ why }) => why === "left")
    ? "set it again, or delete this object and create it again"
    : "Databricks accepted the request and did not apply this: correct the value, or remove the field";
  return `${listed(told)}; ${remedy}`;
}
