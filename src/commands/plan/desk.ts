/**
 * Prepares the simulated state of a cluster after the files were applied: settings, Secrets, the files' objects, and
 * the other objects, on which no work is done.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { canonicalJson, own } from "../../base/json.ts";
import { CONNECTION_VERSION, connectionKind, type ConnectionSpec, settingsOf } from "../../connection.ts";
import type { Profile } from "../../databricks/sign_in/profile.ts";
import type { KubeObject } from "../../kubernetes/client.ts";
import { DEFAULT_CONFIG_MAP, keys } from "../../reconcile/connect/settings.ts";
import { connectionIn, DEFAULT, placeOf } from "../../reconcile/object/place.ts";
import { annotation, annotations, type Status, statusOf } from "../../reconcile/object/status.ts";
import { GROUP, type Resource, VERSION } from "../../resource.ts";
import type { ClusterState } from "./cluster_state.ts";
import type { PaperCluster } from "./paper_cluster.ts";
import type { Subject } from "./subjects.ts";

/** The simulated Secret with the keys that the person signs in with. */
const SIGN_IN = "plan-sign-in";
/** A day: nothing should be repeated during a plan (s). */
const NEVER_AGAIN = "86400";
/** The stand-in for a value of a Secret that may not be read; nothing is sent. */
const UNREAD = "dW5yZWFk";

/** The objects and surroundings of a plan. */
export interface Layout {
  readonly paper: PaperCluster;
  readonly cluster: ClusterState;
  readonly subjects: readonly Subject[];
  /** The Secrets of the files. */
  readonly secrets: readonly KubeObject[];
  readonly configMaps: readonly KubeObject[];
  /** The connections of the files. */
  readonly connections: readonly KubeObject[];
  readonly profile: Profile;
  /** The initial status of objects whose status no cluster provides. */
  readonly assumed: ReadonlyMap<Subject, { readonly uid: string | undefined; readonly status: Status }>;
}

/** What is known about a subject before it is reconciled. */
export interface Begun {
  /** The object in the cluster. */
  readonly before: KubeObject | undefined;
  /** The settings that apply to it, with the keys of the ConfigMap. */
  readonly settings: Readonly<Record<string, string>>;
  /** The Secret that it names and that could not be read: `Secret "git"`. */
  readonly unread: string | undefined;
  /** What the person should know about the settings: that there are none, or that they may not be read. */
  readonly remark: string | undefined;
  /** The reason why it cannot be planned: what it names may not be read. */
  readonly hopeless: string | undefined;
}

/** The settings of a subject's connection. */
interface Told {
  readonly data?: Readonly<Record<string, string>> | undefined;
  /** The spec of an invalid connection. */
  readonly unusable?: Record<string, unknown>;
  readonly remark?: string | undefined;
}

/** Prepares everything except the objects of kinds that are only referred to. */
export async function layOut(layout: Layout, beside: readonly [Resource, KubeObject][]): Promise<Map<Subject, Begun>> {
  const { subjects, paper, profile } = layout;
  const known = new Map(beside.map(([{ kind }, object]) => [titleOf(kind, object), object]));
  for (const namespace of new Set(subjects.map((subject) => subject.namespace))) {
    paper.put("namespaces", { metadata: { name: namespace } });
    paper.put("secrets", secretOf(namespace, SIGN_IN, encoded(profile.keys)));
  }
  const begun = new Map<Subject, Begun>();
  for (const subject of subjects) {
    const before = known.get(titleOf(subject.resource.kind, subject.object));
    known.delete(titleOf(subject.resource.kind, subject.object));
    const { settings, remark } = await putSettings(layout, subject);
    begun.set(subject, { before, settings, remark, ...await putReference(layout, subject, before) });
    if (before?.metadata.deletionTimestamp === undefined) {
      paper.put(subject.resource.plural, overlaid(subject, before, layout.assumed.get(subject)));
    }
  }
  const kinds = new Map(beside.map(([resource]) => [resource.kind, resource.plural]));
  for (const [title, object] of known) paper.put(kinds.get(title.split(" ")[0] ?? "") ?? "", paused(object));
  return begun;
}

function titleOf(kind: string, { metadata: { namespace, name } }: KubeObject): string {
  return `${kind} ${namespace}/${name}`;
}

/**
 * Writes the settings of a subject's connection: with the person's sign-in, and without ingest and repetition. A connection
 * that is missing or invalid stays so: the operator then reports it.
 */
