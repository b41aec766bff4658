/**
 * A change in Databricks in the form that a person approves: with the values before and after, and a digest of its
 * content. Pure.
 *
 * The digest depends only on what would change: not on the object's UID, generation, labels or annotations. So the
 * approval, which is an annotation, does not change it; it can be computed before the manifest is merged; and it
 * changes when anything changes that the plan would write.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { canonicalJson } from "../../base/json.ts";
import { shorten } from "../../base/text.ts";
import { type Dangers, type FieldRules, topField } from "../../resource.ts";
import type { PendingPlan, PlanAction, PlanCause } from "../object/status.ts";
import { hashOf } from "./fields.ts";
import { MASK, shownIn } from "./show.ts";

/** The version of the digest's format. */
const DIGEST_VERSION = 1;
/** The number of characters of a digest. */
const DIGEST_LENGTH = 16;
/** The most changes that the status shows. */
const MAX_CHANGES = 50;
/** The most characters of a value that the status shows. */
const MAX_VALUE = 256;
/** The most paths that the summary names, and the characters of each. */
const MAX_NAMED = 3;
const MAX_NAME = 64;

/** One value that a plan changes. */
export interface ProposedChange {
  /** `tasks[etl].timeout_seconds`, `permissions[group:eng]`. */
  readonly path: string;
  /** The value in Databricks; `undefined` if there is none. */
  readonly from: unknown;
  /** The value in the manifest; `undefined` if there is none. */
  readonly to: unknown;
  readonly reason: PlanCause;
  /** True if neither value may be shown. */
  readonly isSecret?: boolean;
}

/** A change in Databricks that was decided but not made yet. */
export interface Proposal {
  readonly action: PlanAction;
  readonly cause: PlanCause;
  readonly changes: readonly ProposedChange[];
  /** The data that it destroys. */
  readonly destructive?: string;
  /** The part that costs money. */
  readonly cost?: string;
}

/** The subject of a plan. */
export interface PlanSubject {
  readonly kind: string;
  /** `team/etl` */
  readonly object: string;
  /** The workspace's host. */
  readonly workspace: string;
  /** The external resource's id; `undefined` before it exists. */
  readonly id: string | undefined;
}

/**
 * The digest of a plan's content.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { digestOf } from "./proposal.ts";
 *
 * const subject = { kind: "DatabricksJob", object: "team/etl", workspace: "https://adb-1.azuredatabricks.net", id: "7" };
 * const change = (to: number) => ({ path: "timeout_seconds", from: 3600, to, reason: "manifest" } as const);
 * const digest = (to: number) => digestOf(subject, { action: "update", cause: "manifest", changes: [change(to)] });
 * assert.match(digest(600), /^[0-9a-f]{16}$/);
 * assert.equal(digest(600), digest(600));
 * assert.notEqual(digest(600), digest(700));
 * ```
 */
export function digestOf({ kind, object, workspace, id = "new" }: PlanSubject, proposal: Proposal): string {
  const content = {
    v: DIGEST_VERSION,
    kind,
    object,
    workspace,
    id,
    action: proposal.action,
    changes: keysOf(proposal),
  };
  return createHash("sha256").update(canonicalJson(content)).digest("hex").slice(0, DIGEST_LENGTH);
}

/** A key for each change, which identifies it later: an interrupted write leaves some of them. */
export function keysOf({ changes }: Pick<Proposal, "changes">): string[] {
  return changes.map(keyOf).sort();
}

/** The key of one change. */
export function keyOf({ path, from, to }: ProposedChange): string {
  return canonicalJson([path, hashOf(from ?? null), hashOf(to ?? null)]);
}

/** A plan in one line: `update: timeout_seconds, tasks[etl]`. */
export function summaryOf({ action, changes, destructive, cost }: Proposal): string {
  const paths = changes.slice(0, MAX_NAMED).map(({ path }) => shorten(path, MAX_NAME)).join(", ");
  const more = changes.length > MAX_NAMED ? ` and ${changes.length - MAX_NAMED} more` : "";
  const what = changes.length === 0 ? "" : `: ${paths}${more}`;
  const dangers = [
    ...destructive === undefined ? [] : [`destroys ${destructive}`],
    ...cost === undefined ? [] : [`costs ${cost}`],
  ];
  return `${action}${what}${dangers.length === 0 ? "" : ` (${dangers.join("; ")})`}`;
}

/** A plan for the status: limited in size, without confidential values. */
export function shownPlan(
  proposal: Proposal,
  { digest, since, rules }: { readonly digest: string; readonly since: string; readonly rules: FieldRules },
): PendingPlan {
  const { action, cause, changes, destructive, cost } = proposal;
  return {
    digest,
    action,
    cause,
    since,
    ...destructive === undefined ? {} : { destructive },
    ...cost === undefined ? {} : { cost },
    summary: summaryOf(proposal),
    total: changes.length,
    changes: changes.slice(0, MAX_CHANGES).map((change) => ({
      path: shorten(change.path, MAX_VALUE),
      ...shownValue("from", change, rules),
      ...shownValue("to", change, rules),
      reason: change.reason,
    })),
  };
}

function shownValue(side: "from" | "to", change: ProposedChange, rules: FieldRules): { from?: string; to?: string } {
  const { path, isSecret = false, [side]: value } = change;
  if (value === undefined) return {};
  return { [side]: isSecret ? MASK : shownIn(MAX_VALUE, { path, value, rules }) };
}

/** The dangers of a change of a kind. */
export function dangersOf(
  { deletesData, costs, costlyFields }: Dangers,
  { action, changes }: Pick<Proposal, "action" | "changes">,
): Pick<Proposal, "destructive" | "cost"> {
  const isLoss = action === "delete" || action === "recreate";
  const isCostly = action === "create" || action === "recreate" ||
    (action !== "delete" && changes.some(({ path }) => costlyFields?.includes(topField(path)) ?? true));
  return {
    ...isLoss && deletesData !== undefined ? { destructive: deletesData } : {},
    ...isCostly && costs !== undefined ? { cost: costs } : {},
  };
}
