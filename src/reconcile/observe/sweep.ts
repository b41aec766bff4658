/**
 * Sweeps: one paged list per kind and workspace refreshes the observations, and queues only the objects whose resource
 * changed. The same sweep serves drift, ingest and absence.
 *
 * Guarantees: there are never two sweeps of a kind at once; a sweep that fails changes nothing; a resource that the
 * list lacks is not assumed to be gone: its object is queued, and the pass reads it by id.
 *
 * @module
 */
import { CredentialsError } from "../../databricks/auth.ts";
import type { Clock } from "../../base/clock.ts";
import { DatabricksError, NotFoundError, PermissionDeniedError } from "../../databricks/errors.ts";
import { WorkEndedError } from "../../http/write_fence.ts";
import { logger } from "../../telemetry/log.ts";
import { type External, isId, type Owner, type Resource } from "../../resource.ts";
import { type Blocked, isConnected, type WorkspaceConnection } from "../connect/workspace_connection.ts";
import { ingests } from "../connect/ingest_choice.ts";
import { Baselines } from "./baselines.ts";
import { Looks } from "./looks.ts";
import { Marks } from "./marks.ts";
import { NewFields } from "./new_fields.ts";
import type { Noted, Observations } from "./observations.ts";
import { spellingsOf } from "./spellings.ts";
import type { SweepBudget } from "./sweep_budget.ts";
import { TornOff, type TornOffMark } from "./torn_off.ts";

/** The number of objects that are observed one by one after a write; or the number of pages of a sweep, if larger. */
const ONE_BY_ONE = 3;
/** A sweep that takes longer than this counts as stuck (ms). */
const STUCK = 120_000;
/** The size of a page of Databricks' lists. */
const PAGE = 100;

/** An owner of no resource, for reading rows without an object. */
const NOBODY: Owner = { uid: "", name: "", tag: "" };

const log = logger("sweep");

/** Options of a {@link Sweeper}. */
export interface SweeperOptions {
  readonly resource: Resource;
  readonly observations: Observations;
  readonly clock: Clock;
  readonly budget: SweepBudget;
  readonly connection: () => WorkspaceConnection | Blocked;
  /** The bound objects, by the id of their external resource. */
  readonly bound: () => Map<string, string[]>;
  /** All objects of the kind in the namespace. */
  readonly keys: () => string[];
  /** The parents that manifests name, for a kind with one list per parent. */
  readonly parents?: () => Iterable<string>;
  /** The id that the object with a UID holds. */
  readonly heldBy: (uid: string) => string | undefined;
  /** Notes that a workspace distinguishes ids that differ only in case. */
  readonly keepsCase?: (host: string) => void;
  /** The objects whose parts are read after this sweep, for parts that need a call of their own. */
  readonly dueParts?: () => readonly string[];
  readonly enqueue: (key: string) => void;
  /** Inspects a complete list. */
  readonly inspect: (listed: ReadonlyMap<string, External>, since: number, connection: WorkspaceConnection) => void;
  /** Creates objects for resources that have none. */
  readonly ingest: (listed: Map<string, External>, since: number, connection: WorkspaceConnection) => Promise<void>;
  /** How long writes are collected before their results are observed (ms). */
  readonly baselineMs: number;
  /** The interval between two sweeps, instead of the one that follows from the settings (ms). */
  readonly intervalMs?: number | undefined;
  readonly random?: () => number;
}

/** The reason why a list failed: Databricks refuses or fails, or the operator cannot sign in. */
export type SweepFailure = DatabricksError | CredentialsError;

/** Sweeps one kind of one namespace. */
export class Sweeper {
  readonly #options: SweeperOptions;
  readonly #stopping = new AbortController();
  readonly #baselines: Baselines;
  #wake = new AbortController();
  #loop: Promise<void> | undefined;
  readonly #deferred = new Set<string>();
  readonly #looks: Looks;
  readonly #newFields = new NewFields();
  /** Ids that the last list returned in another case. */
  #respelt = new Set<string>();
  #isReady = false;
  /** True while no object of the kind exists, and none would be ingested: then nothing is listed. */
  #isIdle = false;
  /** The number of pages that the current or last sweep has read. */
  #pagesRead = 0;
  #begunAt: number | undefined;
  #failures = 0;
  /**
   * The reason why the last list failed, even if the next one may succeed: for callers that cannot continue without a
   * list.
   */
  lastError: SweepFailure | undefined;
  #marks: Marks | undefined;
  readonly #tornOff = new TornOff();

