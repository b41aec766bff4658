/**
 * Writes parts that one call sets together: permissions, grants.
 *
 * Guarantees: they are read only when that is due ({@link PartReads}), and written only if they differ; the requested
 * value of each part is recorded, so that somebody else's change is distinguished from the manifest's.
 *
 * @module
 */
import { canonicalJson } from "../../../base/json.ts";
import { DatabricksError } from "../../../databricks/errors.ts";
import type { ObservedPart, PartRules, PartsAtOnce } from "../../../resource.ts";
import { attempt, causeOf } from "../../object/attempt.ts";
import { BlockedError } from "../../object/outcome.ts";
import { mayAdopt, type RecordedPart } from "../../object/status.ts";
import { partChangesOf } from "../approve/part_changes.ts";
import type { PartSubject, Written } from "../../observe/part_reads.ts";
import { hashOf } from "../../plan/fields.ts";
import { type PartPlan, planParts, textOf } from "../../plan/part_plan.ts";
import { asRecorded, isSame } from "./needed_parts.ts";
import { othersIn } from "./part_removal.ts";
import { conflict, dampedOf, foreign, tell } from "./part_report.ts";
import type { PartsContext } from "./parts.ts";
import type { Managed, Pass } from "../pass.ts";

type Values = Readonly<Record<string, unknown>>;

/** Options of {@link reconcileAtOnce}, besides the pass. */
export interface AtOnceContext extends Omit<PartsContext, "observed" | "isOld"> {
  readonly parts: PartRules<Record<string, unknown>> & PartsAtOnce;
  /** The parts in the manifest. */
  readonly asked: Values;
}

/** The facts that decide about the parts. */
interface Situation {
  readonly observed: Readonly<Record<string, ObservedPart>>;
  readonly there: Values;
}

/** The parts to write. */
interface Decided {
  /** The object's parts that the last read lacks, although it may be an old one. */
  readonly lacking: ReadonlySet<string>;
  readonly plan: PartPlan;
  readonly wanted: Values;
}

/** Reads the parts if that is due, and writes them if they differ. */
export async function reconcileAtOnce(pass: Pass, managed: Managed, context: AtOnceContext): Promise<void> {
  const { reads, asked, id } = context;
  const subject = { of: `${pass.uid} ${id}`, hash: hashOf([asked, mayAdopt(pass.object)]) };
  if (!reads.isDue(pass.key, subject)) return;
  const situation = await situationOf(pass, managed, context, subject);
  const decided = await decide(pass, managed, context, situation);
  const { plan } = decided;
  const facts = { parts: context.parts, desired: decided.wanted, ...situation, source: undefined };
  if (context.screen?.(partChangesOf(facts, plan)) === false) return;
  const damped = dampedOf(pass, { ...context, desired: decided.wanted, ...situation, context }, plan);
  const due = [...plan.put, ...plan.delete].filter((name) => !damped.includes(name));
  if (due.length > 0) await write(pass, managed, { ...context, ...situation, ...decided, subject });
  if (plan.foreign.length > 0) throw new BlockedError("AlreadyExists", foreign(context.parts, plan, id));
  if (plan.conflicts.length > 0) throw new BlockedError("HeldByAnother", conflict(context.parts, plan, id));
  const missed = [...decided.lacking].filter((name) => !Object.hasOwn(asked, name));
  record(pass, context, missed);
  if (damped.length === 0) reads.settled(pass.key, subject);
  if (missed.length > 0) reads.ask(pass.key);
}

