/**
 * Fields of a manifest that this version does not know: newer than it, or misspelt. They are reported in an Event, in
 * `Synced` for as long as they exist, and where the manifest is refused.
 *
 * @module
 */
import { isDeeperThan } from "../../../base/json.ts";
import type { Resource } from "../../../resource.ts";
import { escapeControls, shorten } from "../../../base/text.ts";
import { conditionOf, MAX_MESSAGE, printable } from "../../object/conditions.ts";
import { unknownFields } from "../../plan/fields.ts";
import type { Pass } from "../pass.ts";
import { ownershipOf, statusOf } from "../../object/status.ts";

/** The API server lets through a hundred times as much. */
export const MAX_LEVELS = 100;
/** The number of fields that a message names, and of characters of each. */
const MAX_NAMED = 5;
const MAX_LENGTH = 300;
/** The reasons of a refusal that an unknown field may be behind. */
const REFUSALS: readonly string[] = ["InvalidSpec", "InvalidRequest"];

/** The unknown fields of a manifest, in the words of messages; empty texts when there are none. */
export interface Unknown {
  /** `spec.runn: no such field, so it has no effect; check the spelling`. */
  readonly sentence: string;
  /** `; not known here: spec.runn: check the spelling`, for the end of another message. */
  readonly hint: string;
}

/** All fields are known. */
export const nothingUnknown: Unknown = { sentence: "", hint: "" };

/**
 * The fields of a manifest that a kind does not know.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { databricksJob } from "../../../resources/databricks_job.ts";
 * import { unknownOf } from "./unknown_fields.ts";
 *
 * assert.equal(unknownOf(databricksJob, { job: {}, runn: {} }).hint, "; not known here: spec.runn: check the spelling");
 * ```
 */
export function unknownOf(
  resource: Pick<Resource, "spec" | "passesOn" | "keepsBack" | "desiredPath">,
  spec: unknown,
): Unknown {
  // What is nested deeper is refused as a whole.
  if (isDeeperThan(spec, MAX_LEVELS)) return nothingUnknown;
  // Sorted, so that the words do not depend on the order in which an API server keeps fields.
  const paths = unknownFields(resource.spec, spec, "spec").sort();
  if (paths.length === 0) return nothingUnknown;
  const isPassedOn = (path: string) => passesOn(resource, path);
  const told = [
    [paths.filter((path) => !isPassedOn(path)), "no such field, so it has no effect"],
    [paths.filter(isPassedOn), "not known to this version, so it is passed on as it is"],
  ] as const;
  const clauses = told.filter(([some]) => some.length > 0).map(([some, what]) => `${listed(some)}: ${what}`);
  return {
    sentence: `${clauses.join("; ")}; check the spelling`,
    hint: `; not known here: ${listed(paths)}: check the spelling`,
  };
}

/** A failure's reason and message; a refusal's with the unknown fields that may be behind it, however long it is. */
export function withUnknown<Told extends { readonly reason: string; readonly message: string }>(
  told: Told,
  { hint }: Unknown,
): Told {
  if (hint === "" || !REFUSALS.includes(told.reason)) return told;
  return { ...told, message: shorten(printable(told.message), MAX_MESSAGE - hint.length) + hint };
}

/** Tells the authors of manifests, once for each edit. */
export class UnknownFields {
  /** The UID and generation of the last report, by the object's key. */
  readonly #told = new Map<string, string>();
  readonly #doubted = new Map<string, string>();

  /** Looks for unknown fields, before anything is refused or sent. Fields that Databricks wrote are not reported. */
  tell(pass: Pass): void {
    if (ownershipOf(pass.object) === "api") return;
    pass.unknown = unknownOf(pass.resource, pass.object.spec ?? {});
    const { sentence, hint } = pass.unknown;
    if (sentence === "") return;
    const edit = `${pass.uid} ${pass.generation}`;
    const shown = conditionOf(statusOf(pass.object).conditions, "Synced");
    // After a restart the condition knows.
    const isShown = shown?.observedGeneration === pass.generation &&
      (shown.message.startsWith(sentence) || shown.message.endsWith(hint));
    if (!isShown && this.#told.get(pass.key) !== edit) pass.event("Warning", "UnknownField", sentence);
    this.#told.set(pass.key, edit);
  }

  /** Tells what may be wrong with a manifest that was read; `Synced` shows it beside unknown fields. */
  doubt(pass: Pass, spec: Record<string, unknown>): void {
    if (ownershipOf(pass.object) === "api") return;
    const issues = pass.resource.doubts?.(spec) ?? [];
    if (issues.length === 0) return;
    const said = listed(issues.map(({ path, message }) => `${path}: ${message}`));
    const { sentence, hint } = pass.unknown;
    pass.unknown = { sentence: [sentence, said].filter(Boolean).join("; "), hint };
    const edit = `${pass.uid} ${pass.generation}`;
    const shown = conditionOf(statusOf(pass.object).conditions, "Synced");
    const isShown = shown?.observedGeneration === pass.generation && shown.message.endsWith(said);
    if (!isShown && this.#doubted.get(pass.key) !== edit) pass.event("Warning", "DoubtfulField", said);
    this.#doubted.set(pass.key, edit);
  }

  /** Forgets an object that is gone. */
  forget(key: string): void {
    this.#told.delete(key);
    this.#doubted.delete(key);
  }
}

function listed(paths: readonly string[]): string {
  const shown = paths.slice(0, MAX_NAMED).join(", ") + (paths.length > MAX_NAMED ? ", …" : "");
  return shorten(escapeControls(shown), MAX_LENGTH);
}

/** True of a path whose value Databricks is sent although the schema does not know it. */
export function passesOn(
  { passesOn: roots, keepsBack = [], desiredPath }: Pick<Resource, "passesOn" | "keepsBack" | "desiredPath">,
  path: string,
): boolean {
  const isBelow = (root: string) => path.startsWith(`${root}.`) || path.startsWith(`${root}[`);
  return (roots ?? [desiredPath]).some(isBelow) && !keepsBack.some(isBelow);
}