  constructor(options: SweeperOptions) {
    this.#options = options;
    this.#looks = new Looks(options.clock);
    this.#baselines = new Baselines({
      clock: options.clock,
      collectMs: options.baselineMs,
      isMany: (count) => this.#isMany(count),
      sweep: () => this.kick(),
      release: (keys) => this.#release(keys),
    });
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake.abort();
    this.#baselines.stop();
    this.#options.budget.forget(this);
    await this.#loop;
  }

  /** The reason why lists fail, for every object's status; a single network failure soon passes, and is not shown. */
  get failure(): SweepFailure | undefined {
    const error = this.lastError;
    return error instanceof DatabricksError && error.transient && this.#failures < 2 ? undefined : error;
  }

  /** True if sweeps fail, or the current one does not end. */
  get isStuck(): boolean {
    const begun = this.#begunAt;
    return this.failure !== undefined || (begun !== undefined && this.#options.clock.monotonic() - begun > STUCK);
  }

  /** True if a sweep has ended, successfully or not, or there is nothing to sweep for. */
  get isReady(): boolean {
    return this.#isReady || this.#isIdle;
  }

  /** The tags in the last complete list; `undefined` before the first one. */
  get marks(): Marks | undefined {
    return this.#marks;
  }

  /** The resources whose objects disappeared since the last list began. */
  get tornOff(): TornOff {
    return this.#tornOff;
  }

  /** Notes that an object disappeared which held a resource. */
  noteTornOff(mark: TornOffMark): void {
    this.#tornOff.add(mark, { since: this.#options.observations.begin(), at: this.#options.clock.monotonic() });
  }

  /** Sweeps now: the connection or the settings changed. */
  kick(): void {
    this.#wake.abort();
  }

  /**
   * True if the object's pass should wait for the first sweep, which covers all objects at once. The object is queued
   * again when that sweep has ended, successfully or not.
   */
  defers(key: string): boolean {
    if (this.#isReady) return false;
    this.#deferred.add(key);
    if (this.#isIdle) this.kick();
    return true;
  }

  /** Notes that a resource was read just now, and whether its list's row omits something. */
  looked(id: string, options: { isHiding?: boolean } = {}): void {
    this.#looks.looked(id, options);
  }

  /** True if a get is due, to find out what lists omit. */
  isDue(id: string): boolean {
    return this.#looks.isDue(id);
  }

  /** True for a field that Databricks began to return for all resources at once: no person edited them all. */
  isNewField(field: string): boolean {
    return this.#newFields.has(field);
  }

  /** Requests an observation of a write, soon, and together with other writes until then. */
  requestBaseline(key: string, id: string): void {
    this.#baselines.request(key, id);
  }

  /** True while an observation of the object's last write is pending. */
  awaitsBaseline(key: string): boolean {
    return this.#baselines.awaits(key);
  }

  #isMany(count: number): boolean {
    const { keys, resource } = this.#options;
    return resource.external.list !== undefined && count > Math.max(ONE_BY_ONE, keys().length / PAGE);
  }

  #release(written: readonly string[]): void {
    const keys = [...written, ...this.#deferred];
    this.#baselines.forget(written);
    this.#deferred.clear();
    for (const key of keys) this.#options.enqueue(key);
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      this.#wake = new AbortController();
      const state = this.#options.connection();
      const isIngested = isConnected(state) && ingests(state.settings, this.#options.resource);
      this.#isIdle = !isIngested && this.#options.keys().length === 0;
      if (this.#isIdle) this.#rest();
      else if (isConnected(state)) await this.#sweepSafely(state);
      await this.#options.clock.sleep(this.#pause(state), this.#wake.signal);
    }
  }

  /** Forgets the observations once no object is left: a later object must not rely on them. */
  #rest(): void {
    this.#isReady = false;
    this.#options.budget.forget(this);
    this.#marks = undefined;
    this.#setFailure(undefined);
    this.#options.observations.clear();
    this.#looks.next([], 0);
    this.#respelt = new Set();
    this.#release(this.#baselines.keys);
    this.#baselines.listed(new Map());
  }

  #pause(state: WorkspaceConnection | Blocked): number {
    const { budget, intervalMs, random = Math.random } = this.#options;
    const interval = isConnected(state)
      ? intervalMs ?? budget.intervalMs(state.workspace.host, state.settings)
      : 300_000;
    // Jitter keeps several operators and kinds from listing at the same moment.
    return interval * (0.9 + 0.2 * random());
  }

  async #sweepSafely(connection: WorkspaceConnection): Promise<void> {
    // This sweep does not show later writes.
    const written = this.#baselines.keys;
    const begun = this.#begunAt = this.#options.clock.monotonic();
    try {
      const calls = await this.#sweep(connection);
      this.#options.budget.note(connection.workspace.host, this, calls);
      this.#setFailure(undefined);
    } catch (error) {
      if (error instanceof WorkEndedError) return;
      if (error instanceof DatabricksError || error instanceof CredentialsError) this.#setFailure(error);
      const text = error instanceof Error ? error.message : String(error);
      log.warning(`Cannot list ${this.#options.resource.plural} of namespace ${connection.namespace}: ${text}`);
    }
    this.#begunAt = undefined;
    this.#baselines.swept({ tookMs: this.#options.clock.monotonic() - begun, pages: this.#pagesRead });
    this.#isReady = true;
    this.#release(written);
  }

  #setFailure(error: SweepFailure | undefined): void {
    const before = this.failure?.message;
    this.lastError = error;
    this.#failures = error === undefined ? 0 : this.#failures + 1;
    if (this.failure?.message !== before) { for (const key of this.#options.keys()) this.#options.enqueue(key); }
  }

  #note(external: External, owner: string | undefined): Noted {
    const { resource, observations } = this.#options;
    if (external.lacks === true) this.#looks.hides(external.id);
    this.#newFields.note(resource.comparable(external.observed, NOBODY));
    return observations.note({ ...external, owner });
  }

  /** The resources that lists omit and that are due for a get, the longest unread first. */
  #due(bound: Map<string, string[]>, listed: Map<string, External>): ReadonlySet<string> {
    if (this.#options.resource.external.rows === "whole") return this.#looks.next([], 0);
    return this.#looks.next([...bound.keys()].filter((id) => listed.has(id)), Math.ceil(listed.size / PAGE));
  }

  /** All pages of all lists. A parent that is absent, or not visible, does not affect the others. */
  async *#pages({ workspace }: WorkspaceConnection): AsyncIterable<External[]> {
    const { resource: { external, parents: hasParents }, parents = () => [] } = this.#options;
    const client = workspace.background();
    const quick = !this.#isReady;
    if (hasParents === undefined) return yield* external.list?.(client, { quick }) ?? [];
    for (const parent of new Set(parents())) {
      try {
        yield* external.list?.(client, { quick, parent }) ?? [];
      } catch (error) {
        if (!(error instanceof NotFoundError || error instanceof PermissionDeniedError)) throw error;
        log.debug(`Cannot list ${this.#options.resource.plural} of "${parent}": ${error.message}`);
      }
    }
  }

  /** @returns the number of calls that it made, and that follow from it. */
  async #sweep(connection: WorkspaceConnection): Promise<number> {
    const { resource, observations, enqueue, bound, inspect, ingest, dueParts = () => [] } = this.#options;
    const partsOf = new Set(dueParts());
    if (resource.external.list === undefined) return this.#sweepWithoutList();
    const since = observations.begin();
    const listed = new Map<string, External>();
    const { heldBy, clock } = this.#options;
    const marks = new Marks({ resource, tag: connection.settings.ownershipTag, heldBy, begun: clock.monotonic() });
    this.#newFields.begin();
    this.#pagesRead = 0;
    for await (const page of this.#pages(connection)) {
      this.#pagesRead++;
      for (const external of page) {
        // A row without an id identifies nothing: it is neither looked up nor ingested.
        if (!isId(external.id)) continue;
        listed.set(external.id, this.#note(external, marks.add(external)));
      }
    }
    this.#newFields.swept();
    this.#marks = marks;
    this.#tornOff.listed(listed, { since, now: this.#options.clock.monotonic() });
    this.#baselines.listed(listed);
    const changed = observations.replace(listed.values(), since);
    const objects = bound();
    const due = this.#due(objects, listed);
    const spelling = spellingsOf(listed.keys(), () => this.#options.keepsCase?.(connection.workspace.host));
    const respelt = new Set<string>();
    for (const [held, keys] of objects) {
      const id = listed.has(held) ? held : spelling(held);
      if (id !== held) respelt.add(held);
      const isMissing = !listed.has(id) || (id !== held && !this.#respelt.has(held));
      const isNews = changed.has(id) || due.has(id) || (isMissing && !observations.wroteAfter(held, since));
      if (isNews) keys.forEach(enqueue);
    }
    this.#respelt = respelt;
    for (const key of partsOf) enqueue(key);
    inspect(listed, since, connection);
    await ingest(listed, since, connection);
    return this.#pagesRead + due.size + partsOf.size;
  }

  /** Each object's pass reads its resource. */
  #sweepWithoutList(): number {
    const { observations, enqueue, keys, bound } = this.#options;
    observations.clear(bound());
    this.#looks.next([], 0);
    for (const key of keys()) enqueue(key);
    return keys().length;
  }
}
