/**
 * Tracks which write-only values were sent, without storing them: within the process by a keyed hash, across restarts
 * by the Secret's UID and resourceVersion. No hash of a value leaves the process.
 *
 * @module
 */
import { createHmac, randomBytes } from "node:crypto";
import type { KubeObject } from "../../../kubernetes/client.ts";
import type { Source } from "../../object/status.ts";
import type { Work } from "../work.ts";

/** The values of a Secret or ConfigMap that an object refers to. */
export interface Values {
  readonly kind: "Secret" | "ConfigMap";
  /** The field of the manifest that names it. */
  readonly field: string;
  readonly source: Source;
  readonly values: Readonly<Record<string, Uint8Array>>;
}

/** The values that were sent, by object. */
export class SentValues {
  readonly #secret = randomBytes(32);
  readonly #sent = new Map<string, Map<string, string>>();

  /**
   * The keys whose values differ from those that were sent for this object. After a restart, an unchanged Secret means
   * none, a changed one all.
   */
  changed(uid: string, { source, values }: Values, recorded: Source | undefined): Set<string> {
    const sent = this.#sent.get(uid);
    const keys = Object.keys(values);
    if (sent !== undefined) return new Set(keys.filter((key) => sent.get(key) !== this.#hash(values[key])));
    if (!isSameSource(source, recorded)) return new Set(keys);
    for (const key of keys) this.record(uid, key, values[key]);
    return new Set();
  }

  /** Notes that a value was sent. */
  record(uid: string, key: string, value: Uint8Array | undefined): void {
    const sent = this.#sent.get(uid) ?? new Map<string, string>();
    this.#sent.set(uid, sent.set(key, this.#hash(value)));
  }

  /** Forgets an object that is gone. */
  forget(uid: string): void {
    this.#sent.delete(uid);
  }

  #hash(value: Uint8Array | undefined): string {
    return createHmac("sha256", this.#secret).update(value ?? "").digest("base64");
  }
}

/** True if two sources are the same version of the same Secret. */
export function isSameSource(a: Source | undefined, b: Source | undefined): boolean {
  return a?.name === b?.name && a?.uid === b?.uid && a?.resourceVersion === b?.resourceVersion;
}

/** The source of values, for the status. */
export function sourceOf(secret: KubeObject): Source {
  const { name = "", uid = "", resourceVersion = "" } = secret.metadata;
  return { name, uid, resourceVersion };
}

/** Notes that the write-only values were sent; parts are noted one by one, with each key. */
export function markSent(work: Work): void {
  const { context: { sent }, pass, managed: { values } } = work;
  if (values === undefined || pass.resource.parts?.writeOnly === true) return;
  for (const [key, value] of Object.entries(values.values)) sent.record(pass.uid, key, value);
  pass.status.source = values.source;
}
