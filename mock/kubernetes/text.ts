/**
 * The JSON text of objects, written once per state of an object, however many lists and watches send it.
 *
 * @module
 */
import { stringifyJson } from "../../src/base/json.ts";
import type { KubeObject } from "../../src/kubernetes/object.ts";

const texts = new WeakMap<KubeObject, string>();
const itemTexts = new WeakMap<KubeObject, string>();

/** An object as JSON. */
export function textOf(object: KubeObject): string {
  return remembered(texts, object, () => stringifyJson(object));
}

/** An object as an item of a list; lists of built-in kinds omit the apiVersion and kind of their items. */
export function itemTextOf(object: KubeObject, isCustom: boolean): string {
  if (isCustom) return textOf(object);
  return remembered(itemTexts, object, () => stringifyJson({ ...object, apiVersion: undefined, kind: undefined }));
}

function remembered(memory: WeakMap<KubeObject, string>, object: KubeObject, make: () => string): string {
  const known = memory.get(object);
  if (known !== undefined) return known;
  const text = make();
  memory.set(object, text);
  return text;
}
