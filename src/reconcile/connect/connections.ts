/**
 * The connection of each namespace to its workspace: ConfigMap → API Secret → workspace client, kept up to date while
 * they change.
 *
 * @module
 */
import { namespaceOf, objectKey } from "../../base/object_key.ts";
import type { Clock, Timer } from "../../base/clock.ts";
import { readSettings, type SettingIssue, type Settings } from "./settings.ts";
import { CredentialsError } from "../../databricks/auth.ts";
import { readSignIn, type SignIn } from "../../databricks/sign_in/method.ts";
import type { TokenSource } from "../../databricks/sign_in/token_source.ts";
import type { TransportFactory } from "../../databricks/transport.ts";
import { WorkEndedError } from "../../http/write_fence.ts";
import type { KubeClient, KubeObject } from "../../kubernetes/client.ts";
import type { EventRecorder } from "../../kubernetes/events.ts";
import { Informers } from "../../kubernetes/informers.ts";
import { logger } from "../../telemetry/log.ts";
import type { Metrics } from "../../telemetry/metrics.ts";
import { Mutex } from "../../base/mutex.ts";
import type { EventReason } from "../object/reasons.ts";
import { decodeData, type Secrets } from "./secrets.ts";
import type { Shard } from "./shard.ts";
import { clientOf, tokensOf } from "./clients.ts";
import type { Blocked, WorkspaceConnection } from "./workspace_connection.ts";
import type { Identity } from "./identity.ts";
import { Principals } from "./principals.ts";

/** Options of {@link Connections}. */
export interface ConnectionsOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly namespaces: readonly string[] | "all";
  readonly configMapName: string;
  readonly transport: TransportFactory;
  /** Permits workspaces on this machine. */
  readonly allowLoopback: boolean;
  /** The operator's own identities. */
  readonly identity: Identity;
  /** Aborts when calls in flight are given up. */
  readonly abandoned: AbortSignal;
  readonly userAgent: string;
  readonly secrets: Secrets;
  readonly events: EventRecorder<EventReason>;
  readonly metrics: Metrics;
  /** The share of the workspaces that is worked on; all of them without it. */
  readonly shard?: Shard | undefined;
  /** The time (ms) for which credentials may be invalid before an Event reports it. */
  readonly graceMs: number;
  /** Told when a namespace's connection came, changed or went. */
  readonly onChange: (namespace: string) => void;
}

interface Entry {
  settings?: Settings;
  issues: readonly SettingIssue[];
  connection?: WorkspaceConnection;
  blocked?: Blocked;
  /** The connection's sign-in, to detect changes. */
  signIn?: string;
  tokens?: TokenSource;
  /** The workspace that the ConfigMap and the Secret name now. */
  host?: string | undefined;
  /** Goes off when credentials have been invalid for a while: another controller may be about to fill the Secret. */
  complaint?: Timer;
  said?: string;
  /** Readings of one namespace come one after the other, so that the last one has the newest state. */
  readonly reading: Mutex;
}

const log = logger("context");

