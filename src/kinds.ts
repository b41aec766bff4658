/**
 * All kinds that have a CRD: those that manage resources of Databricks, and the connection that they use.
 *
 * @module
 */
import { connectionKind, type Kind } from "./connection.ts";
import type { Resource } from "./resource.ts";
import { resources } from "./resources/mod.ts";

/** All kinds that have a CRD, in the order in which they should be applied. */
export const kinds: readonly (Resource | Kind)[] = [connectionKind, ...resources];