async function putSettings(
  layout: Layout,
  subject: Subject,
): Promise<{ readonly settings: Record<string, string>; readonly remark?: string | undefined }> {
  const { paper } = layout;
  const { namespace, object } = subject;
  const name = connectionIn(placeOf(object));
  const told = await settingsFor(layout, { namespace, name });
  if (told === "missing") return { settings: {} };
  if (told.unusable !== undefined) {
    putConnection(paper, { namespace, name, spec: told.unusable });
    return { settings: {} };
  }
  const data = told.data ?? {};
  const kept = Object.fromEntries(keys.flatMap(({ key }) => own(data, key) === undefined ? [] : [[key, data[key]]]));
  const settings: Record<string, string> = {
    ...kept as Record<string, string>,
    ...{ api_secret_name: SIGN_IN, ingest: "false" },
    ...{ default_requeue_interval: NEVER_AGAIN, status_poll_interval: NEVER_AGAIN },
  };
  if (name === DEFAULT) {
    const metadata = { name: DEFAULT_CONFIG_MAP, namespace, uid: crypto.randomUUID() };
    paper.put("configmaps", { apiVersion: "v1", kind: "ConfigMap", metadata, data: settings });
  } else putConnection(paper, { namespace, name, spec: { auth: { secret_name: SIGN_IN }, ...typed(settings) } });
  return { settings, remark: told.remark };
}

/** The settings from a connection in the files or the cluster, or else from the ConfigMap. */
async function settingsFor(
  layout: Layout,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<"missing" | Told> {
  const { cluster, connections } = layout;
  const file = connections.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
  const found = file ?? await cluster.connection(namespace, name);
  if (typeof found !== "string") {
    const parsed = connectionKind.spec.safeParse(found.spec ?? {});
    return parsed.success ? { data: settingsOf(parsed.data as ConnectionSpec) } : { unusable: found.spec ?? {} };
  }
  if (found === "missing") return name === DEFAULT ? await settingsOfConfigMap(layout, namespace) : "missing";
  const { kind, plural } = connectionKind;
  const remark = assumesDefaults(layout, { title: `${kind} "${namespace}/${name}"`, plural, namespace });
  if (name !== DEFAULT) return { remark };
  const other = await settingsOfConfigMap(layout, namespace);
  return { ...other, remark: remark ?? other.remark };
}

/** The settings from the ConfigMap of a namespace, in the files or in the cluster. */
async function settingsOfConfigMap(layout: Layout, namespace: string): Promise<Told> {
  const { cluster, configMaps } = layout;
  const name = cluster.configMapName;
  const file = configMaps.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
  const found = file ?? await cluster.configMap(namespace, name);
  if (typeof found !== "string") return { data: found.data };
  const title = `ConfigMap "${namespace}/${name}"`;
  if (found === "unreadable") return { remark: assumesDefaults(layout, { title, plural: "configmaps", namespace }) };
  const remark = `${title} does not exist: the operator does nothing until it is created with the key api_secret_name`;
  return { remark };
}

/** The remark on settings that may not be read; none if no cluster is read, since every plan would have it. */
function assumesDefaults(
  { cluster }: Layout,
  { title, plural, namespace }: { readonly title: string; readonly plural: string; readonly namespace: string },
): string | undefined {
  if (!cluster.isRead) return undefined;
  return `${title} may not be read, so default settings are assumed: ${grant(plural, namespace)}`;
}

function grant(plural: string, namespace: string): string {
  return `grant yourself the right to get ${plural} in namespace "${namespace}"`;
}

function putConnection(
  paper: PaperCluster,
  { namespace, name, spec }: {
    readonly namespace: string;
    readonly name: string;
    readonly spec: Record<string, unknown>;
  },
): void {
  const metadata = { name, namespace, uid: crypto.randomUUID(), generation: 1 };
  const { kind, plural } = connectionKind;
  paper.put(plural, { apiVersion: CONNECTION_VERSION, kind, metadata, spec });
}

/** The settings with the types that a connection has. */
function typed({ api_secret_name: _secret, ...settings }: Record<string, string>): Record<string, unknown> {
  const shape = Object.entries(settings).flatMap(([key, text]): [string, unknown][] => {
    if (key === "default_poll_interval") return [];
    if (text === "true" || text === "false") return [[key, text === "true"]];
    const isNumber = key !== "jobs_api_version" && key !== "ownership_tag" && /^[\d.]+$/.test(text);
    return [[key, isNumber ? Number(text) : text]];
  });
  return Object.fromEntries(shape);
}

type Referred = Pick<Begun, "unread" | "hopeless">;

const READ: Referred = { unread: undefined, hopeless: undefined };

/** Writes the Secret or ConfigMap that a subject names. */
async function putReference(layout: Layout, subject: Subject, before: KubeObject | undefined): Promise<Referred> {
  const { paper, cluster, secrets } = layout;
  const { resource, object, namespace } = subject;
  const parsed = resource.spec.safeParse(object.spec ?? {});
  const reference = parsed.success ? resource.reference?.(parsed.data as Record<string, unknown>) : undefined;
  if (reference === undefined || annotation(object, "owner") === "api") return READ;
  const { name, key } = reference;
  if (reference.kind === "ConfigMap") {
    return { unread: undefined, hopeless: await putConfigMap(layout, namespace, name) };
  }
  const title = `Secret "${name}"`;
  const stored = await cluster.secret(namespace, name);
  const file = secrets.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
  if (file !== undefined) {
    const data = { ...file.data, ...encoded((file.stringData ?? {}) as Record<string, string>) };
    const isSame = typeof stored !== "string" && canonicalJson(stored.data) === canonicalJson(data);
    paper.put("secrets", isSame ? stored : secretOf(namespace, name, data));
    return isSame ? READ : { ...READ, unread: title };
  }
  if (stored === "missing") return READ;
  if (stored !== "unreadable") {
    paper.put("secrets", stored);
    return READ;
  }
  paper.put("secrets", unreadSecret({ namespace, name, key }, before === undefined ? {} : statusOf(before)));
  return { ...READ, unread: title };
}

/**
 * Writes the ConfigMap that a subject names, from the files or from the cluster. @returns the reason if it cannot be
 * read: its content is compared with what Databricks holds, so there is no plan without it.
 */
async function putConfigMap(
  { paper, cluster, configMaps }: Layout,
  namespace: string,
  name: string,
): Promise<string | undefined> {
  const file = configMaps.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
  const found = file ?? await cluster.configMap(namespace, name);
  if (found === "missing") return undefined;
  if (found === "unreadable") {
    return cluster.isRead
      ? `needs ConfigMap "${namespace}/${name}", which may not be read: ${grant("configmaps", namespace)}`
      : `needs ConfigMap "${namespace}/${name}", which none of the files has: add it, or --kubeconfig`;
  }
  paper.put("configmaps", found);
  return undefined;
}

/** A Secret that may not be read, as if its values were those that were sent last. */
function unreadSecret(
  { namespace, name, key }: { namespace: string; name: string; key: string | undefined },
  { source, parts = {} }: Status,
): KubeObject {
  const names = key === undefined ? Object.keys(parts) : [key];
  const secret = secretOf(namespace, name, Object.fromEntries(names.map((one) => [one, UNREAD])));
  if (source?.name !== name) return secret;
  const { uid, resourceVersion } = source;
  return { ...secret, metadata: { ...secret.metadata, uid, resourceVersion } };
}

function secretOf(namespace: string, name: string, data: Record<string, string>): KubeObject {
  return { apiVersion: "v1", kind: "Secret", metadata: { name, namespace, uid: crypto.randomUUID() }, data };
}

/** Texts in base64, as a Secret holds them. */
function encoded(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString("base64")]),
  );
}

