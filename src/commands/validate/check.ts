/**
 * Checks manifests without a cluster or a workspace: finds what the API server would refuse, what the operator would
 * refuse, and probable mistakes.
 *
 * @module
 */
import { cycleOf } from "../../base/cycle.ts";
import { isObject } from "../../base/json.ts";
import { nearest } from "../../base/text.ts";
import { specSchema } from "../../generate/crd.ts";
import type { StructuralSchema } from "../../generate/schema.ts";
import { compile, fieldOf, toCel } from "../../kubernetes/cel.ts";
import type { KubeObject } from "../../kubernetes/client.ts";
import { annotationProblem } from "../../reconcile/object/status.ts";
import { unknownOf } from "../../reconcile/pass/manifest/unknown_fields.ts";
import { doubtfulValues } from "../../reconcile/plan/doubtful.ts";
import { referencesOf } from "../../reconcile/plan/references.ts";
import { issuesOf } from "../../reconcile/plan/spec_issues.ts";
import { GROUP, type Resource, VERSION } from "../../resource.ts";
import type { Manifest } from "../manifests.ts";

/** The part of a kind that the checks of its manifests depend on. */
export type Checkable = Pick<
  Resource,
  "kind" | "spec" | "rules" | "descriptions" | "validate" | "doubts" | "passesOn" | "keepsBack" | "desiredPath"
>;

/** An error, or a probable one. */
export interface Finding {
  readonly severity: "error" | "warning";
  readonly file: string;
  /** The line, from 1. */
  readonly line: number;
  /** `DatabricksJob team/etl`. */
  readonly object: string;
  /** The field, its error, and the remedy. */
  readonly message: string;
}

/** The result of a check. */
export interface Checked {
  readonly findings: readonly Finding[];
  /** The number of objects of the operator's kinds. */
  readonly objects: number;
  /** The number of documents of other kinds, which are skipped. */
  readonly others: number;
}

/** A name as Kubernetes takes it (RFC 1123 subdomain). */
const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Checks manifests of the given kinds; objects without a namespace are in `namespace`. */
export function checkManifests(
  manifests: readonly Manifest[],
  { resources, namespace }: { readonly resources: readonly Checkable[]; readonly namespace: string },
): Checked {
  const ours = manifests.filter(({ object }) => isOurs(object));
  const placed = ours.map((manifest) => ({ manifest, title: titleOf(manifest.object, namespace) }));
  const findings = placed.flatMap(({ manifest, title }) => {
    const told: Told = (severity, message, path = "") => ({
      severity,
      file: manifest.file,
      line: manifest.lineOf(path),
      object: title,
      message,
    });
    const resource = resources.find(({ kind }) => kind === manifest.object.kind);
    if (resource === undefined) return [unknownKind(manifest.object, resources, told)];
    return checkObject(manifest.object, resource, told);
  });
  const all = [...findings, ...twice(placed), ...circles(placed, { resources, namespace })];
  return { findings: all, objects: ours.length, others: manifests.length - ours.length };
}

type Told = (severity: Finding["severity"], message: string, path?: string) => Finding;
interface Placed {
  readonly manifest: Manifest;
  readonly title: string;
}

function isOurs({ apiVersion = "" }: KubeObject): boolean {
  return String(apiVersion).split("/")[0] === GROUP;
}

function titleOf({ kind, metadata }: KubeObject, namespace: string): string {
  const { name = "?", generateName, namespace: own = namespace } = metadata ?? {};
  return `${kind} ${own}/${generateName === undefined || name !== "?" ? name : `${generateName}*`}`;
}

function unknownKind({ kind = "" }: KubeObject, resources: readonly Checkable[], told: Told): Finding {
  const kinds = resources.map((resource) => resource.kind);
  const meant = nearest(kind, kinds);
  return told(
    "error",
    `there is no kind "${kind}": ${meant === undefined ? `known are ${kinds.join(", ")}` : `did you mean ${meant}?`}`,
    "kind",
  );
}

function checkObject(object: KubeObject, resource: Checkable, told: Told): Finding[] {
  const spec = object.spec ?? {};
  return [
    ...checkMetadata(object, told),
    ...checkSpec(spec, resource, told),
    ...checkRules(spec, schemaOf(resource), "spec").map(({ path, message }) =>
      told("error", `${path}: ${message}`, path)
    ),
    ...doubtfulValues(resource.spec, spec).map(({ path, message }) => told("warning", `${path}: ${message}`, path)),
  ];
}

const schemas = new WeakMap<Checkable, StructuralSchema>();

/** The schema of a kind's `spec`, cached: a job's has thousands of fields. */
function schemaOf(resource: Checkable): StructuralSchema {
  const schema = schemas.get(resource) ?? specSchema(resource);
  schemas.set(resource, schema);
  return schema;
}

