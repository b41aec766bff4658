/**
 * The sources of a place's settings: a connection object or, for objects that name none, the ConfigMap.
 *
 * @module
 */
import type { z } from "zod";
import type { Clock } from "../../base/clock.ts";
import { namespaceOf, type ObjectKey, objectKey } from "../../base/object_key.ts";
import { authoritiesOf, type Ca, connectionKind, type ConnectionSpec, isLetGo, settingsOf } from "../../connection.ts";
import type { KubeClient, KubeObject } from "../../kubernetes/client.ts";
import { Informers } from "../../kubernetes/watch/informers.ts";
import { keyOf } from "../../kubernetes/object.ts";
import { GROUP, VERSION } from "../../resource.ts";
import { logger } from "../../telemetry/log.ts";
import { connectionIn, connectionKey, DEFAULT, namespaceIn, type Place, placeOfConnection } from "../object/place.ts";
import { issuesOf } from "../plan/spec_issues.ts";
import type { Blocked } from "./workspace_connection.ts";

const log = logger("context");

/** Options of {@link Sources}. */
export interface SourcesOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly namespaces: readonly string[] | "all";
  readonly configMapName: string;
  /** Waits until connection objects are served, after a watch reported that they are not: see {@link Informers}. */
  readonly whenServed: () => Promise<boolean>;
}

/** The settings of a place, and the object that holds them. */
export interface Source {
  readonly object: KubeObject;
  /** `ConfigMap "team/databricks-kube-operator"` */
  readonly title: string;
  /** The settings, by the keys of the ConfigMap. */
  readonly data: Readonly<Record<string, string>>;
  /** True for a connection object. */
  readonly isConnection: boolean;
  /** The authorities that it names. */
  readonly ca?: Ca | undefined;
  /** The problem of the object as a whole. */
  readonly problem?: string;
}

/** Is notified of what becomes known. */
export interface SourcesListener {
  /** Called with a place whose settings were created, changed or deleted. */
  readonly onChange: (place: Place) => void;
  /**
   * Called when the connection objects of a namespace, or of all namespaces (`undefined`), are known, even if there are
   * none.
   */
  readonly onKnown: (namespace: string | undefined) => void;
}

/** The settings of all places. */
export class Sources {
  readonly #options: SourcesOptions;
  readonly #configMaps: Informers;
  readonly #connections: Informers;
  readonly #onChange: SourcesListener["onChange"];
  /** The UIDs of released connections, by key, until their watch reports them as gone. */
  readonly #letGo = new Map<ObjectKey, string | undefined>();
  #onConnections: Promise<void> | undefined;

