/**
 * The objects that use a connection, counted over all kinds.
 *
 * @module
 */
import { nameOf, type ObjectKey } from "../../base/object_key.ts";
import { namespaceIn, type Place } from "../object/place.ts";

/** The number of objects that a message names. */
const MAX_NAMED = 3;

/** The objects that use a connection. */
export interface Users {
  readonly count: number;
  /** The first few, for a message: `DatabricksJob etl, DatabricksJob load, …`. */
  readonly shown: string;
  /** False while some objects are unknown. */
  readonly areKnown: boolean;
}

/** The objects of one kind. */
interface Kind {
  readonly kind: string;
  readonly keys: (place: Place) => ObjectKey[];
  readonly isKnown: (namespace: string) => boolean;
}

/** The objects of these kinds that use a place's connection. */
export function usersOf(place: Place, kinds: readonly Kind[]): Users {
  const all = kinds.map((kind) => ({ kind: kind.kind, keys: kind.keys(place) }));
  const count = all.reduce((sum, { keys }) => sum + keys.length, 0);
  const some = all.flatMap(({ kind, keys }) => keys.slice(0, MAX_NAMED).map((key) => `${kind} ${nameOf(key)}`));
  const shown = some.slice(0, MAX_NAMED).join(", ") + (count > MAX_NAMED ? ", …" : "");
  return { count, shown, areKnown: kinds.every((kind) => kind.isKnown(namespaceIn(place))) };
}