/** The object after its manifest was applied. Nothing is written for it, whatever its policy is. */
function overlaid(
  { object, resource, name, namespace }: Subject,
  before: KubeObject | undefined,
  assumed: { readonly uid: string | undefined; readonly status: Status } | undefined,
): KubeObject {
  const isEdited = canonicalJson(before?.spec ?? {}) !== canonicalJson(object.spec ?? {});
  const generation = before?.metadata.generation ?? 0;
  const status = before === undefined ? assumed?.status : unreported(statusOf(before));
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: resource.kind,
    metadata: {
      ...{ name, namespace, uid: before?.metadata.uid ?? assumed?.uid ?? crypto.randomUUID() },
      generation: isEdited ? generation + 1 : generation,
      labels: { ...before?.metadata.labels, ...object.metadata.labels },
      annotations: {
        ...before?.metadata.annotations,
        ...object.metadata.annotations,
        [annotations.apply]: "never",
      },
      ...before?.metadata.finalizers && { finalizers: before.metadata.finalizers },
    },
    spec: object.spec ?? {},
    ...status && { status: { ...status } },
  };
}

/** A status without the last reports, so that only a new pass fills them. */
function unreported({ conditions: _conditions, plan: _plan, ...status }: Status): Status {
  return status;
}

/** An object on which no work is done. */
function paused(object: KubeObject): KubeObject {
  const { resourceVersion: _version, ...metadata } = object.metadata;
  return {
    ...object,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [annotations.paused]: "true" } },
  };
}
