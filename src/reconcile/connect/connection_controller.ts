/**
 * Keeps the status of connection objects: whether their workspace can be reached, which principal signs in, and how
 * many objects use them. It keeps a connection that is being deleted until no object uses it.
 *
 * Guarantees:
 * - a connection is checked when it changes, when a pass of an object cannot sign in or cannot reach the workspace, and
 *   every ten minutes, but never more often than every few seconds;
 * - a check is one read of the operator's own user, and writes nothing in Databricks;
 * - an unchanged status is not written, except for the time of the check.
 *
 * @module
 */
import type { Clock } from "../../base/clock.ts";
import { mergePatch } from "../../base/merge_patch.ts";
import type { ObjectKey } from "../../base/object_key.ts";
import { CONNECTION_FINALIZER, connectionKind, type ConnectionStatus } from "../../connection.ts";
import { CredentialsError } from "../../databricks/auth.ts";
import { currentUser } from "../../databricks/current_user.ts";
import { PermissionDeniedError, RateLimitedError, UnauthenticatedError } from "../../databricks/errors.ts";
import { WorkEndedError } from "../../http/write_fence.ts";
import { type KubeClient, KubeError, type KubeObject } from "../../kubernetes/client.ts";
import type { EventRecorder } from "../../kubernetes/events.ts";
import { timeText } from "../../kubernetes/object.ts";
import { GROUP, VERSION } from "../../resource.ts";
import type { Condition } from "../../resource/status.ts";
import { logger } from "../../telemetry/log.ts";
import { applyConditions, type Setting } from "../object/conditions.ts";
import { outcome } from "../object/outcome.ts";
import { connectionKey, type Place, placeOfConnection } from "../object/place.ts";
import type { ConditionReason, EventReason } from "../object/reasons.ts";
import type { Connections } from "./connections.ts";
import { clientIdOf } from "./identity.ts";
import type { Users } from "./users.ts";
import { isConnected, namingSecret, type WorkspaceConnection } from "./workspace_connection.ts";

const log = logger("connections");

/** The interval between checks of a working connection, and of a failing one (ms). */
const CHECK_MS = 600_000;
const FAILED_CHECK_MS = 30_000;
/** The least time between checks on suspicion (ms). */
const PAUSE_MS = 5_000;
/** How long changes in the number of objects are collected (ms). */
const COUNT_MS = 1_000;
/** A longer user name is cut: whatever answers as the workspace chooses it. */
const MAX_NAME = 256;

/** Options of a {@link ConnectionController}. */
export interface ConnectionControllerOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly connections: Connections;
  readonly events: EventRecorder<EventReason>;
  readonly users: (place: Place) => Users;
  /** Called when the principal of a connection is found to have changed, so that its objects show it. */
  readonly onPrincipal: (place: Place) => void;
  /** Queues a connection with a delay (ms). */
  readonly enqueue: (key: ObjectKey, delayMs: number) => void;
}

/** The result of one check. */
interface Check {
  readonly settings: readonly Setting[];
  readonly principal?: string | undefined;
  readonly isFine: boolean;
}

/** Works on connection objects. */
export class ConnectionController {
  readonly #options: ConnectionControllerOptions;
  /** The last check of each connection: its subject, and its time (ms, monotonic). */
  readonly #checks = new Map<ObjectKey, { readonly of: unknown; readonly at: number; readonly check: Check }>();

  constructor(options: ConnectionControllerOptions) {
    this.#options = options;
  }

  /** The place's connection changed, or objects began or stopped using it. */
  changed(place: Place, { isUrgent = false }: { isUrgent?: boolean } = {}): void {
    const key = connectionKey(place);
    if (this.#options.connections.sources.connection(key) === undefined) return;
    this.#options.enqueue(key, isUrgent ? 0 : COUNT_MS);
  }

  /** A pass could not sign in, or could not reach the workspace. */
  suspect(place: Place): void {
    const key = connectionKey(place);
    const last = this.#checks.get(key);
    if (last === undefined || !last.check.isFine) return;
    this.#checks.set(key, { ...last, of: undefined });
    this.changed(place);
  }

  /** Updates the status of one connection, or releases it. */
  async reconcile(key: ObjectKey): Promise<void> {
    const { connections, enqueue } = this.#options;
    const object = connections.sources.connection(key);
    const place = placeOfConnection(key);
    if (object === undefined) {
      this.#checks.delete(key);
      return;
    }
    if (!connections.isOurs(place)) return;
    try {
      await this.#reconcile(key, object, place);
    } catch (error) {
      if (error instanceof WorkEndedError) return;
      const isGone = error instanceof KubeError && error.status === 404;
      if (!isGone) log.warning(`Cannot bring ${connectionKind.kind} ${key} up to date: ${(error as Error).message}`);
      enqueue(key, PAUSE_MS);
    }
  }

  async #reconcile(key: ObjectKey, object: KubeObject, place: Place): Promise<void> {
    const users = this.#options.users(place);
    const isEnding = object.metadata.deletionTimestamp !== undefined;
    if (isEnding && users.areKnown && users.count === 0) return await this.#setHold(object, false);
    // Even while no object uses it: the first one may appear at the moment of its deletion.
    if (!isEnding) await this.#setHold(object, true);
    const check = await this.#check(key, place);
    const isHeld = isEnding && users.count > 0;
    if (isHeld) this.#options.events.record(object, "Warning", "InUse", inUse(users));
    const settings = isHeld ? [...check.settings, failed("Ready", "InUse", inUse(users))] : check.settings;
    await this.#save(key, { ...check, settings }, users);
    this.#options.enqueue(key, pauseAfter(check));
  }

