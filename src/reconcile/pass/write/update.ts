/**
 * Updates a bound external resource to match the manifest.
 *
 * @module
 */
import { type Step, stepsOf, topField } from "../../../resource.ts";
import { NotFoundError } from "../../../databricks/errors.ts";
import { type Baseline, heldAt, lessonOf, pairOf } from "../../plan/baseline.ts";
import { type Deviation, deviations } from "../../plan/diff.ts";
import { isContradicted } from "../../plan/contradiction.ts";
import { isTrusted, type Plan, type Situation } from "../../plan/plan.ts";
import { unapplied } from "../../plan/late.ts";
import { type TakeOver, takeOver } from "./adoption.ts";
import { settledDeviations } from "../../plan/standing.ts";
import { changesOf, listed, shown } from "../../plan/show.ts";
import { attempt, causeOf } from "../../object/attempt.ts";
import { BlockedError } from "../../object/outcome.ts";
import { observedBaseline, writtenBaseline } from "./baseline.ts";
import type { Context } from "../context.ts";
import { markSent } from "../manifest/write_only.ts";
import { isMarked, situationOf } from "./decide.ts";
import { look, type Seen } from "../external/observe.ts";
import { notHolding } from "./repairs.ts";
import type { Managed, Pass } from "../pass.ts";
import type { Work } from "../work.ts";

type Update = Plan & { action: "update" };

/** @returns false if the resource turned out to be gone. */
export async function carryOut(work: Work, decided: Plan, seen: Seen): Promise<boolean> {
  const { pass, managed } = work;
  if (decided.action === "immutable") throw new BlockedError("Immutable", immutable(pass, decided.field));
  if (decided.action === "update" || decided.action === "bind") {
    const situation = situationOf(work, seen);
    const taken = typeof seen === "string" || isTrusted(situation) ? {} : takeOver(pass, managed, seen);
    const kept = work.with(keeping(managed, taken));
    if (decided.action === "update") return await update(kept, { decided, situation, taken });
    bind(kept, { decided, situation, taken });
  }
  noteMark(work, seen);
  // The Secret changed, but none of the values that are sent: its new version is noted all the same.
  if (managed.values !== undefined && pass.resource.parts?.writeOnly !== true) {
    pass.status.source = managed.values.source;
  }
  return true;
}

/** An update includes the fields that it would change by omitting them. */
function keeping(managed: Managed, { kept }: TakeOver): Managed {
  if (kept === undefined) return managed;
  return { ...managed, intent: { ...managed.intent, desired: { ...kept, ...managed.intent.desired } } };
}

interface Binding {
  readonly taken: TakeOver;
  readonly decided: Plan & { action: "bind" };
  readonly situation: Situation;
}

function bind(work: Work, { decided, situation, taken }: Binding): void {
  const { context, pass, managed, here } = work;
  learn(context, pass.status.baseline, settledDeviations(situation));
  const isDisputed = isContradicted(situation) && !here.observations.contradict(pass.status.id ?? "");
  const believed = isDisputed ? { ...situation, row: undefined } : situation;
  pass.status.baseline = { ...observedBaseline(pass, managed, believed), ...taken };
  const { corrected = [] } = decided;
  if (corrected.length === 0) return;
  context.metrics.repaired(pass.resource.kind);
  pass.report("Normal", "DriftCorrected", `Databricks differed from the manifest: set back ${listed(corrected)}`);
}

/** Once the resource was seen to carry the operator's mark, even in a list's row, a missing mark is drift. */
function noteMark({ pass, managed, here }: Work, seen: Seen): void {
  const { baseline, id = "" } = pass.status;
  if (baseline?.observed === undefined || baseline.marked === true) return;
  const shown = typeof seen === "string" ? here.observations.row(id) : seen;
  if (shown !== undefined && isMarked(pass, managed, shown)) pass.status.baseline = { ...baseline, marked: true };
}

/** Remembers the differences that remain after a second write, so that no other object is written twice for them. */
function learn({ learned }: Context, baseline: Baseline | undefined, settled: readonly Deviation[]): void {
  for (const one of settled) if (baseline?.doubted?.[one.path] === pairOf(one)) learned.add(lessonOf(one));
}

interface Updating {
  readonly taken?: TakeOver;
  readonly decided: Update;
  readonly situation: Situation;
}

async function update(work: Work, { decided, situation, taken }: Updating) {
  const { context, pass, managed } = work;
  const { resource, status: { id = "" } } = pass;
  const { observations } = work.here;
  const { changes, cause } = decided;
  if (isDamped(context, pass, { decided, situation })) return true;
  const steps = stepsOf(resource.external, { ...managed.intent, changes });
  const what = attemptOf(pass, decided);
  try {
    for (const step of steps) {
      observations.wrote(id);
      const own = steps.length > 1 ? `Cannot set ${listed(step.changes)} of ${pass.label}` : what;
      await attempt(own, () => step.run(managed.connection.workspace, id));
      // Again, for the call may have waited for its turn: a list that was read meanwhile is older than it.
      observations.wrote(id);
    }
  } catch (error) {
    if (!(causeOf(error) instanceof NotFoundError)) throw error;
    // "Does not exist" may also be about something that the manifest names, such as a job to run.
    if (await look(work, id) === undefined) return false;
    throw error;
  }
  const removed = taken?.extra ?? situation.baseline?.extra ?? [];
  const { extra: _gone, ...kept } = taken ?? {};
  const later = unapplied(situation).filter((field) => !isIn(steps, field));
  pass.status.baseline = { ...afterWrite(pass, managed, { decided, situation, later }), ...kept };
  markSent(work);
  if (cause === "drift" || cause === "doubt") context.repairs.note(pass.uid, changes, context.clock.monotonic());
  if (cause === "drift") context.metrics.repaired(resource.kind);
  report(pass, { decided, situation, removed, holder: managed.values?.kind ?? "Secret" });
  return true;
}