/** The connections of all namespaces that are watched. */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #principals: Principals;
  readonly #informers: Informers;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
    const { client, clock, signal, namespaces, configMapName } = options;
    this.#principals = new Principals(clock);
    this.#informers = new Informers({
      client,
      clock,
      signal,
      namespaces,
      kind: { group: "", version: "v1", plural: "configmaps" },
      fieldSelector: `metadata.name=${configMapName}`,
      onChange: (key) => void this.refresh(namespaceOf(key)),
      onError: (error) => log.warning(`Cannot watch config map ${configMapName}: ${error.message}`),
    });
  }

  /** Begins to watch the settings, and says what it waits for. */
  async start(): Promise<void> {
    const { namespaces, configMapName } = this.#options;
    log.info(`Waiting for settings in config map: ${configMapName}`);
    await this.#informers.start();
    // Where no settings may be read at all, there is nothing to do.
    await this.#informers.anySynced();
    const found = this.#informers.list().map(({ metadata }) => metadata.namespace ?? "");
    // Side by side: each may wait for a Secret that cannot be read.
    await Promise.all((namespaces === "all" ? found : namespaces).map((namespace) => this.refresh(namespace)));
  }

  async stop(): Promise<void> {
    for (const { complaint } of this.#entries.values()) complaint?.cancel();
    await this.#informers.stop();
  }

  /** Every namespace of our share that has a connection now. */
  connected(): WorkspaceConnection[] {
    return [...this.#entries.values()].flatMap(({ connection, blocked }) =>
      connection === undefined || blocked !== undefined || !this.isOurs(connection.namespace) ? [] : [connection]
    );
  }

  /**
   * True when a namespace's objects are worked on here: its workspace, or while it names none it itself, is in our share.
   * What this process remembers does not count: of two that remember differently both would take it, or neither.
   */
  isOurs(namespace: string): boolean {
    const { shard } = this.#options;
    return shard === undefined || shard.owns(this.#entries.get(namespace)?.host ?? namespace);
  }

  /** The namespace's connection, or why there is none. */
  of(namespace: string): WorkspaceConnection | Blocked {
    const entry = this.#entries.get(namespace);
    if (entry?.blocked !== undefined) return entry.blocked;
    return entry?.connection ?? this.#missing(namespace);
  }

  /** The last connection that worked, also when its settings are gone since: deletion may still use it. */
  lastKnown(namespace: string): WorkspaceConnection | undefined {
    return this.#entries.get(namespace)?.connection;
  }

  /** True while a namespace has settings, whether they can be used or not. */
  isConfigured(namespace: string): boolean {
    return this.#informers.get(objectKey(namespace, this.#options.configMapName)) !== undefined;
  }

  /** Forgets a namespace without settings, and the last connection that worked in it. */
  forget(namespace: string): void {
    this.#entries.get(namespace)?.complaint?.cancel();
    this.#entries.delete(namespace);
    this.#principals.leave(namespace);
  }

  /** The namespace's view, as a name: namespaces with the same name see the same of the same workspace. */
  viewOf(namespace: string): string {
    return this.#principals.viewOf(namespace);
  }

  /** The settings that could not be used. */
  issues(namespace: string): readonly SettingIssue[] {
    return this.#entries.get(namespace)?.issues ?? [];
  }

  /** Reads a namespace's settings and credentials again. */
  async refresh(namespace: string): Promise<void> {
    const entry: Entry = this.#entries.get(namespace) ?? { issues: [], reading: new Mutex() };
    this.#entries.set(namespace, entry);
    await entry.reading.run(() => this.#refresh(namespace, entry)).catch((error: Error) => {
      if (error instanceof WorkEndedError) return;
      log.error(`Cannot read the settings of namespace ${namespace}: ${error.message}`);
    });
  }

  async #refresh(namespace: string, entry: Entry): Promise<void> {
    const state = () => [entry.connection, entry.blocked?.message, JSON.stringify(entry.issues), entry.host];
    const before = state();
    await this.#read(namespace, entry);
    this.#say(namespace, entry);
    const after = state();
    if (before.some((value, index) => value !== after[index])) this.#options.onChange(namespace);
  }

  async #read(namespace: string, entry: Entry): Promise<void> {
    const { configMapName, secrets } = this.#options;
    const configMap = this.#informers.get(objectKey(namespace, configMapName));
    if (configMap === undefined) {
      entry.blocked = this.#missing(namespace);
      entry.host = undefined;
      secrets.release(user(namespace));
      return;
    }
    this.#readSettings(namespace, entry, configMap);
    const data = (configMap.data ?? {}) as Record<string, string>;
    const named = data.api_secret_name?.trim() || undefined;
    const name = named ?? entry.settings?.apiSecretName;
    const secret = name === undefined ? undefined : await this.#readSecret(namespace, name, entry);
    const isReadable = secret !== undefined || name === undefined && entry.settings !== undefined;
    const signIn = isReadable ? this.#readSignIn({ configMap, secret }, entry) : undefined;
    entry.host = named === undefined && name !== undefined ? undefined : signIn?.host;
    if (entry.settings !== undefined && signIn !== undefined) this.#connect(namespace, entry, entry.settings, signIn);
  }

  /** The API Secret; without it the entry is blocked, unless its settings block it already. */
  async #readSecret(namespace: string, name: string, entry: Entry): Promise<KubeObject | undefined> {
    let message =
      `Secret "${namespace}/${name}" does not exist: create it with the keys databricks_url and access_token`;
    try {
      const secret = await this.#options.secrets.wait(user(namespace), namespace, name);
      if (secret !== undefined) return secret;
    } catch (error) {
      if (error instanceof WorkEndedError) throw error;
      message = error instanceof Error ? error.message : String(error);
    }
    if (entry.settings !== undefined) entry.blocked = { reason: "CredentialsMissing", message };
    return undefined;
  }

  #missing(namespace: string): Blocked {
    const { configMapName } = this.#options;
    return {
      reason: "SettingsMissing",
      message: `ConfigMap "${namespace}/${configMapName}" does not exist: create it with the key api_secret_name`,
    };
  }

  #readSettings(namespace: string, entry: Entry, configMap: KubeObject): void {
    const data = configMap.data ?? {};
    const host = this.#own(data)?.host;
    const { settings, issues, unknown } = readSettings(host ? { ...data, host } : data, entry.settings);
    if (unknown.length > 0) {
      const message = `${unknown.join(", ")}: no such setting, so it has no effect; check the spelling`;
      this.#options.events.record(configMap, "Warning", "UnknownSetting", message);
    }
    for (const { message } of issues) {
      if (entry.issues.some((known) => known.message === message)) continue;
      log.error(`Config map ${namespace}/${this.#options.configMapName}: ${message}`);
      this.#options.events.record(configMap, "Warning", "InvalidSetting", message);
    }
    entry.issues = issues;
    if (settings !== undefined && JSON.stringify(settings) !== JSON.stringify(entry.settings)) {
      entry.settings = settings;
    }
    if (entry.settings === undefined) {
      const said = issues.map(({ message }) => message).join("; ");
      const message = `ConfigMap "${namespace}/${this.#options.configMapName}": ${said}`;
      entry.blocked = { reason: "SettingsInvalid", message };
    }
  }

  /** What the person at this machine signs in with, for a namespace that names neither a Secret nor a workspace. */
  #own(data: Readonly<Record<string, string>>): Readonly<Record<string, string>> | undefined {
    const isNamed = data.api_secret_name?.trim() || (data.host ?? data.databricks_url) !== undefined;
    return isNamed ? undefined : this.#options.identity.profile;
  }

  /** The namespace's sign-in. Without a usable one the entry is blocked, unless its settings already block it. */
  #readSignIn(from: { configMap: KubeObject; secret: KubeObject | undefined }, entry: Entry): SignIn | undefined {
    const { configMap, secret } = from;
    const source = secret ?? configMap;
    const title = `${
      secret === undefined ? "ConfigMap" : "Secret"
    } ${source.metadata.namespace}/${source.metadata.name}`;
    try {
      const data = (configMap.data ?? {}) as Record<string, string>;
      const own = secret === undefined ? encoded(this.#own(data)) : decodeData(secret);
      const signIn = readSignIn({ secret: own, configMap: data }, this.#options);
      for (const warning of signIn.warnings) log.warning(`${title}: ${warning}`);
      return signIn;
    } catch (error) {
      if (!(error instanceof CredentialsError)) throw error;
      const message = `${title.replace(" ", ' "')}": ${error.message}`;
      if (entry.settings !== undefined) entry.blocked = { reason: "CredentialsInvalid", message };
      entry.complaint?.cancel();
      entry.complaint = this.#options.clock.setTimeout(() => {
        if (entry.blocked?.message !== message) return;
        this.#options.events.record(source, "Warning", "CredentialsInvalid", message);
      }, this.#options.graceMs);
    }
  }

  #connect(namespace: string, entry: Entry, settings: Settings, signIn: SignIn): void {
    delete entry.blocked;
    // What is read again and is the same is no change, after which everything would be swept and looked at again.
    const said = JSON.stringify([signIn.host, signIn.method, signIn.network]);
    if (entry.connection?.settings === settings && entry.signIn === said) return;
    const limiter = this.#principals.enter(namespace, signIn, settings);
    // The token goes on where only settings changed.
    if (entry.signIn !== said || entry.tokens === undefined) entry.tokens = tokensOf(namespace, signIn, this.#options);
    entry.signIn = said;
    const workspace = clientOf(signIn, { ...this.#options, settings, limiter, tokens: entry.tokens });
    entry.connection = { namespace, settings, workspace };
  }

  /** One line when the state changes, none when it does not. */
  #say(namespace: string, entry: Entry): void {
    const { connection, blocked } = entry;
    const line = blocked?.message ?? `connected to ${connection?.workspace.host}`;
    if (entry.said === line) return;
    entry.said = line;
    if (blocked === undefined) {
      log.info(`Found config map and API secret in namespace ${namespace}: ${line}`);
    } else if (blocked.reason === "SettingsMissing") {
      log.info(`Waiting for settings in config map: ${namespace}/${this.#options.configMapName}`);
    } else if (blocked.reason === "CredentialsMissing") {
      log.info(`Found config map; waiting for API secret: ${blocked.message}`);
    } else log.error(blocked.message);
  }
}

function encoded(keys: Readonly<Record<string, string>> = {}): Record<string, Uint8Array> {
  return Object.fromEntries(Object.entries(keys).map(([key, text]) => [key, new TextEncoder().encode(text)]));
}

/** The name under which a namespace's settings are known as the user of a Secret. */
const user = (namespace: string) => `settings/${namespace}`;