  /** Checks whether the connection works, unless that is known. */
  async #check(key: ObjectKey, place: Place): Promise<Check> {
    const { clock, connections } = this.#options;
    const state = connections.of(place);
    if (!isConnected(state)) return blocked(state);
    const last = this.#checks.get(key);
    const age = clock.monotonic() - (last?.at ?? -Infinity);
    if (last?.of === state && age < pauseAfter(last.check) - COUNT_MS) return last.check;
    if (last !== undefined && last.of === undefined && age < PAUSE_MS) {
      this.#options.enqueue(key, PAUSE_MS - age);
      return last.check;
    }
    const check = await checkOf(state);
    this.#checks.set(key, { of: state, at: clock.monotonic(), check });
    return check;
  }

  async #save(key: ObjectKey, { settings, principal }: Check, users: Users): Promise<void> {
    const { clock, connections } = this.#options;
    const object = connections.sources.connection(key);
    if (object === undefined) return;
    const stored = (object.status ?? {}) as ConnectionStatus & { conditions?: Condition[] };
    const before = plain(stored);
    const { generation = 0 } = object.metadata;
    const place = placeOfConnection(key);
    const state = connections.of(place);
    // The principal that it tries to sign in as, until a check confirms one.
    const client = isConnected(state) ? clientIdOf(connections.signInOf(place)) : undefined;
    const now = timeText(clock.now());
    const checked = this.#checks.get(key);
    const next: ConnectionStatus = {
      observedGeneration: generation,
      conditions: applyConditions(stored.conditions ?? [], settings, { generation, now }),
      ...isConnected(state) && { workspace: state.workspace.host },
      ...isConnected(state) && { auth_type: connections.signInOf(place)?.method.type },
      ...client !== undefined && { principal: client },
      ...principal !== undefined && { principal },
      ...users.areKnown ? { objects: users.count } : { objects: stored.objects },
      ...stored.last_check !== undefined && { last_check: stored.last_check },
    };
    const isNews = mergePatch(before, plain(next)) !== undefined;
    const isOld = clock.now() - Date.parse(stored.last_check ?? "1970-01-01") > CHECK_MS / 2;
    if (checked !== undefined && isConnected(state) && (isNews || isOld)) {
      next.last_check = timeText(clock.now() - (clock.monotonic() - checked.at));
    }
    const patch = mergePatch(before, plain(next));
    if (patch !== undefined) await this.#patch(object, { status: patch }, "status");
    if (patch?.principal !== undefined) this.#options.onPrincipal(place);
  }

  /** Adds or removes the finalizer. */
  async #setHold(object: KubeObject, isHeld: boolean): Promise<void> {
    const { finalizers = [], uid, resourceVersion } = object.metadata;
    if (finalizers.includes(CONNECTION_FINALIZER) === isHeld) return;
    const others = finalizers.filter((name) => name !== CONNECTION_FINALIZER);
    const metadata = { uid, resourceVersion, finalizers: isHeld ? [...others, CONNECTION_FINALIZER] : others };
    await this.#patch(object, { metadata });
  }

  async #patch({ metadata: { namespace = "", name = "" } }: KubeObject, patch: unknown, subresource?: "status") {
    const { client, connections } = this.#options;
    const path = { group: GROUP, version: VERSION, plural: connectionKind.plural, namespace };
    connections.sources.observeWrite(
      await client.patch(path, name, patch, { type: "merge", ...subresource && { subresource } }),
    );
  }
}

/** The time until the next check (ms). */
function pauseAfter({ isFine }: Check): number {
  return isFine ? CHECK_MS : FAILED_CHECK_MS;
}

async function checkOf(connection: WorkspaceConnection): Promise<Check> {
  const { workspace } = connection;
  try {
    const principal = await currentUser(workspace.background());
    return { settings: fine(), isFine: true, ...principal !== "" && { principal: principal.slice(0, MAX_NAME) } };
  } catch (error) {
    if (error instanceof WorkEndedError) throw error;
    // A principal that may not read its own user is signed in, and so is one that Databricks asks to wait.
    if (error instanceof PermissionDeniedError || error instanceof RateLimitedError) {
      return { settings: fine(), isFine: true };
    }
    const told = outcome(error, "Cannot sign in");
    const { reason } = told.kind === "silent" ? { reason: "Unavailable" as const } : told;
    const message = namingSecret(told.message, connection);
    const isRefused = error instanceof UnauthenticatedError;
    const isOurs = isRefused || error instanceof CredentialsError;
    return {
      isFine: false,
      settings: [
        failed("Ready", reason, message),
        isOurs ? failed("Authenticated", reason, message) : unknown("Authenticated", reason),
        isRefused ? well("Reachable") : isOurs ? unknown("Reachable", reason) : failed("Reachable", reason, message),
      ],
    };
  }
}

function blocked({ reason, message }: { readonly reason: ConditionReason; readonly message: string }): Check {
  const isCredentials = reason.startsWith("Credentials");
  return {
    isFine: false,
    settings: [
      failed("Ready", reason, message),
      isCredentials ? failed("Authenticated", reason, message) : unknown("Authenticated", reason),
      unknown("Reachable", reason),
    ],
  };
}

function fine(): Setting[] {
  return ["Ready", "Authenticated", "Reachable"].map(well);
}

function well(type: string): Setting {
  return { type, status: "True", reason: "Connected", message: "" };
}

function failed(type: string, reason: ConditionReason, message: string): Setting {
  return { type, status: "False", reason, message };
}

function unknown(type: string, reason: ConditionReason): Setting {
  return { type, status: "Unknown", reason, message: "This is not known while the connection is not Ready" };
}

function inUse({ shown }: Users): string {
  return `objects use this connection: ${shown}; delete them, or name another connection in their spec.connection`;
}

function plain(status: ConnectionStatus): Record<string, unknown> {
  return JSON.parse(JSON.stringify(status));
}