  constructor(options: SourcesOptions, { onChange, onKnown }: SourcesListener) {
    this.#options = options;
    this.#onChange = onChange;
    const { configMapName, client, clock, signal, namespaces, whenServed } = options;
    const common = { client, clock, signal, namespaces };
    this.#configMaps = new Informers({
      ...common,
      kind: { group: "", version: "v1", plural: "configmaps" },
      fieldSelector: `metadata.name=${configMapName}`,
      onChange: (key) => onChange(namespaceOf(key)),
      onError: (error) => log.warning(`Cannot watch config map ${configMapName}: ${error.message}`),
    });
    this.#connections = new Informers({
      ...common,
      kind: { group: GROUP, version: VERSION, plural: connectionKind.plural },
      whenServed,
      onSynced: onKnown,
      onChange: (key, { new: now }) => {
        if (now === undefined) this.#letGo.delete(key);
        onChange(placeOfConnection(key));
      },
      onError: (error) => log.warning(`Cannot watch ${connectionKind.plural}: ${error.message}`),
    });
  }

  /** Begins to watch the ConfigMaps; resolves when those of one namespace are known. */
  async start(): Promise<void> {
    log.info(`Waiting for settings in config map: ${this.#options.configMapName}`);
    await this.#configMaps.start();
    // If no settings may be read at all, there is nothing to do.
    await this.#configMaps.anySynced();
  }

  /**
   * Begins to watch connection objects, which are served; resolves when they are known, or may not be listed.
   *
   * @returns false if they were watched before.
   */
  async startConnections(): Promise<boolean> {
    const isFirst = this.#onConnections === undefined;
    await (this.#onConnections ??= this.#connections.start());
    return isFirst;
  }

  async stop(): Promise<void> {
    await Promise.all([this.#configMaps.stop(), this.#connections.stop()]);
  }

  /** The places that have settings. */
  places(): Place[] {
    const configured = this.#configMaps.list().map(({ metadata }) => metadata.namespace ?? "");
    const connected = this.connections().map((object) => placeOfConnection(keyOf(object)));
    return [...new Set([...configured, ...connected])];
  }

  /** All connection objects, without released ones. */
  connections(): KubeObject[] {
    return this.#connections.list().filter((object) => !this.#isGone(object));
  }

  /** A connection object, unless it was released. */
  connection(key: ObjectKey): KubeObject | undefined {
    const object = this.#connections.get(key);
    return object === undefined || this.#isGone(object) ? undefined : object;
  }

  /** Stores the answer of a write to a connection object. */
  observeWrite(object: KubeObject): void {
    this.#connections.observeWrite(object);
    const key = keyOf(object);
    // The answer to the write that ends it is no newer than the known state.
    if (!isLetGo(object) || this.#connections.get(key) === undefined) return;
    this.#letGo.set(key, object.metadata.uid);
    this.#onChange(placeOfConnection(key));
  }

  /** The settings of a place; `undefined` if it has none, or if that is unknown. */
  of(place: Place): Source | undefined {
    if (this.#isUnknown(namespaceIn(place))) return undefined;
    const object = this.connection(connectionKey(place));
    return object === undefined ? this.#ofConfigMap(place) : ofConnection(object);
  }

  /** The object that holds a place's settings: the `title` of {@link of}. */
  titleOf(place: Place): string | undefined {
    if (this.#isUnknown(namespaceIn(place))) return undefined;
    const object = this.connection(connectionKey(place));
    return object === undefined ? this.#ofConfigMap(place)?.title : titleOf(object);
  }

  /** True while a place has settings, or may have some. */
  isConfigured(place: Place): boolean {
    return this.#isUnknown(namespaceIn(place)) || this.of(place) !== undefined;
  }

  /** The reason why a place has no settings. */
  missing(place: Place): Blocked {
    const namespace = namespaceIn(place);
    const { kind, plural } = connectionKind;
    if (this.#isUnknown(namespace)) {
      const message = this.#connections.isRefusedIn(namespace)
        ? `the ${kind} objects of namespace "${namespace}" may not be listed: give the operator the Role of this version (helm upgrade, or deploy/)`
        : `the ${kind} objects of namespace "${namespace}" are being listed`;
      return { reason: "SettingsMissing", message };
    }
    const name = connectionIn(place);
    if (name === DEFAULT) {
      const { configMapName } = this.#options;
      const message =
        `ConfigMap "${namespace}/${configMapName}" does not exist: create it with the key api_secret_name`;
      return { reason: "SettingsMissing", message };
    }
    const why = this.#onConnections === undefined
      ? `CRD ${plural}.${GROUP} is not installed: apply the CRDs of this version (crdgen | kubectl apply -f -)`
      : "create it, or name another one";
    const message = `spec.connection: ${kind} "${connectionKey(place)}" does not exist: ${why}`;
    return { reason: "SettingsMissing", message };
  }

  /** True while the connections of a namespace are unknown: its ConfigMap may not be the one that counts. */
  #isUnknown(namespace: string): boolean {
    return this.#onConnections !== undefined && !this.#connections.hasSynced(namespace);
  }

  #isGone(object: KubeObject): boolean {
    return isLetGo(object) || this.#letGo.get(keyOf(object)) === object.metadata.uid;
  }

  #ofConfigMap(place: Place): Source | undefined {
    if (connectionIn(place) !== DEFAULT) return undefined;
    const namespace = namespaceIn(place);
    const { configMapName } = this.#options;
    const object = this.#configMaps.get(objectKey(namespace, configMapName));
    if (object === undefined) return undefined;
    const title = `ConfigMap "${objectKey(namespace, configMapName)}"`;
    return { object, title, data: (object.data ?? {}) as Record<string, string>, isConnection: false };
  }
}

function titleOf({ metadata: { namespace = "", name = "" } }: KubeObject): string {
  return `${connectionKind.kind} "${objectKey(namespace, name)}"`;
}

function ofConnection(object: KubeObject): Source {
  const title = titleOf(object);
  const parsed = connectionKind.spec.safeParse(object.spec ?? {}) as z.ZodSafeParseResult<ConnectionSpec>;
  const data = parsed.success ? settingsOf(parsed.data) : {};
  const isNamed = data.host !== undefined || data.api_secret_name !== undefined;
  if (parsed.success && isNamed) return { object, title, data, ca: authoritiesOf(parsed.data), isConnection: true };
  const problem = parsed.success
    ? "spec.host is missing: add it"
    : issuesOf(parsed.error).map(({ path, message }) => `${path}: ${message}`).join("; ");
  return { object, title, data, isConnection: true, problem };
}
