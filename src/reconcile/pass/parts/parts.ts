/**
 * Writes and deletes the parts of an external resource, one by one: keys and ACLs of a scope.
 *
 * Guarantees: only changed parts are written; a part is recorded in the status before it is written, so that none is
 * left behind; a failing part does not delay the others.
 *
 * @module
 */
import { DatabricksError } from "../../../databricks/errors.ts";
import { isAtOnce, type ObservedPart, type PartRules, type PartsOneByOne } from "../../../resource.ts";
import type { Observations } from "../../observe/observations.ts";
import type { PartReads } from "../../observe/part_reads.ts";
import { attempt, AttemptError } from "../../object/attempt.ts";
import { BlockedError } from "../../object/outcome.ts";
import type { Screen } from "../approve/judge.ts";
import { partChangesOf } from "../approve/part_changes.ts";
import { type PartPlan, planParts, textOf } from "../../plan/part_plan.ts";
import type { Metrics } from "../../../telemetry/metrics.ts";
import type { Repairs } from "../write/repairs.ts";
import { conflict, dampedOf, type Done, foreign, merged, tell } from "./part_report.ts";
import { reconcileAtOnce } from "./parts_at_once.ts";
import { own } from "../../../base/json.ts";
import { asRecorded, isSame, withNeeded } from "./needed_parts.ts";
import { holderGone } from "../identity/holder.ts";
import type { Managed, Pass } from "../pass.ts";
import { mayAdopt, type RecordedPart } from "../../object/status.ts";
import type { StrangersParts } from "./strangers_parts.ts";
import type { MissedParts } from "./missed_parts.ts";
import { isSameSource, type SentValues } from "../manifest/write_only.ts";

/** The most parts that a message names. */
const MAX_NAMED = 10;

/** Options of {@link reconcileParts}, besides the pass. */
export interface PartsContext {
  readonly id: string;
  /** The external resource; `undefined` to read it. */
  readonly observed: Record<string, unknown> | undefined;
  /** True if it was observed before this pass. */
  readonly isOld: boolean;
  /** Parts that were written in this pass. */
  readonly put?: ReadonlySet<string>;
  readonly observations: Observations;
  readonly sent: SentValues;
  readonly missed: MissedParts;
  readonly strangers: StrangersParts;
  /** The longest time by which a list is older than a write (ms). */
  readonly settleMs: number;
  /** Parts that older objects hold. */
  readonly claimed: ReadonlySet<string>;
  readonly repairs: Repairs;
  readonly metrics: Pick<Metrics, "repaired" | "repairDamped">;
  /** Now (ms, monotonic). */
  readonly now: number;
  /** Parts that any other object holds. */
  readonly held: ReadonlySet<string>;
  readonly reads: PartReads;
  /** Called before anything is written; if it returns false, nothing is. */
  readonly screen?: Screen;
}

type Fields = Record<string, unknown>;
/** Parts that are written one by one. */
type Parts = PartRules<Fields> & PartsOneByOne<Fields>;

