/**
 * Field ownership: `metadata.managedFields`.
 *
 * @module
 */
import type { Json, JsonObject } from "../../../src/base/json.ts";
import { isObject } from "../../../src/base/json.ts";
import type { KubeObject, ManagedFields } from "../../../src/kubernetes/object.ts";
import { equal } from "../values.ts";
import { FieldSet } from "./field_set.ts";

/** A manager of fields, for one operation. */
export interface Manager {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly subresource?: string | undefined;
}

/** The fields of one manager, and the time of its last write. */
export interface Share extends Manager {
  readonly fields: FieldSet;
  readonly time: string;
}

/** The shares of an object, by {@link keyOf}. */
export type Shares = Map<string, Share>;

/** Returns the key that distinguishes managers. */
export function keyOf({ manager, operation, apiVersion, subresource = "" }: Manager): string {
  return JSON.stringify([manager, operation, apiVersion, subresource]);
}

/** Reads the shares of an object. */
export function sharesOf(object: KubeObject): Shares {
  return new Map(
    (object.metadata.managedFields ?? []).filter(isEntry).map((entry) => {
      const { manager = "", operation, apiVersion, subresource, time, fieldsV1 } = entry;
      const share: Share = {
        manager,
        operation: operation as Manager["operation"],
        apiVersion: String(apiVersion),
        ...subresource !== undefined && { subresource },
        time: String(time ?? ""),
        fields: FieldSet.fromJson(fieldsV1 as Json),
      };
      return [keyOf(share), share];
    }),
  );
}

function isEntry(entry: ManagedFields): boolean {
  return (entry.operation === "Apply" || entry.operation === "Update") && isObject(entry.fieldsV1);
}

/**
 * The shares that an update starts from: those in the request, if it has any, otherwise the object's own. A single
 * empty entry removes all shares.
 */
export function sharesForUpdate(old: KubeObject, next: KubeObject, isSubresource: boolean): Shares {
  const asked = next.metadata.managedFields;
  if (isSubresource || asked === undefined) return sharesOf(old);
  if (asked.length === 1 && Object.keys(asked[0]!).length === 0) return new Map();
  const shares = sharesOf(next);
  return shares.size > 0 ? shares : sharesOf(old);
}

/** Formats shares: those of `Apply` first, then by time and name. Empty ones are omitted. */
export function toManagedFields(shares: Shares): ManagedFields[] {
  return [...shares.values()].filter(({ fields }) => !fields.isEmpty).sort(compareShares).map((share) => {
    const { manager, operation, apiVersion, subresource, time, fields } = share;
    const fieldsV1: JsonObject = fields.toJson();
    const entry = { manager, operation, apiVersion, time, fieldsType: "FieldsV1", fieldsV1 };
    return { ...entry, ...subresource && { subresource } };
  });
}

function compareShares(a: Share, b: Share): number {
  const keys = [(share: Share) => share.operation, (share: Share) => share.time, (share: Share) => share.manager];
  const differing = keys.find((key) => key(a) !== key(b));
  return differing === undefined ? 0 : differing(a) < differing(b) ? -1 : 1;
}

/** Keeps the former time of each share whose fields did not change. */
export function keepTimes(shares: Shares, before: Shares): Shares {
  return new Map([...shares].map(([key, share]) => {
    const old = before.get(key);
    const isSame = old !== undefined && equal(old.fields.toJson(), share.fields.toJson());
    return [key, isSame ? { ...share, time: old.time } : share];
  }));
}