/** The parts in Databricks, by the names in the manifest and the status. */
async function situationOf(
  pass: Pass,
  { connection: { workspace } }: Managed,
  { parts, id, asked, reads }: AtOnceContext,
  { of }: PartSubject,
): Promise<Situation> {
  const written = reads.written(pass.key, of);
  const read = () => attempt(`Cannot read the ${parts.noun}s of ${pass.label}`, () => parts.read(workspace, id));
  const told = written === undefined
    ? await read()
    : parts.exclusive
    ? asParts(written.parts)
    : withWritten(await read(), written, {
      parts,
      ours: [...Object.keys(asked), ...Object.keys(pass.status.parts ?? {})],
    });
  if (told === undefined) {
    const why = `Databricks says that it does not exist${parts.missing === undefined ? "" : `: ${parts.missing}`}`;
    throw new BlockedError("NotFound", `Cannot read the ${parts.noun}s of ${pass.externalLabel}: ${why}`, "retry");
  }
  const recorded = Object.keys(pass.status.parts ?? {});
  const others = recorded.filter((name) => !Object.keys(asked).some((one) => isSame(parts, one, name)));
  const observed = asRecorded(parts, told, [...Object.keys(asked), ...others]);
  return { observed, there: valuesOf(observed) };
}

/** A read with the object's own parts as they were just written: it may not show them yet. Others' parts are read. */
function withWritten(
  told: Readonly<Record<string, ObservedPart>> | undefined,
  written: Written,
  { parts, ours }: Pick<AtOnceContext, "parts"> & { readonly ours: readonly string[] },
): Record<string, ObservedPart> | undefined {
  if (told === undefined) return undefined;
  const isOneOf = (names: readonly string[], name: string) => names.some((one) => isSame(parts, one, name));
  const isOurs = (name: string) => isOneOf([...ours, ...written.deleted], name);
  const others = Object.entries(told).filter(([name]) => !isOurs(name));
  return Object.fromEntries([
    ...others,
    ...Object.entries(asParts(written.parts)).filter(([name]) => isOurs(name)),
  ]);
}

function asParts(values: Values): Record<string, ObservedPart> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
}

function valuesOf(parts: Readonly<Record<string, ObservedPart>>): Values {
  return Object.fromEntries(Object.entries(parts).map(([name, { value }]) => [name, value]));
}

async function decide(
  pass: Pass,
  managed: Managed,
  context: AtOnceContext,
  { observed, there }: Situation,
): Promise<Decided> {
  const { parts, asked, claimed } = context;
  const names = Object.keys(parts.exclusive ? {} : pass.status.parts ?? {})
    .filter((name) => !Object.hasOwn(observed, name));
  const missed = context.missed.note(pass.uid, names, { ...context, read: context.observations.begin() });
  const planFor = (desired: Values) =>
    planParts({
      ...{ desired, observed, claimed, recorded: pass.status.parts, changed: new Set(), missed },
      ...parts.exclusive ? {} : { mayTake: (name: string) => mayAdopt(pass.object) || context.held.has(name) },
      ...{ exclusive: parts.exclusive, writeOnly: false },
    });
  const kept = parts.exclusive ? { ...neededOf(pass, there), ...asked } : asked;
  const plan = planFor(kept);
  if (plan.put.length + plan.delete.length === 0) return { plan, wanted: kept, lacking: missed };
  const wanted = await complete(pass, managed, context, {
    held: there,
    wanted: parts.exclusive ? asked : merged(there, asked, plan),
  });
  if (!parts.exclusive) return { plan, wanted, lacking: missed };
  const completed = planFor(wanted);
  return {
    plan: { ...completed, keep: Object.keys(wanted).filter((name) => !Object.hasOwn(asked, name)) },
    wanted,
    lacking: missed,
  };
}

/** The parts outside the manifest that were found to be needed and still exist. */
function neededOf({ status }: Pass, held: Values): Values {
  const needed = Object.entries(status.parts ?? {}).filter(([name, part]) => part.needed && Object.hasOwn(held, name));
  return Object.fromEntries(needed.map(([name]) => [name, held[name]]));
}

/** All parts that should exist where others also write parts. */
function merged(held: Values, asked: Values, plan: PartPlan): Values {
  const kept = Object.entries(held).filter(([name]) => !plan.delete.includes(name));
  return { ...Object.fromEntries(kept), ...Object.fromEntries(plan.put.map((name) => [name, asked[name]])) };
}

