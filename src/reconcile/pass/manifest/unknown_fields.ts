/**
 * Fields of a manifest that this version does not know: newer than it, or misspelt. They are reported in an Event, in
 * `Synced` for as long as they exist, and where the manifest is refused.
 *
 * @module
 */
import { isDeeperThan } from "../../../base/json.ts";
import type { Resource, SpecIssue } from "../../../resource.ts";
import { escapeControls, shorten } from "../../../base/text.ts";
import { conditionOf, MAX_MESSAGE, printable } from "../../object/conditions.ts";
import { doubtfulValues } from "../../plan/doubtful.ts";
import { type UnknownField, unknownFields } from "../../plan/fields.ts";
import { isBelow } from "../../plan/path.ts";
import type { Pass } from "../pass.ts";
import { ownershipOf, statusOf } from "../../object/status.ts";

/** The API server accepts a hundred times as many. */
export const MAX_LEVELS = 100;
/** The most fields that a message names, and the characters of each. */
const MAX_NAMED = 5;
const MAX_LENGTH = 300;
/** The reasons of a refusal that an unknown field may cause. */
const REFUSALS: readonly string[] = ["InvalidSpec", "InvalidRequest"];

/** The unknown fields of a manifest, as text for messages; empty texts if there are none. */
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
 * assert.equal(unknownOf(databricksJob, { job: {}, runn: {} }).hint, "; not known here: spec.runn: check the spelling: did you mean run?");
 * ```
 */
export function unknownOf(
  resource: Pick<Resource, "spec" | "passesOn" | "keepsBack" | "desiredPath">,
  spec: unknown,
): Unknown {
  // A manifest that is nested deeper is refused as a whole.
  if (isDeeperThan(spec, MAX_LEVELS)) return nothingUnknown;
  // Sorted, so that the text does not depend on the order in which an API server keeps fields.
  const fields = unknownFields(resource.spec, spec, "spec").sort((a, b) => a.path < b.path ? -1 : 1);
  if (fields.length === 0) return nothingUnknown;
  const isPassedOn = ({ path }: UnknownField) => passesOn(resource, path);
  const told = [
    [fields.filter((field) => !isPassedOn(field)), "no such field, so it has no effect"],
    [fields.filter(isPassedOn), "not known to this version, so it is passed on as it is"],
  ] as const;
  const clauses = told.filter(([some]) => some.length > 0).map(([some, what]) => `${named(some)}: ${what}`);
  return {
    sentence: `${clauses.join("; ")}; ${adviceOn(fields)}`,
    hint: `; not known here: ${named(fields)}: ${adviceOn(fields)}`,
  };
}

function named(fields: readonly UnknownField[]): string {
  return listed(fields.map(({ path }) => path));
}

/** The remedy: the probable field, if it is known. */
function adviceOn(fields: readonly UnknownField[]): string {
  const meant = fields.slice(0, MAX_NAMED).flatMap(({ path, meant }) =>
    meant === undefined ? [] : [fields.length === 1 ? meant : `${meant} for ${lastOf(path)}`]
  );
  return meant.length === 0
    ? "check the spelling"
    : `check the spelling: did you mean ${shorten(meant.join(", "), MAX_LENGTH)}?`;
}

/** The name of the field at a path. */
function lastOf(path: string): string {
  return shorten(escapeControls(path.slice(path.lastIndexOf(".") + 1)), MAX_LENGTH);
}

/**
 * A failure's reason and message; for a refusal, with the unknown fields that may have caused it, however long it is.
 */
export function withUnknown<Told extends { readonly reason: string; readonly message: string }>(
  told: Told,
  { hint }: Unknown,
): Told {
  if (hint === "" || !REFUSALS.includes(told.reason)) return told;
  return { ...told, message: shorten(printable(told.message), MAX_MESSAGE - hint.length) + hint };
}

/** Reports unknown fields to the authors of manifests, once for each edit. */
export class UnknownFields {
  /** The UID and generation of the last report, by the object's key. */
  readonly #told = new Map<string, string>();
  readonly #doubted = new Map<string, string>();
  /** The doubtful values of the last edit, by the object's key: they are computed once for each edit. */
  readonly #values = new Map<string, { readonly edit: string; readonly issues: readonly SpecIssue[] }>();

  /** Checks for unknown fields, before anything is refused or sent. Fields that Databricks wrote are not reported. */
  tell(pass: Pass): void {
    if (ownershipOf(pass.object) === "api") return;
    pass.unknown = unknownOf(pass.resource, pass.object.spec ?? {});
    const { sentence, hint } = pass.unknown;
    if (sentence === "") return;
    const edit = `${pass.uid} ${pass.generation}`;
    const shown = conditionOf(statusOf(pass.object).conditions, "Synced");
    // After a restart, the condition tells.
    const isShown = shown?.observedGeneration === pass.generation &&
      (shown.message.startsWith(sentence) || shown.message.endsWith(hint));
    if (!isShown && this.#told.get(pass.key) !== edit) pass.event("Warning", "UnknownField", sentence);
    this.#told.set(pass.key, edit);
  }

  /** Reports what may be wrong with a manifest; `Synced` shows it beside unknown fields. */
  doubt(pass: Pass, spec: Record<string, unknown>): void {
    if (ownershipOf(pass.object) === "api") return;
    const edit = `${pass.uid} ${pass.generation}`;
    const issues = [...pass.resource.doubts?.(spec) ?? [], ...this.#doubtfulValues(pass, edit)];
    if (issues.length === 0) return;
    const said = listed(issues.map(({ path, message }) => `${path}: ${message}`));
    const { sentence, hint } = pass.unknown;
    pass.unknown = { sentence: [sentence, said].filter(Boolean).join("; "), hint };
    const shown = conditionOf(statusOf(pass.object).conditions, "Synced");
    const isShown = shown?.observedGeneration === pass.generation && shown.message.endsWith(said);
    if (!isShown && this.#doubted.get(pass.key) !== edit) pass.event("Warning", "DoubtfulField", said);
    this.#doubted.set(pass.key, edit);
  }

  #doubtfulValues({ key, object, resource }: Pass, edit: string): readonly SpecIssue[] {
    const known = this.#values.get(key);
    if (known?.edit === edit) return known.issues;
    const issues = doubtfulValues(resource.spec, object.spec ?? {});
    this.#values.set(key, { edit, issues });
    return issues;
  }

  /** Forgets an object that is gone. */
  forget(key: string): void {
    this.#values.delete(key);
    this.#told.delete(key);
    this.#doubted.delete(key);
  }
}

function listed(paths: readonly string[]): string {
  const shown = paths.slice(0, MAX_NAMED).join(", ") + (paths.length > MAX_NAMED ? ", …" : "");
  return shorten(escapeControls(shown), MAX_LENGTH);
}

/** True for a path whose value is sent to Databricks although the schema does not know it. */
export function passesOn(
  { passesOn: roots, keepsBack = [], desiredPath }: Pick<Resource, "passesOn" | "keepsBack" | "desiredPath">,
  path: string,
): boolean {
  const isIn = (root: string) => isBelow(path, root);
  return (roots ?? [desiredPath]).some(isIn) && !keepsBack.some(isIn);
}
