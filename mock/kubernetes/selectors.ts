/**
 * Label and field selectors.
 *
 * @module
 */
import type { KubeObject } from "../../src/kubernetes/object.ts";
import { badRequest } from "./errors.ts";
import type { ResourceType } from "./resource_type.ts";
import { at } from "./values.ts";

/** Returns true if an object is selected. */
export type Selector = (object: KubeObject) => boolean;

type LabelTest = (labels: Record<string, string>) => boolean;

const WORD = "[A-Za-z0-9._/-]+";

/** The forms of a label requirement, and their tests. */
const labelForms: readonly { form: RegExp; test: (key: string, values: readonly string[]) => LabelTest }[] = [
  { form: new RegExp(`^(${WORD})\\s+in\\s*\\(([^)]*)\\)$`), test: isIn },
  {
    form: new RegExp(`^(${WORD})\\s+notin\\s*\\(([^)]*)\\)$`),
    test: (key, values) => (labels) => !isIn(key, values)(labels),
  },
  { form: new RegExp(`^(${WORD})\\s*==?\\s*(${WORD})?$`), test: isIn },
  {
    form: new RegExp(`^(${WORD})\\s*!=\\s*(${WORD})?$`),
    test: (key, values) => (labels) => !isIn(key, values)(labels),
  },
  {
    form: new RegExp(`^(${WORD})\\s*>\\s*(\\d+)$`),
    test: (key, [limit]) => (labels) => Number(labels[key]) > Number(limit),
  },
  {
    form: new RegExp(`^(${WORD})\\s*<\\s*(\\d+)$`),
    test: (key, [limit]) => (labels) => Number(labels[key]) < Number(limit),
  },
  { form: new RegExp(`^!\\s*(${WORD})$`), test: (key) => (labels) => !Object.hasOwn(labels, key) },
  { form: new RegExp(`^(${WORD})$`), test: (key) => (labels) => Object.hasOwn(labels, key) },
];

function isIn(key: string, values: readonly string[]): LabelTest {
  return (labels) => Object.hasOwn(labels, key) && values.includes(labels[key]!);
}

/**
 * Parses a label selector: `a=b,c!=d,e in (f, g),h,!i`.
 *
 * @throws {ApiError} 400 if it is malformed.
 */
export function labelSelector(text: string): Selector {
  // Commas inside parentheses separate values, not requirements.
  const parts = text.split(/,(?![^(]*\))/).map((part) => part.trim()).filter((part) => part !== "");
  const tests = parts.map((part) => {
    for (const { form, test } of labelForms) {
      const found = part.match(form);
      if (found) return test(found[1]!, (found[2] ?? "").split(",").map((value) => value.trim()));
    }
    throw badRequest(`unable to parse requirement: found '${part}'`);
  });
  return ({ metadata }) => tests.every((test) => test(metadata.labels ?? {}));
}

/** A requirement of a field selector. */
export interface FieldRequirement {
  readonly label: string;
  readonly value: string;
  readonly isEqual: boolean;
}

/** Parses a field selector into requirements: `metadata.name=a,type!=b`. */
export function fieldRequirements(text: string): FieldRequirement[] {
  return text.split(",").map((part) => part.trim()).filter((part) => part !== "").map((part) => {
    const [, label, operator, value] = part.match(/^([^=!]+?)\s*(==|!=|=)\s*(.*)$/) ?? [];
    if (label === undefined) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
    return { label, value: value ?? "", isEqual: operator !== "!=" };
  });
}

/** Parses a field selector for a kind. @throws {ApiError} 400 if the kind does not support one of the fields. */
export function fieldSelector(text: string, type: ResourceType): Selector {
  const tests = fieldRequirements(text).map(({ label, value, isEqual }) => {
    const path = pathOf(label, type);
    return (object: KubeObject) => (String(at(object, ...path) ?? "") === value) === isEqual;
  });
  return (object) => tests.every((test) => test(object));
}

function pathOf(label: string, type: ResourceType): readonly string[] {
  if (label === "metadata.name") return ["metadata", "name"];
  if (label === "metadata.namespace" && type.namespaced) return ["metadata", "namespace"];
  const path = Object.hasOwn(type.selectable, label) ? type.selectable[label] : undefined;
  if (path) return path;

  throw badRequest(`field label not supported: ${label}`);
}