function checkMetadata({ apiVersion, metadata }: KubeObject, told: Told): Finding[] {
  const findings: Finding[] = [];
  const expected = `${GROUP}/${VERSION}`;
  if (apiVersion !== expected) findings.push(told("error", `apiVersion must be ${expected}`, "apiVersion"));
  const { name, generateName, annotations = {}, labels = {} } = metadata ?? {};
  if (name === undefined && generateName === undefined) {
    findings.push(told("error", "metadata.name is missing", "metadata"));
  }
  if (name !== undefined && !(typeof name === "string" && name.length <= 253 && NAME.test(name))) {
    const rule = "lower-case letters, digits, - and ., beginning and ending with a letter or digit";
    findings.push(
      told("error", `metadata.name: ${JSON.stringify(name)} is no name in Kubernetes: use ${rule}`, "metadata.name"),
    );
  }
  for (const [where, texts] of [["annotations", annotations], ["labels", labels]] as const) {
    for (const [key, value] of Object.entries(texts ?? {})) {
      if (typeof value === "string") continue;
      const path = `metadata.${where}`;
      findings.push(told("error", `${path}: the value of ${key} must be a text: put ${value} in quotes`, path));
    }
  }
  if (findings.length > 0) return findings;
  const problem = annotationProblem({ metadata: metadata ?? {} });
  return problem === undefined ? [] : [told("error", problem, "metadata.annotations")];
}

function checkSpec(spec: Record<string, unknown>, resource: Checkable, told: Told): Finding[] {
  const { sentence } = unknownOf(resource, spec);
  const unknown = sentence === "" ? [] : [told("warning", sentence, sentence.split(/[,:]/)[0])];
  const parsed = resource.spec.safeParse(spec);
  if (!parsed.success) {
    const errors = issuesOf(parsed.error).map(({ path, message }) => told("error", `${path}: ${message}`, path));
    return [...unknown, ...errors];
  }
  const read = parsed.data as Record<string, unknown>;
  return [
    ...unknown,
    ...(resource.validate?.(read) ?? []).map(({ path, message }) => told("error", `${path}: ${message}`, path)),
    ...(resource.doubts?.(read) ?? []).map(({ path, message }) => told("warning", `${path}: ${message}`, path)),
  ];
}

/** The rules (CEL) of a schema that a new object breaks; those that compare with a former value do not apply. */
function checkRules(value: unknown, schema: StructuralSchema, path: string): { path: string; message: string }[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? [] : value.flatMap((one, index) => checkRules(one, items, `${path}[${index}]`));
  }
  if (!isObject(value)) return [];
  const own = (schema["x-kubernetes-validations"] ?? []).filter(({ rule }) =>
    !/\boldSelf\b/.test(rule) && !holds(rule, value, schema)
  );
  const below = Object.entries(value).flatMap(([name, content]) => {
    const field = fieldOf(schema, name) as StructuralSchema | undefined;
    return field === undefined ? [] : checkRules(content, field, `${path}.${name}`);
  });
  return [...own.map(({ message }) => ({ path, message })), ...below];
}

/** Evaluates a rule. One that cannot be evaluated met a wrong type, which is reported already. */
function holds(rule: string, value: unknown, schema: StructuralSchema): boolean {
  try {
    return compile(rule)({ self: toCel(value, schema) }) !== false;
  } catch {
    return true;
  }
}

/** Objects that occur more than once in the files: only the last one applied would count. */
function twice(placed: readonly Placed[]): Finding[] {
  const first = new Map<string, Manifest>();
  return placed.flatMap(({ manifest, title }): Finding[] => {
    if (manifest.object.metadata?.name === undefined) return [];
    const before = first.get(title);
    first.set(title, before ?? manifest);
    if (before === undefined) return [];
    const message = `stands in ${before.file}:${before.lineOf("metadata")} too: keep one of the two`;
    return [{ severity: "error", file: manifest.file, line: manifest.lineOf("metadata"), object: title, message }];
  });
}

/** Objects that refer to each other, so that none of them can be created first. */
function circles(
  placed: readonly Placed[],
  { resources, namespace }: { readonly resources: readonly Checkable[]; readonly namespace: string },
): Finding[] {
  const edges = new Map(placed.map(({ manifest: { object }, title }) => {
    const resource = resources.find(({ kind }) => kind === object.kind);
    const found = resource === undefined ? [] : referencesOf(resource.spec, object.spec ?? {});
    const own = object.metadata?.namespace ?? namespace;
    return [title, found.map(({ kind, name }) => `${kind} ${own}/${name}`)];
  }));
  const circle = cycleOf(edges);
  const at = placed.find(({ title }) => title === circle?.[0]);
  if (circle === undefined || at === undefined) return [];
  const message = `refers back to itself (${
    [...circle, circle[0]].join(" → ")
  }), so none can be created first: remove one of the references`;
  return [{ severity: "error", file: at.manifest.file, line: at.manifest.lineOf("spec"), object: at.title, message }];
}