/** Makes the parts match the manifest. */
export async function reconcileParts(pass: Pass, managed: Managed, context: PartsContext): Promise<void> {
  const { parts } = pass.resource;
  const desired = parts?.desired(managed.intent, managed.spec);
  if (parts === undefined || desired === undefined) {
    delete pass.status.parts;
    context.reads.forget(pass.key);
    return;
  }
  if (isAtOnce(parts)) return await reconcileAtOnce(pass, managed, { ...context, parts, asked: desired });
  const before = await observe(pass, managed, context);
  const recorded = Object.keys(pass.status.parts ?? {});
  const shown = asRecorded(parts, parts.observed(before), recorded);
  const observed = { ...unseen(pass, { parts, desired, shown, context }), ...shown };
  const { workspace } = managed.connection;
  const needed = { parts, workspace, id: context.id, desired, observed };
  const proposed = decide(pass, managed, { parts, desired, observed, context });
  if (context.isOld && putsNew(pass, parts, proposed)) {
    return await reconcileParts(pass, managed, { ...context, observed: undefined, isOld: false });
  }
  const facts = { parts, desired, observed, source: managed.values?.source };
  if (context.screen?.(partChangesOf(facts, proposed)) === false) return;
  const planned = await withNeeded(proposed, needed);
  const decided = withoutDamped(pass, { parts, desired, observed, context }, planned);
  const known = pass.status.parts ?? {};
  await claim(pass, decided);
  const { failure, done } = await carryOut(pass, managed, { parts, desired, observed, decided, known, context });
  if (done.put.length > 0 && parts.writeOnly) await recordStamps(pass, managed, { parts, written: done.put, context });
  tell(pass, { parts, desired, observed, context }, { done, drifted: decided.drifted });
  if (failure !== undefined) throw failure;
  if (decided.later.length > 0) {
    const put = new Set([...context.put ?? [], ...done.put]);
    return await reconcileParts(pass, managed, { ...context, observed: undefined, isOld: false, put });
  }
  recordSource(pass, managed);
  if (decided.merged.length > 0) {
    throw new BlockedError("SecretInvalid", merged(parts, decided, managed.values?.source.name ?? ""));
  }
  if (decided.foreign.length > 0) throw new BlockedError("AlreadyExists", foreign(parts, decided, context.id));
  if (decided.conflicts.length > 0) throw new BlockedError("HeldByAnother", conflict(parts, decided, context.id));
}

/**
 * True if a part would be written that is not recorded as the object's: somebody may have written one of that name
 * meanwhile.
 */
function putsNew({ status }: Pass, { exclusive }: { exclusive: boolean }, { put }: PartPlan): boolean {
  return !exclusive && put.some((name) => !Object.hasOwn(status.parts ?? {}, name));
}

/** The counter of the newest read; 0 if a write came after it. */
function newestRead({ observations, id }: PartsContext): number {
  return observations.fresh(id)?.since ?? 0;
}

/** Parts of others that the read before this one showed: their names are not free yet. */
function unseen(
  { uid, status }: Pass,
  { parts, desired, shown, context }: Pick<Deciding, "parts" | "desired" | "context"> & {
    readonly shown: Readonly<Record<string, ObservedPart>>;
  },
): Record<string, ObservedPart> {
  if (parts.exclusive) return {};
  const others = Object.keys(desired).filter((name) =>
    Object.hasOwn(shown, name) && !Object.hasOwn(status.parts ?? {}, name)
  );
  return Object.fromEntries(context.strangers.note(uid, others, newestRead(context)).map((name) => [name, {}]));
}

async function observe(pass: Pass, managed: Managed, { id, observed, observations }: PartsContext) {
  if (observed !== undefined) return observed;
  const since = observations.begin();
  const { connection: { workspace }, intent } = managed;
  const now = await attempt(
    `Cannot read ${pass.label}`,
    async () => await pass.resource.external.observe(workspace, id, intent),
  );
  observations.put(id, now, since);
  if (now !== undefined) return now;
  throw holderGone(pass.resource, id);
}

interface Deciding {
  readonly parts: Parts;
  readonly desired: Record<string, unknown>;
  readonly observed: Record<string, ObservedPart>;
  readonly context: PartsContext;
}

