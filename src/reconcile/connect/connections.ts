/**
 * The connection of each place to its workspace: settings → API Secret → workspace client, updated whenever they
 * change.
 *
 * @module
 */
import type { Timer } from "../../base/clock.ts";
import { readSettings, type SettingIssue, type Settings } from "./settings.ts";
import type { ConnectionStatus } from "../../connection.ts";
import { CredentialsError } from "../../databricks/auth.ts";
import { readSignIn, type SignIn } from "../../databricks/sign_in/method.ts";
import type { TokenSource } from "../../databricks/sign_in/token_source.ts";
import { WorkEndedError } from "../../http/write_fence.ts";
import type { KubeObject } from "../../kubernetes/client.ts";
import { logger } from "../../telemetry/log.ts";
import { Mutex } from "../../base/mutex.ts";
import { BlockedError } from "../object/outcome.ts";
import { connectionIn, namespaceIn, type Place } from "../object/place.ts";
import { decodeData } from "./secrets.ts";
import { type Source, Sources } from "./sources.ts";
import { clientOf, tokensOf } from "./clients.ts";
import { type Blocked, isConnected, type WorkspaceConnection } from "./workspace_connection.ts";
import { Authorities } from "./authorities.ts";
import { ineffective } from "./ineffective.ts";
import { logProgress } from "./progress.ts";
import type { ConnectionsOptions } from "./connections_options.ts";
import { clientIdOf, nameOfPrincipal } from "./identity.ts";
import { checkBesidePersonal, encoded, personalKeys } from "./personal.ts";
import { Principals } from "./principals.ts";

interface Entry {
  settings?: Settings;
  /** The object that holds the settings: state from one object does not count for another. */
  from?: string;
  /** The object whose settings made the connection. */
  connectedBy?: string | undefined;
  issues: readonly SettingIssue[];
  connection?: WorkspaceConnection;
  blocked?: Blocked;
  way?: SignIn;
  /** The connection's sign-in, to detect changes. */
  signIn?: string;
  tokens?: TokenSource;
  /** The workspace that the settings and the Secret name now. */
  host?: string | undefined;
  /** Fires when credentials have been invalid for a while: another controller may be about to fill the Secret. */
  complaint?: Timer;
  said?: string;
  /** Reads of one place run one after the other, so that the last one has the newest state. */
  readonly reading: Mutex;
}

const log = logger("context");

