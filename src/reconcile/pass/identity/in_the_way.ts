/**
 * Handles resources that may be an object's own, or that occupy its name or path, without proof: a person decides.
 *
 * @module
 */
import { AlreadyExistsError } from "../../../databricks/errors.ts";
import type { External } from "../../../resource.ts";
import { isConnected } from "../../connect/workspace_connection.ts";
import { AttemptError, causeOf } from "../../object/attempt.ts";
import { BlockedError } from "../../object/outcome.ts";
import type { Context } from "../context.ts";
import type { IdentityOptions } from "./identity.ts";
import type { Managed, Pass } from "../pass.ts";
import { isTokenless } from "./token.ts";

/** The error for a resource that may be the object's own, without proof. */
export class InTheWayError extends BlockedError {
  /** @param id The id of the resource in the way. */
  constructor(readonly id: string, message: string, wait: "change" | "retry" = "change") {
    super("AlreadyExists", message, wait);
  }
}

/** Describes what is in the way, and the remedies. */
export function inItsWay(pass: Pass, managed: Managed, inTheWay: External, options: IdentityOptions): InTheWayError {
  const { resource } = pass;
  const message = inTheWayText(pass, managed, inTheWay, options.holders().get(inTheWay.id));
  // It may be another object's, whose status will say so in a moment.
  const name = resource.identity === "tag" ? resource.displayName?.(inTheWay.observed) : undefined;
  const passes = name !== undefined && options.isBeingMade?.(name) === true;
  return new InTheWayError(inTheWay.id, message, passes || isTokenless(pass, managed) ? "retry" : "change");
}

/** Reports that one of several resources is the object's own, and nothing shows which. */
export function severalInItsWay({ resource: { noun, kind } }: Pass, found: readonly External[]): InTheWayError {
  const ids = found.map(({ id }) => id).join(", ");
  return new InTheWayError(
    ids,
    `The start got no answer, and ${noun}s ${ids} were begun since, each as this object asks for: look in Databricks ` +
      `whether one of them is enough; delete this object, which ends none of them, and create another ${kind} to begin ` +
      `another; until then none is begun`,
  );
}

function inTheWayText(pass: Pass, managed: Managed, { id, marked }: External, holder?: string): string {
  const { noun, identity, kind, once } = pass.resource;
  if (once !== undefined) {
    return `${noun} ${id} exists already and may be this object's own, since it was begun after this object was ` +
      `created: set annotation databricks-operator/adopt: "true" to follow it, or create another ${kind} to begin ` +
      `another; until then none is begun`;
  }
  if (marked !== true && identity === "tag" && holder === undefined) {
    return `${noun} ${id} exists already and may be this object's own, since it has this name and carries nobody's tag: ` +
      `set annotation databricks-operator/adopt: "true" to take it over; or, if it is not this object's, use another ` +
      `name for one of the two; until then it is left alone, and none is made`;
  }
  if (marked !== true) return existsAlready(pass, id, holder);
  return `${noun} ${id} carries the tag "${managed.connection.settings.ownershipTag}" of this object, but another user ` +
    `made it: if it is this object's ${noun}, set annotation databricks-operator/adopt: "true"; if somebody cloned it, ` +
    `take the tag off the clone; until then it is left alone, and none is made`;
}

function existsAlready(pass: Pass, id: string, holder?: string): string {
  const what = `${pass.resource.noun} ${id} exists already`;
  if (holder !== undefined) return `${what} and ${heldBy(pass, holder)}`;
  return `${what} and was not made by this object: set annotation databricks-operator/adopt: "true" to take it over, ` +
    `or use another name; until then it is left alone`;
}

function heldBy({ resource: { kind }, status }: Pass, holder: string): string {
  const held = `is held by ${kind} "${holder}": use another name`;
  if (status.id !== undefined) return held;
  return `${held}; or set annotation databricks-operator/adopt: "true" on this object and ` +
    `databricks-operator/deletion-policy: retain on that one, and then delete that one`;
}

/**
 * Adds the managed object that holds a taken name to the error. A search may not find its resource: lists lag, and show
 * less to another principal.
 */
export function namingHolder({ connections, state }: Context, pass: Pass, thrown: unknown): unknown {
  const error = causeOf(thrown);
  const connection = connections.of(pass.place);
  if (!(error instanceof AlreadyExistsError) || !isConnected(connection)) return thrown;
  const holder = state.rivalOf(pass.object, connection.workspace.host);
  if (holder === undefined) return thrown;
  const named = new AlreadyExistsError({ ...error.failure, remedy: `it ${heldBy(pass, holder)}` });
  return thrown instanceof AttemptError ? new AttemptError(thrown.what, named) : named;
}
