/**
 * Parts that the operator itself needs: without its own permission on a resource it could neither update nor delete it.
 *
 * @module
 */
import { canonicalJson, own } from "../../../base/json.ts";
import type { ObservedPart, PartRules, PartsOneByOne, Workspace } from "../../../resource.ts";
import { BlockedError } from "../../object/outcome.ts";
import type { PartPlan } from "../../plan/part_plan.ts";

type Fields = Record<string, unknown>;
type Parts = PartRules<Fields> & PartsOneByOne<Fields>;

/** Options of {@link withNeeded}, besides the plan. */
export interface NeededContext {
  readonly parts: Parts;
  readonly workspace: Workspace;
  /** The external resource's id. */
  readonly id: string;
  readonly desired: Readonly<Record<string, unknown>>;
  readonly observed: Readonly<Record<string, ObservedPart>>;
}

/**
 * Removes from a plan what would cost the operator its access, and puts its own part first if a part that is to be
 * deleted (a group's) may be what gives it access. Nothing is read if no existing part is deleted or changed.
 *
 * @throws {BlockedError} if the manifest demands it.
 */
export async function withNeeded(plan: PartPlan, context: NeededContext): Promise<PartPlan> {
  const { parts, workspace, id, desired, observed } = context;
  const losing = [...plan.delete, ...plan.put].filter((name) => Object.hasOwn(observed, name));
  if (parts.needed === undefined || losing.length === 0) return plan;
  let kept = plan;
  for (const [name, value] of Object.entries(await parts.needed(workspace))) {
    const alike = (names: Iterable<string>) => [...names].find((one) => isSame(parts, one, name));
    const isNeeded = (one: unknown) => canonicalJson(one) === canonicalJson(value);
    const wanted = alike(Object.keys(desired));
    if (wanted !== undefined && !isNeeded(own(desired, wanted))) refuse(parts, wanted, value);
    if (wanted !== undefined) continue;
    const held = alike(Object.keys(observed)) ?? name;
    const isGoing = losing.some((one) => one !== held && isNeeded(own(observed, one)?.value));
    if (isGoing && !isNeeded(own(observed, held)?.value)) await parts.put(workspace, id, held, value);
    kept = keeping(kept, held);
  }
  return kept;
}

function keeping(plan: PartPlan, name: string): PartPlan {
  const others = (names: readonly string[]) => names.filter((one) => one !== name);
  return {
    ...plan,
    put: others(plan.put),
    delete: others(plan.delete),
    forget: others(plan.forget),
    drifted: others(plan.drifted),
    keep: [...others(plan.keep), name],
  };
}

function refuse({ noun, field }: Parts, name: string, value: unknown): never {
  throw new BlockedError(
    "InvalidSpec",
    `spec.${field}: ${noun} "${name}" is the operator's own, which could not go on without ${value}: ` +
      `set it to ${value}, or take it out of the list`,
  );
}

/** True if two names denote the same part. */
export function isSame({ spelling = (name) => name }: Pick<Parts, "spelling">, a: string, b: string): boolean {
  return spelling(a) === spelling(b);
}

/**
 * The parts in Databricks, by their recorded names: Databricks may spell a name differently than the manifest. Only
 * recorded parts are known to be the same; any other part that differs in spelling may be somebody else's.
 */
export function asRecorded(
  parts: Pick<Parts, "spelling">,
  observed: Readonly<Record<string, ObservedPart>>,
  recorded: readonly string[],
): Record<string, ObservedPart> {
  const ours = (name: string) =>
    recorded.find((one) => !Object.hasOwn(observed, one) && isSame(parts, one, name)) ?? name;
  const isRecorded = new Set(recorded);
  return Object.fromEntries(
    Object.entries(observed).map(([name, part]) => [isRecorded.has(name) ? name : ours(name), part]),
  );
}