async function complete(
  pass: Pass,
  { connection: { workspace } }: Managed,
  { parts, asked, id }: Pick<AtOnceContext, "parts" | "asked" | "id">,
  { held, wanted }: { held: Values; wanted: Values },
): Promise<Values> {
  if (parts.complete === undefined) return wanted;
  const { complete } = parts;
  const completed = await attempt(
    `Cannot set the ${parts.noun}s of ${pass.label}`,
    () => complete(workspace, { wanted, held, asked }, id),
  );
  if ("wanted" in completed) return completed.wanted;
  const { path, message } = completed.issue;
  throw new BlockedError("InvalidSpec", `${path}: ${message}`);
}

interface Writing extends AtOnceContext, Situation, Decided {
  readonly subject: PartSubject;
}

async function write(pass: Pass, managed: Managed, writing: Writing): Promise<void> {
  const { parts, id, asked, there, observed, plan, reads, subject } = writing;
  const { deleted = [] } = reads.written(pass.key, subject.of) ?? {};
  const known = [...Object.keys(there), ...plan.delete, ...deleted];
  const { workspace } = managed.connection;
  const missed = parts.exclusive || plan.delete.length === 0 ? {} : await othersIn(workspace, { parts, id, known });
  const wanted = { ...missed, ...writing.wanted };
  const before = { ...pass.status.parts };
  await claim(pass, plan);
  reads.writes(pass.key, subject.of);
  const change = { wanted, held: there, asked, put: plan.put, deleted: plan.delete };
  const what = `Cannot set the ${parts.noun}s of ${pass.label}`;
  try {
    await attempt(what, () => parts.putAll(workspace, id, change));
  } catch (thrown) {
    const error = causeOf(thrown);
    if (error instanceof DatabricksError && error.refused) {
      // A refused part was not written, and is not the object's to delete.
      pass.status.parts = before;
      await pass.save({ evenIfStale: true });
    }
    throw thrown;
  }
  reads.wrote(pass.key, subject.of, {
    parts: wanted,
    deleted: [...deleted, ...plan.delete].filter((name) => !Object.hasOwn(wanted, name)),
  });
  const gone = [...plan.delete, ...plan.forget];
  const left = Object.entries(pass.status.parts ?? {}).filter(([name]) => !gone.includes(name));
  pass.status.parts = Object.fromEntries(left);
  const done = { put: plan.put, delete: plan.delete };
  tell(pass, { parts, desired: wanted, observed, context: writing }, { done, drifted: plan.drifted });
}

/** Records what is about to be written, so that it is known to be the object's whatever happens next. */
async function claim(pass: Pass, { put, keep }: PartPlan): Promise<void> {
  const recorded: Record<string, RecordedPart> = { ...pass.status.parts };
  // Until it is written, nobody else can have changed it.
  for (const name of put) recorded[name] = recorded[name]?.kept ? { value: "" } : recorded[name] ?? { value: "" };
  for (const name of keep) recorded[name] = { kept: true, needed: true };
  pass.status.parts = recorded;
  await pass.save();
}

/**
 * Records the requested value of each part, and who wrote it.
 *
 * @param missed Parts that stay recorded, to be deleted if a later read shows them.
 */
function record(pass: Pass, { asked, parts }: AtOnceContext, missed: readonly string[]): void {
  const known = pass.status.parts ?? {};
  const isOurs = (name: string) => parts.exclusive || (Object.hasOwn(known, name) && known[name]?.kept !== true);
  const named = Object.keys(asked).map((name): [string, RecordedPart] =>
    isOurs(name) ? [name, { value: textOf(asked[name]) }] : [name, { kept: true }]
  );
  const needed = Object.entries(known).filter(([name, part]) =>
    (part.needed || missed.includes(name)) && !Object.hasOwn(asked, name)
  );
  const recorded = Object.fromEntries([...named, ...needed]);
  if (canonicalJson(recorded) !== canonicalJson(known)) pass.status.parts = recorded;
}
