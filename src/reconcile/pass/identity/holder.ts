/**
 * The holder: the resource that an object's parts belong to and that the object itself does not create.
 *
 * @module
 */
import type { Resource } from "../../../resource.ts";
import { BlockedError } from "../../object/outcome.ts";

/** The holder does not exist (yet). */
export function holderMissing({ parts, noun }: Resource, id: string): BlockedError {
  const holder = parts?.holder;
  if (holder !== undefined) {
    return new BlockedError(holder.reason, `${holder.noun} "${id}" does not exist: ${holder.advice}`, "retry");
  }
  return new BlockedError("ParentMissing", `What the ${noun} are for ("${id}") does not exist: create it`, "retry");
}

/** The holder existed before, and is gone. */
export function holderGone({ parts, noun }: Resource, id: string): BlockedError {
  const { reason = "ParentMissing", noun: what = `What the ${noun} are for,` } = parts?.holder ?? {};
  return new BlockedError(reason, `${what} "${id}" does not exist any more`, "retry");
}
