/**
 * Formats plans: as text for a terminal, as Markdown for a pull request, as JSON for programs.
 *
 * @module
 */
import { stringifyJson } from "../../base/json.ts";
import { escapeControls, shorten } from "../../base/text.ts";
import { annotations } from "../../reconcile/object/status.ts";
import type { Planned, PlannedChange } from "./planned.ts";
import { structured } from "../structured.ts";
import { diffOf } from "./show_diff.ts";

/** All plans of a command. */
export interface Plans {
  /** The workspace's address. */
  readonly workspace: string;
  readonly objects: readonly Planned[];
}

/** The longest value in a line of text (characters). */
const MAX_VALUE = 100;
/** GitHub limits comments to 65,536 characters (docs.github.com, "Body is too long"); the rest is only named. */
const MAX_COMMENT = 60_000;
/** The first line of a comment, by which a later run finds and replaces it. */
const MARKER = "<!-- databricks-kube-operator plan -->";

const SIGNS = { create: "+", recreate: "-/+", adopt: ">", delete: "-" } as const;

/** The number of objects by action: `1 to create, 2 to update, 3 unchanged`. */
export function summaryOf({ objects }: Plans): string {
  const counts = Map.groupBy(objects, ({ result, action }) => result === "change" ? `to ${action}` : result);
  const order = ["to create", "to adopt", "to update", "to recreate", "to delete", "unchanged", "failed"];
  const known = order.flatMap((one) => counts.has(one) ? [`${counts.get(one)?.length} ${one}`] : []);
  return known.length === 0 ? "nothing to plan" : known.join(", ");
}

/** Plans as text. */
export function textOf(plans: Plans): string {
  const shown = plans.objects.flatMap((planned) => [...objectText(planned)]);
  return [...shown, `Plan for ${plans.workspace}: ${summaryOf(plans)}`].join("\n");
}

function* objectText(planned: Planned): Generator<string> {
  const { result, action, cause, message, changes, notes } = planned;
  if (result === "failed") {
    yield `! ${planned.file}:${planned.line}: ${titleOf(planned)}: ${escapeControls(message ?? "")}`;
    return;
  }
  if (result === "unchanged") {
    const remarks = [...message === undefined ? [] : [message], ...notes];
    if (remarks.length > 0) yield `= ${titleOf(planned)}: unchanged; ${escapeControls(remarks.join("; "))}`;
    return;
  }
  const why = cause === undefined ? "" : ` by ${cause}`;
  yield `${signOf(planned)} ${titleOf(planned)}: ${action}${why}${message === undefined ? "" : `, ${message}`}`;
  for (const change of changes) yield `    ${changeText(change)}`;
  for (const line of remarksOf(planned)) yield `  ${line}`;
}

function signOf({ action }: Planned): string {
  return action !== undefined && action in SIGNS ? SIGNS[action as keyof typeof SIGNS] : "~";
}

function titleOf({ kind, namespace, name, resource }: Planned): string {
  return `${kind} ${namespace}/${name}${resource === undefined ? "" : ` (${resource})`}`;
}

function changeText({ path, from, to }: PlannedChange): string {
  const name = escapeControls(path);
  if (from === undefined) return `+ ${name}: ${valueText(to)}`;
  if (to === undefined) return `- ${name}: ${valueText(from)}`;
  return `~ ${name}: ${valueText(from)} → ${valueText(to)}`;
}

function valueText(value: unknown): string {
  return shorten(escapeControls(stringifyJson(value)), MAX_VALUE);
}

/** Remarks on a change, besides its values. */
function remarksOf({ destructive, cost, approval, digest, notes }: Planned): string[] {
  return [
    ...destructive === undefined ? [] : [`destroys ${destructive}`],
    ...cost === undefined ? [] : [`costs ${cost}`],
    ...approval === "needed"
      ? [digest === undefined ? "waits for an approval" : `waits for the approval ${annotations.approve}: ${digest}`]
      : [],
    ...approval === "given" ? [`approved by ${annotations.approve}: ${digest}`] : [],
    ...approval === "never" ? ["is not applied, since apply is never"] : [],
    ...notes.map(escapeControls),
  ];
}

/** Plans as unified diffs; objects that cannot be planned as text. */
export function diffsOf(plans: Plans): string {
  return plans.objects.flatMap((planned) => {
    const diff = diffOf(planned);
    if (diff !== "") return [diff];
    return planned.result === "unchanged" ? [] : [...objectText(planned)];
  }).join("\n");
}

/** Plans as JSON. */
export function jsonOf(plans: Plans): string {
  return structured(told(plans), "json");
}

/** Plans as YAML. */
export function yamlOf(plans: Plans): string {
  return structured(told(plans), "yaml");
}

function told(plans: Plans) {
  return { workspace: plans.workspace, summary: summaryOf(plans), objects: plans.objects };
}

/** Plans as the comment of a pull request. */
export function markdownOf(plans: Plans): string {
  const head = [MARKER, `### Databricks: ${summaryOf(plans)}`, "", `Workspace ${code(plans.workspace)}`];
  const shown = plans.objects.filter(({ result, notes, message }) =>
    result !== "unchanged" || notes.length > 0 || message !== undefined
  );
  const lines = [...head];
  for (const [index, planned] of shown.entries()) {
    const details = objectMarkdown(planned);
    if ([...lines, ...details].join("\n").length > MAX_COMMENT) {
      lines.push("", `${shown.length - index} more objects do not fit into a comment: see the output of \`plan\``);
      break;
    }
    lines.push(...details);
  }
  return lines.join("\n");
}

function objectMarkdown(planned: Planned): string[] {
  const { result, action, message, file, line } = planned;
  const what = result === "change" ? action : result;
  const head = `**${what}** ${code(titleOf(planned))} (${code(`${file}:${line}`)})`;
  const said = message === undefined ? [] : ["", html(message)];
  const remarks = remarksOf(planned).map((remark) => `- ${html(remark)}`);
  const diff = diffOf(planned).split("\n").slice(2);
  if (diff.length === 0) return ["", head, ...said, ...remarks.length > 0 ? ["", ...remarks] : []];
  const fence = fenceFor(diff);
  return [
    "",
    `<details><summary>${html(`${what}: ${titleOf(planned)}`)}</summary>`,
    "",
    `${code(`${file}:${line}`)}`,
    ...remarks.length > 0 ? ["", ...remarks] : [],
    "",
    `${fence}diff`,
    ...diff,
    fence,
    "",
    "</details>",
  ];
}

/** A code fence that the text cannot close. */
function fenceFor(lines: readonly string[]): string {
  const longest = Math.max(2, ...lines.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)));
  return "`".repeat(longest + 1);
}

function code(text: string): string {
  const fence = "`".repeat(Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  return `${fence}${escapeControls(text)}${fence}`;
}

/** Text from outside as Markdown without links and formatting. */
function html(text: string): string {
  return escapeControls(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(
    /[\\`*_{}[\]#|@!]/g,
    (sign) => `&#${sign.charCodeAt(0)};`,
  );
}
