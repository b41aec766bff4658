/**
 * Finds a Python with the official Databricks SDK.
 *
 * @module
 */
import { findPython as find, type Found } from "../support/python.ts";

export type { Found } from "../support/python.ts";

/** The version of the SDK that the API's types were generated from: the mock is checked with the same one. */
export async function sdkVersion(): Promise<string> {
  const types = await Deno.readTextFile(new URL("../../tools/api/databricks-types.json", import.meta.url));
  const version = /databricks-sdk (\d+\.\d+\.\d+)/.exec(JSON.parse(types).source)?.[1];
  if (version === undefined) throw new Error("Cannot tell the SDK's version: databricks-types.json names none");
  return version;
}

/** Finds or makes the Python. */
export function findPython(version: string): Promise<Found> {
  return find({ "databricks-sdk": version });
}
