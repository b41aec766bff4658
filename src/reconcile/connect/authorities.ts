/**
 * The authorities that a connection object trusts besides the public ones: certificates from a ConfigMap or a Secret,
 * such as those that trust-manager writes.
 *
 * @module
 */
import { objectKey } from "../../base/object_key.ts";
import type { Ca } from "../../connection.ts";
import { BlockedError } from "../object/outcome.ts";
import { namespaceIn, type Place } from "../object/place.ts";
import { decodeData, type Secrets } from "./secrets.ts";

/** The prefix of a place's name as a user of such an object. */
const USER = "authorities/";

/** Reads the authorities of connection objects, and follows their changes. */
export class Authorities {
  readonly #secrets: Secrets;
  readonly #configMaps: Secrets;

  constructor({ secrets, configMaps }: { readonly secrets: Secrets; readonly configMaps: Secrets }) {
    this.#secrets = secrets;
    this.#configMaps = configMaps;
  }

  /** The place of a user; `undefined` for a user of something else. */
  static placeOf(user: string): Place | undefined {
    return user.startsWith(USER) ? user.slice(USER.length) : undefined;
  }

  /**
   * The certificates (PEM) of a place; none if it names none.
   *
   * @throws {BlockedError} that names the object and the key.
   */
  async of(place: Place, ca: Ca | undefined): Promise<string | undefined> {
    const user = USER + place;
    if (ca?.kind !== "Secret") this.#secrets.release(user);
    if (ca?.kind !== "ConfigMap") this.#configMaps.release(user);
    if (ca === undefined) return undefined;
    const { kind, name, key } = ca;
    const isSecret = kind === "Secret";
    const namespace = namespaceIn(place);
    const what = `spec.ca: ${kind} "${objectKey(namespace, name)}"`;
    const object = await (isSecret ? this.#secrets : this.#configMaps).wait(user, namespace, name);
    if (object === undefined) {
      throw new BlockedError("CredentialsMissing", `${what} does not exist: create it with the key ${key}`);
    }
    const text = isSecret ? new TextDecoder().decode(decodeData(object)[key]) : object.data?.[key] ?? "";
    if (text === "") throw new BlockedError("CredentialsInvalid", `${what} has no key "${key}": add it`);
    return text;
  }
}
