/**
 * The schema of a kind's whole status: the fields of all kinds, and the kind's own.
 *
 * @module
 */
import * as z from "zod";
import type { Resource } from "../resource.ts";
import { commonStatus, onceStatus, runStatus } from "../resource/status.ts";

/** The schema of a kind's whole status. */
export function statusOf({ once, runs, statusFields }: Pick<Resource, "runs" | "once" | "statusFields">): z.ZodObject {
  return z.object({
    ...commonStatus,
    ...(once === undefined ? {} : onceStatus),
    ...runs?.statusFields,
    ...(runs === undefined ? {} : runStatus),
    ...statusFields,
  });
}