function decide(pass: Pass, { values }: Managed, { parts, desired, observed, context }: Deciding): PartPlan {
  const changed = parts.writeOnly && values !== undefined
    ? context.sent.changed(pass.uid, values, pass.status.source)
    : new Set<string>();
  // An access list is complete: what it lacks now, and shows later, is removed then.
  const lacking = Object.keys(parts.exclusive ? {} : pass.status.parts ?? {}).filter((name) =>
    !Object.hasOwn(observed, name)
  );
  return planParts({
    desired,
    observed,
    recorded: pass.status.parts,
    missed: context.missed.note(pass.uid, lacking, { ...context, read: newestRead(context) }),
    changed,
    claimed: context.claimed,
    ...context.put === undefined ? {} : { done: context.put },
    // If several objects write into one resource, an existing part without a record is somebody else's.
    ...parts.exclusive ? {} : { mayTake: (name) => mayAdopt(pass.object) || context.held.has(name) },
    ...parts.spelling === undefined || parts.exclusive ? {} : { spelling: parts.spelling },
    exclusive: parts.exclusive,
    writeOnly: parts.writeOnly,
  });
}

/** A part that somebody keeps changing is left alone for a while. */
function withoutDamped(pass: Pass, deciding: Deciding, plan: PartPlan): PartPlan {
  const damped = dampedOf(pass, deciding, plan);
  if (damped.length === 0) return plan;
  const without = (names: readonly string[]) => names.filter((name) => !damped.includes(name));
  return { ...plan, put: without(plan.put), delete: without(plan.delete), drifted: without(plan.drifted) };
}

/** Records what is about to be written, so that it is known to be the object's whatever happens next. */
async function claim(pass: Pass, { put, keep }: PartPlan): Promise<void> {
  const recorded: Record<string, RecordedPart> = { ...pass.status.parts };
  for (const name of put) recorded[name] = recorded[name]?.kept ? {} : recorded[name] ?? {};
  for (const name of keep) recorded[name] = { kept: true, needed: true };
  pass.status.parts = recorded;
  await pass.save();
}

interface Acting {
  readonly parts: Parts;
  readonly desired: Record<string, unknown>;
  readonly observed: Record<string, ObservedPart>;
  readonly decided: PartPlan;
  /** The parts recorded before the claim. */
  readonly known: Readonly<Record<string, RecordedPart>>;
  readonly context: PartsContext;
}

/** @returns the first failure, and the parts that were written; a failure does not stop the others. */
async function carryOut(
  pass: Pass,
  { connection: { workspace } }: Managed,
  { parts, desired, observed, decided, known, context }: Acting,
): Promise<{ failure: unknown; done: Done }> {
  const done = { put: [] as string[], delete: [] as string[] };
  let isRefused = false;
  const recorded: Record<string, RecordedPart> = { ...pass.status.parts };
  const failures: FailedPart[] = [];
  const drop = async (names: readonly string[]) => {
    for (const name of names) {
      await attemptPart(failures, { verb: "delete", name }, async () => {
        await parts.delete(workspace, context.id, name);
        delete recorded[name];
        done.delete.push(name);
      });
    }
  };
  if (decided.put.length + decided.delete.length > 0) context.observations.wrote(context.id);
  // A part that differs only in spelling from a written one may be the same: it must not be deleted after that.
  const isPut = (name: string) => decided.put.some((one) => isSame(parts, one, name));
  await drop(decided.delete.filter(isPut));
  for (const name of decided.put) {
    const error = await attemptPart(failures, { verb: "put", name }, async () => {
      await parts.put(workspace, context.id, name, desired[name]);
      if (parts.writeOnly) context.sent.record(pass.uid, name, desired[name] as Uint8Array);
      else recorded[name] = { ...recorded[name], value: textOf(desired[name]) };
      done.put.push(name);
    });
    if (!(error instanceof DatabricksError && error.refused)) continue;
    isRefused = true;
    restore(recorded, name, known[name]);
  }
  await drop(decided.delete.filter((name) => !isPut(name)));
  // Again, for the calls may have waited for their turn: a list that was read meanwhile is older than them.
  if (decided.put.length + decided.delete.length > 0) context.observations.wrote(context.id);
  for (const name of decided.forget) if (!decided.delete.includes(name)) delete recorded[name];
  if (!parts.writeOnly) recordValues(recorded, desired, observed);
  pass.status.parts = recorded;
  // A part whose write was refused may be somebody else's: then the object must not delete it later, not even if that
  // is requested now.
  if (isRefused) await pass.save({ evenIfStale: true });
  return { failure: failureOf(failures, { label: pass.label, noun: parts.noun }), done };
}

