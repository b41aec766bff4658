/**
 * Reads the objects to plan from files, with the checks of `validate`.
 *
 * @module
 */
import { objectKey } from "../../base/object_key.ts";
import { CONNECTION_VERSION, connectionKind } from "../../connection.ts";
import { kinds } from "../../kinds.ts";
import type { KubeObject } from "../../kubernetes/client.ts";
import { GROUP, type Resource } from "../../resource.ts";
import { resources } from "../../resources/mod.ts";
import { type Manifest, readManifests } from "../manifests.ts";
import { checkManifests, type Finding } from "../validate/check.ts";

/** An object of the files. */
export interface Subject {
  readonly resource: Resource;
  /** The object as in the files, with its namespace. */
  readonly object: KubeObject;
  /** `team/etl` */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

/** The content of the files. */
export interface Subjects {
  readonly subjects: readonly Subject[];
  /** The Secrets among the other documents. */
  readonly secrets: readonly KubeObject[];
  /** The ConfigMaps among the other documents. */
  readonly configMaps: readonly KubeObject[];
  /** The connections among the other documents. */
  readonly connections: readonly KubeObject[];
  /** Problems of the files, as lines: any problem prevents a plan. */
  readonly problems: readonly string[];
}

/** Reads files and folders; objects without a namespace are in `namespace`. */
export async function readSubjects(names: readonly string[], namespace: string): Promise<Subjects> {
  const { manifests, unreadable } = await readManifests(names);
  const checked = checkManifests(manifests, { resources: kinds, namespace });
  const problems = [
    ...unreadable.map(({ file, line, message }) => `${file}:${line}: ${message}`),
    ...checked.findings.filter(({ severity }) => severity === "error").map(lineOf),
  ];
  const subjects = manifests.flatMap((manifest) => subjectOf(manifest, namespace));
  const ofKind = (kind: string, apiVersion = "v1") =>
    manifests.filter(({ object }) => object.kind === kind && object.apiVersion === apiVersion)
      .map(({ object }) => ({ ...object, metadata: { ...object.metadata, ...placed(object, namespace) } }));
  const [secrets, configMaps] = [ofKind("Secret"), ofKind("ConfigMap")];
  const connections = ofKind(connectionKind.kind, CONNECTION_VERSION);
  const all = subjects.length > 0 ? problems : [...problems, ...nothingIn(names, problems)];
  return { subjects, secrets, configMaps, connections, problems: all };
}

function nothingIn(names: readonly string[], problems: readonly string[]): string[] {
  if (problems.length > 0) return [];
  return [`${names.join(", ")}: there is no object of ${GROUP} in it: name the files that hold some`];
}

function subjectOf(manifest: Manifest, among: string): Subject[] {
  const { object, file } = manifest;
  const resource = resources.find(({ kind }) => kind === object.kind);
  if (resource === undefined || !String(object.apiVersion).startsWith(`${GROUP}/`)) return [];
  const name = String(object.metadata?.name ?? "");
  const { namespace } = placed(object, among);
  const whole = { ...object, metadata: { ...object.metadata, namespace } };
  const line = manifest.lineOf("metadata");
  return [{ resource, object: whole, key: objectKey(namespace, name), namespace, name, file, line }];
}

function placed({ metadata }: KubeObject, namespace: string): { namespace: string } {
  return { namespace: metadata?.namespace ?? namespace };
}

function lineOf({ file, line, object, message }: Finding): string {
  return `${file}:${line}: ${object}: ${message}`;
}