function isIn(steps: readonly Step[], field: string): boolean {
  return steps.some(({ changes }) => changes.some((path) => topField(path) === field));
}

/** The description of a failed write: `Cannot set schedule of job "etl"`. */
export function attemptOf({ label }: Pass, decided: Plan): string {
  if (decided.action !== "update") return `Cannot run ${label}`;
  return decided.changes.length > 0 ? `Cannot set ${listed(decided.changes)} of ${label}` : `Cannot update ${label}`;
}

/** A repair that did not hold three times waits, longer each time. */
function isDamped(context: Context, pass: Pass, { decided: { cause, changes }, situation }: Updating): boolean {
  const { repairs, clock, metrics } = context;
  if (cause === "manifest") repairs.forget(pass.uid);
  if (cause !== "drift" && cause !== "doubt") return false;
  if (repairs.wait(pass.uid, changes, clock.monotonic()) === 0) return false;
  metrics.repairDamped(pass.resource.kind);
  const { rules } = situation;
  const known = new Map(differing(situation).map((one) => [one.path, one]));
  const told = changes.map((path) => {
    const one = known.get(path);
    const values = { wanted: one?.wanted, got: one === undefined ? heldIn(situation, path) : one.got };
    return `${path}: the manifest has ${shown(path, values.wanted, rules)}, Databricks ${
      shown(path, values.got, rules)
    }`;
  });
  pass.problem = notHolding(pass, told);
  return true;
}

function heldIn({ observed }: Situation, path: string): unknown {
  return typeof observed !== "string" && Object.hasOwn(observed, path) ? observed[path] : undefined;
}

/** The differences that a write should remove, without Databricks' spellings of other fields. */
function changing(situation: Situation, changes: readonly string[]): Deviation[] {
  const { stands = {} } = situation.baseline ?? {};
  return differing(situation).filter((one) =>
    stands[one.path] !== pairOf(one) &&
    changes.some((path) => one.path === path || /^[.[]/.test(one.path.slice(path.length)) && one.path.startsWith(path))
  );
}

function differing({ desired, observed, row, rules }: Situation): Deviation[] {
  const held = typeof observed === "string" ? row : observed;
  return held === undefined ? [] : deviations(desired, held, rules);
}

/** A repair should restore the state in the baseline; after any other write the state is observed anew. */
function afterWrite(
  pass: Pass,
  managed: Managed,
  { decided, situation, later }: Updating & { readonly later: readonly string[] },
): Baseline {
  const { baseline } = situation;
  const { cause, changes, doubted } = decided;
  const written = writtenBaseline(pass, managed, { later });
  const kept = {
    ...(baseline?.stands === undefined ? {} : { stands: baseline.stands }),
    ...(baseline?.left === undefined ? {} : { left: baseline.left }),
    ...(baseline?.marked ? { marked: true } : {}),
    ...(baseline?.kept === undefined ? {} : { kept: baseline.kept }),
    ...(baseline?.created && cause === "doubt" ? { created: true } : {}),
    ...(doubted === undefined ? {} : { doubted }),
  };
  const isRepair = cause === "drift" && baseline?.observed !== undefined && baseline.words === true &&
    baseline.api === written.api;
  if (isRepair || (cause === "doubt" && baseline?.repaired !== undefined)) {
    const { listed: _row, extra: _gone, ...before } = baseline;
    return { ...before, ...written, ...kept, repaired: isRepair ? changes : baseline.repaired ?? [] };
  }
  const was = cause === "doubt" ? baseline?.was : heldAt(changing(situation, changes));
  return { ...written, ...kept, ...(was === undefined || Object.keys(was).length === 0 ? {} : { was }) };
}

function report(
  pass: Pass,
  { decided: { changes, cause }, situation, removed, holder }: Updating & {
    readonly removed: readonly string[];
    readonly holder: string;
  },
): void {
  const { rules } = situation;
  const gone = removed.length === 0 ? "" : `; removed ${listed(removed)}, which the manifest does not name`;
  const told = changesOf(changes, differing(situation), rules) + gone;
  const change = { action: "update", paths: changes } as const;
  if (cause === "manifest") pass.report("Normal", "Updated", `Set ${told}`, change);
  else if (cause === "drift") {
    pass.report("Normal", "DriftCorrected", `Databricks differed from the manifest: set back ${told}`, change);
  } else if (cause === "rotation") {
    pass.report("Normal", "CredentialSent", `Sent the new value from the ${holder}`, change);
  } else pass.logChange(`Set ${told}, which differed right after the write`, change);
}

function immutable(pass: Pass, field: string): string {
  const { resource: { desiredPath, dangers, noun } } = pass;
  const lost = dangers?.deletesData === undefined
    ? `to delete this object would delete ${pass.externalLabel} with all that is in it`
    : `a new ${noun} would begin empty, without ${dangers.deletesData}`;
  return `${desiredPath}.${field} of ${pass.label} cannot be changed in Databricks: set it back, and give the other ` +
    `value to an object of another name; ${lost}`;
}