/** One error for all failures, with the cause of the first. */
function failureOf(failures: readonly FailedPart[], { label, noun }: { label: string; noun: string }) {
  const [first] = failures;
  return first && new AttemptError(`Cannot ${namesOf(failures, noun)} of ${label}`, first.error);
}

/**
 * Records the values of the object's parts that match in Databricks. A write whose answer was lost recorded none, and
 * the next edit of the manifest would look like a change by somebody else.
 */
function recordValues(
  recorded: Record<string, RecordedPart>,
  desired: Record<string, unknown>,
  observed: Record<string, ObservedPart>,
): void {
  for (const [name, part] of Object.entries(recorded)) {
    const held = own(observed, name);
    if (part.kept || held === undefined || !Object.hasOwn(desired, name)) continue;
    const value = textOf(desired[name]);
    if (textOf(held.value) === value) recorded[name] = { ...part, value };
  }
}

/** A part that could not be written or deleted. */
interface FailedPart {
  readonly verb: "put" | "delete";
  readonly name: string;
  readonly error: unknown;
}

/** Notes a failure, and returns it. */
async function attemptPart(
  failures: FailedPart[],
  what: Pick<FailedPart, "verb" | "name">,
  act: () => Promise<void>,
): Promise<unknown> {
  try {
    await act();
  } catch (error) {
    failures.push({ ...what, error });
    return error;
  }
}

/** `put key "a", "b" and delete key "c"`: all failures at once, so that they can be fixed together. */
function namesOf(failures: readonly FailedPart[], noun: string): string {
  const clauses = (["put", "delete"] as const).flatMap((verb) => {
    const names = failures.filter((failed) => failed.verb === verb).map(({ name }) => `"${name}"`);
    const shown = names.slice(0, MAX_NAMED).join(", ") + (names.length > MAX_NAMED ? ", …" : "");
    return names.length === 0 ? [] : [`${verb} ${noun} ${shown}`];
  });
  return clauses.join(" and ");
}

function restore(recorded: Record<string, RecordedPart>, name: string, before: RecordedPart | undefined): void {
  if (before === undefined) delete recorded[name];
  else recorded[name] = before;
}

/**
 * Write-only parts show only the time of their last write, which reveals a later write by somebody else. A part that
 * was not written now keeps its time, so that a change by others meanwhile still shows.
 */
async function recordStamps(
  pass: Pass,
  managed: Managed,
  { parts, written, context }: Pick<Acting, "parts" | "context"> & { written: readonly string[] },
): Promise<void> {
  const since = context.observations.begin();
  const observed = await pass.resource.external.observe(managed.connection.workspace, context.id, managed.intent);
  context.observations.put(context.id, observed, since);
  const recorded = pass.status.parts ?? {};
  const held = observed === undefined ? {} : asRecorded(parts, parts.observed(observed), Object.keys(recorded));
  const stampOf = (name: string) => {
    if (!written.includes(name)) return undefined;
    // A part that is missing under its name, and changed one that differs only in spelling, is the same as that one.
    const other = Object.keys(held).find((one) =>
      isSame(parts, one, name) && held[one]?.stamp !== recorded[one]?.stamp
    );
    return (own(held, name) ?? own(held, other ?? ""))?.stamp;
  };
  pass.status.parts = Object.fromEntries(
    Object.entries(recorded).map(([name, part]) => {
      const stamp = stampOf(name);
      return [name, stamp === undefined ? part : { stamp }];
    }),
  );
}

function recordSource(pass: Pass, { values }: Managed): void {
  if (values !== undefined && !isSameSource(values.source, pass.status.source)) pass.status.source = values.source;
}
