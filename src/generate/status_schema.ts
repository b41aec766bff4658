/**
 * The schema of a kind's whole status: the fields of all kinds, and its own.
 *
 * @module
 */
import * as z from "zod";
import type { Resource } from "../resource.ts";
import { commonStatus, onceStatus, runStatus } from "../resource/status.ts";

/** The part of a declaration that its status depends on. */
export type StatusSource = Pick<Resource, "runs" | "once" | "statusFields"> & {
  /** The whole status, for a kind that manages nothing in Databricks. */
  readonly status?: z.ZodObject;
};

/** The schema of a kind's whole status. */
export function statusOf({ once, runs, statusFields, status }: StatusSource): z.ZodObject {
  if (status !== undefined) return status;
  return z.object({
    ...commonStatus,
    ...(once === undefined ? {} : onceStatus),
    ...runs?.statusFields,
    ...(runs === undefined ? {} : runStatus),
    ...statusFields,
  });
}