/** The connections of all places in the watched namespaces. */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #principals: Principals;
  readonly #sources: Sources;
  readonly #authorities: Authorities;
  #hasStarted = false;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
    this.#principals = new Principals(options.clock);
    this.#authorities = new Authorities(options);
    this.#sources = new Sources(options, {
      onChange: (place) => void this.refresh(place).then(() => options.onSeen(place)),
      onKnown: (namespace) => this.#hasStarted && void this.#refreshAll(namespace),
    });
  }

  /**
   * Begins to watch the settings, and logs what it waits for.
   *
   * @param areServed True if connection objects are served, so that they count from the beginning.
   */
  async start(areServed: boolean): Promise<void> {
    // First: a ConfigMap counts only if there is no connection object in its place.
    if (areServed) await this.#sources.startConnections();
    await this.#sources.start();
    // If connection objects could not be listed yet, the ConfigMap may count as soon as they can.
    this.#hasStarted = true;
    await this.#refreshAll();
  }

  /** Begins to watch connection objects, whose CRD was installed after the start. */
  async startConnections(): Promise<void> {
    if (await this.#sources.startConnections()) await this.#refreshAll();
  }

  /** Reads the settings of all places, or of one namespace, again. */
  async #refreshAll(namespace?: string): Promise<void> {
    const { namespaces } = this.#options;
    const all = [...namespaces === "all" ? [] : namespaces, ...this.#sources.places(), ...this.#entries.keys()];
    const places = new Set(all.filter((place) => namespace === undefined || namespaceIn(place) === namespace));
    // In parallel: each may wait for a Secret that cannot be read.
    await Promise.all([...places].map((place) => this.refresh(place)));
  }

  /** The objects that hold settings. */
  get sources(): Sources {
    return this.#sources;
  }

  async stop(): Promise<void> {
    for (const { complaint } of this.#entries.values()) complaint?.cancel();
    await this.#sources.stop();
  }

  /** Every working connection of this shard. */
  connected(): WorkspaceConnection[] {
    return [...this.#entries.keys()].flatMap((place) => {
      const state = this.of(place);
      return isConnected(state) && this.isOurs(place) ? [state] : [];
    });
  }

  /**
   * True if this process works on a place's objects: its workspace (or, while it names none, its namespace) is in this
   * process's shard. It does not depend on what this process remembers: two processes with different memories could
   * otherwise both take the place, or neither.
   */
  isOurs(place: Place): boolean {
    const { shard } = this.#options;
    return shard === undefined || shard.owns(this.#entries.get(place)?.host ?? namespaceIn(place));
  }

  /** The place's connection, or the reason why there is none. */
  of(place: Place): WorkspaceConnection | Blocked {
    const entry = this.#entries.get(place);
    if (entry?.blocked !== undefined) return entry.blocked;
    const title = this.#sources.titleOf(place);
    if (entry?.connection === undefined || title === undefined) return this.#sources.missing(place);
    if (entry.connectedBy === title) return entry.connection;
    return { reason: "SettingsMissing", message: `${title} is being read: it says from now on how to connect` };
  }

  /** The last working connection, even if its settings are gone since: deletion may still use it. */
  lastKnown(place: Place): WorkspaceConnection | undefined {
    return this.#entries.get(place)?.connection;
  }

  /** Notes that a pass could not sign in, or could not reach the workspace. */
  suspect(place: Place): void {
    this.#options.onSuspicion(place);
  }

  /** The connection object of a place, if it has one, and its principal, if it is known. */
  shown(place: Place): { readonly connection?: string; readonly principal?: string } {
    const source = this.#sources.of(place);
    const signIn = this.signInOf(place);
    if (source === undefined) return {};
    // If the token's owner was never asked for, the token is named instead.
    const token = signIn && nameOfPrincipal(signIn, this.#entries.get(place)?.settings?.apiSecretName);
    const known = source.isConnection ? (source.object.status as ConnectionStatus | undefined)?.principal : token;
    const principal = clientIdOf(signIn) ?? known;
    return {
      ...source.isConnection && { connection: connectionIn(place) },
      ...principal !== undefined && { principal },
    };
  }

  /** The sign-in of a place. */
  signInOf(place: Place): SignIn | undefined {
    return this.#entries.get(place)?.way;
  }

  /** True while a place has settings, valid or not. */
  isConfigured(place: Place): boolean {
    return this.#sources.isConfigured(place);
  }

  /** Forgets a place without settings, and its last working connection. */
  forget(place: Place): void {
    this.#entries.get(place)?.complaint?.cancel();
    this.#entries.delete(place);
    this.#principals.leave(place);
  }

  /** The name of the place's view: places with the same name see the same resources of the same workspace. */
  viewOf(place: Place): string {
    return this.#principals.viewOf(place);
  }

  /** The invalid settings. */
  issues(place: Place): readonly SettingIssue[] {
    return this.#entries.get(place)?.issues ?? [];
  }

  /** Reads a place's settings and credentials again. */
  async refresh(place: Place): Promise<void> {
    const entry: Entry = this.#entries.get(place) ?? { issues: [], reading: new Mutex() };
    this.#entries.set(place, entry);
    await entry.reading.run(() => this.#refresh(place, entry)).catch((error: Error) => {
      if (error instanceof WorkEndedError) return;
      log.error(`Cannot read the settings of namespace ${place}: ${error.message}`);
    });
  }

  async #refresh(place: Place, entry: Entry): Promise<void> {
    const state = () => [entry.connection, entry.blocked?.message, JSON.stringify(entry.issues), entry.host];
    const before = state();
    await this.#read(place, entry);
    this.#say(place, entry);
    const after = state();
    if (before.some((value, index) => value !== after[index])) this.#options.onChange(place);
  }

  async #read(place: Place, entry: Entry): Promise<void> {
    const { secrets } = this.#options;
    const source = this.#sources.of(place);
    if (source === undefined) {
      entry.blocked = this.#sources.missing(place);
      entry.host = undefined;
      secrets.release(user(place));
      await this.#authorities.of(place, undefined);
      return;
    }
    if (entry.from !== source.title) delete entry.settings;
    entry.from = source.title;
    this.#readSettings(entry, source);
    const named = source.data.api_secret_name?.trim() || undefined;
    const name = named ?? entry.settings?.apiSecretName;
    const secret = name === undefined ? undefined : await this.#readSecret(place, name, entry);
    const isReadable = secret !== undefined || name === undefined && entry.settings !== undefined;
    const trusted = await this.#readAuthorities(place, source, entry);
    const signIn = isReadable && trusted !== undefined
      ? this.#readSignIn({ source: trusted, secret }, entry)
      : undefined;
    entry.host = named === undefined && name !== undefined ? undefined : signIn?.host;
    if (entry.settings !== undefined && signIn !== undefined) this.#connect(place, entry, entry.settings, signIn);
  }

  /** The API Secret; without it the entry is blocked, unless its settings block it already. */
  async #readSecret(place: Place, name: string, entry: Entry): Promise<KubeObject | undefined> {
    const namespace = namespaceIn(place);
    let message =
      `Secret "${namespace}/${name}" does not exist: create it with the keys databricks_url and access_token`;
    try {
      const secret = await this.#options.secrets.wait(user(place), namespace, name);
      if (secret !== undefined) return secret;
    } catch (error) {
      if (error instanceof WorkEndedError) throw error;
      message = error instanceof Error ? error.message : String(error);
    }
    if (entry.settings !== undefined) entry.blocked = { reason: "CredentialsMissing", message };
    return undefined;
  }

  /** The settings with the authorities that they name. Without these the entry is blocked, unless it is already. */
  async #readAuthorities(place: Place, source: Source, entry: Entry): Promise<Source | undefined> {
    try {
      const certificates = await this.#authorities.of(place, source.ca);
      return certificates === undefined ? source : { ...source, data: { ...source.data, "ca.crt": certificates } };
    } catch (error) {
      if (!(error instanceof BlockedError)) throw error;
      const reason = error.reason === "CredentialsInvalid" ? "CredentialsInvalid" : "CredentialsMissing";
      if (entry.settings !== undefined) entry.blocked = { reason, message: error.message };
      return undefined;
    }
  }

  #readSettings(entry: Entry, source: Source): void {
    const { object, title, data, problem } = source;
    const host = personalKeys(data, this.#options.identity.profile)?.host;
    const { settings, issues, unknown } = readSettings(host ? { ...data, host } : data, entry.settings);
    for (const [reason, message] of ineffective({ data, unknown, plurals: this.#options.plurals })) {
      this.#options.events.record(object, "Warning", reason, message);
    }
    const all = problem === undefined ? issues : [{ key: "spec", message: problem }];
    for (const { message } of all) {
      if (entry.issues.some((known) => known.message === message)) continue;
      log.error(
        `${source.isConnection ? title : title.replace("ConfigMap", "Config map").replaceAll('"', "")}: ${message}`,
      );
      this.#options.events.record(object, "Warning", "InvalidSetting", message);
    }
    entry.issues = all;
    if (
      problem === undefined && settings !== undefined && JSON.stringify(settings) !== JSON.stringify(entry.settings)
    ) {
      entry.settings = settings;
    }
    if (entry.settings === undefined) {
      const said = all.map(({ message }) => message).join("; ");
      entry.blocked = { reason: "SettingsInvalid", message: `${title}: ${said}` };
    }
  }

  /** The place's sign-in. Without a usable one the entry is blocked, unless its settings already block it. */
  #readSignIn({ source, secret }: { source: Source; secret: KubeObject | undefined }, entry: Entry) {
    const object = secret ?? source.object;
    const title = secret === undefined ? source.title : `Secret "${secret.metadata.namespace}/${secret.metadata.name}"`;
    try {
      const { profile } = this.#options.identity;
      const own = secret === undefined ? personalKeys(source.data, profile) : undefined;
      if (own !== undefined) checkBesidePersonal(source.data);
      const signIn = readSignIn({
        secret: secret === undefined ? encoded(own) : decodeData(secret),
        configMap: source.data,
        title: source.title.split(" ")[0],
        isPersonal: own !== undefined,
      }, this.#options);
      for (const warning of signIn.warnings) log.warning(`${title.replaceAll('"', "")}: ${warning}`);
      return signIn;
    } catch (error) {
      if (!(error instanceof CredentialsError)) throw error;
      const message = `${title}: ${error.message}`;
      if (entry.settings !== undefined) entry.blocked = { reason: "CredentialsInvalid", message };
      entry.complaint?.cancel();
      entry.complaint = this.#options.clock.setTimeout(() => {
        if (entry.blocked?.message !== message) return;
        this.#options.events.record(object, "Warning", "CredentialsInvalid", message);
      }, this.#options.graceMs);
    }
  }

  #connect(place: Place, entry: Entry, settings: Settings, signIn: SignIn): void {
    delete entry.blocked;
    entry.connectedBy = entry.from;
    // An unchanged result is not a change, which would sweep and reconcile everything again.
    const said = JSON.stringify([signIn.host, signIn.method, signIn.network]);
    if (entry.connection?.settings === settings && entry.signIn === said) return;
    const limiter = this.#principals.enter(place, signIn, settings);
    // The token stays if only settings changed.
    if (entry.signIn !== said || entry.tokens === undefined) {
      entry.tokens = tokensOf(namespaceIn(place), signIn, this.#options);
    }
    entry.signIn = said;
    entry.way = signIn;
    const workspace = clientOf(signIn, { ...this.#options, settings, limiter, tokens: entry.tokens });
    const principal = nameOfPrincipal(signIn, settings.apiSecretName);
    entry.connection = { place, namespace: namespaceIn(place), settings, workspace, principal };
  }

  /** Logs one line when the state changes, and none otherwise. */
  #say(place: Place, entry: Entry): void {
    const { connection, blocked } = entry;
    const line = blocked?.message ?? `connected to ${connection?.workspace.host}`;
    if (entry.said === line) return;
    entry.said = line;
    logProgress(place, { blocked, line, configMapName: this.#options.configMapName });
  }
}

/** The name of a place's settings as the user of a Secret. */
const user = (place: Place) => `settings/${place}`;
