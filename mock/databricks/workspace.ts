/**
 * A stand-in Databricks workspace, in memory.
 *
 * Each instance has its own state and nothing is global, so tests run in parallel. Its answers follow Databricks'
 * documentation; an unknown request is a visible error (501, `unhandled`, a message), never a guess.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { MockWorkspace } from "./workspace.ts";
 *
 * const workspace = new MockWorkspace();
 * const id = workspace.jobs.add({ name: "etl" });
 * const headers = { authorization: "Bearer token" };
 * const response = await workspace.transport.send(
 *   new Request(`${workspace.host}/api/2.2/jobs/get?job_id=${id}`, { headers }),
 * );
 * assert.equal((await response.json()).settings.name, "etl");
 * assert.equal(workspace.ledger.count("GET", "/jobs/get"), 1);
 * ```
 *
 * @module
 */
import { http, type HttpHandler } from "msw/http";
import { getResponse } from "msw/utils/get-response";
import { Auth, type AuthOptions } from "./auth.ts";
import { Credentials } from "./credentials.ts";
import { defaultDoubts, type Doubts } from "./doubts.ts";
import type { MockEntra } from "./entra.ts";
import { ApiError } from "./errors.ts";
import { Faults } from "../faults.ts";
import { apiHandlers, controlHandlers, withoutStacks } from "./handlers/all.ts";
import { Candidates } from "./handlers/candidates.ts";
import { callOf, readIncoming } from "./incoming.ts";
import { SecurableGrants } from "./grants.ts";
import { inject } from "../injection.ts";
import { Jobs } from "./jobs.ts";
import { type Call, Ledger } from "./ledger.ts";
import { Permissions } from "./permissions.ts";
import { type Kinds, kindsOf } from "./kinds/mod.ts";
import { PlainCollections } from "./plain.ts";
import { Replay } from "./replay.ts";
import { reply, replyError, replyScimError } from "./reply.ts";
import { Repos } from "./repos.ts";
import { Runs } from "./runs.ts";
import { Secrets } from "./secrets.ts";
import { WorkspaceFiles } from "./workspace_files.ts";
import { Bucket, wait } from "../timing.ts";

/** Options of a workspace; all have defaults. */
export interface MockOptions {
  /**
   * The workspace's address, as an origin. By default an unreachable one, unique even among processes that share a
   * Kubernetes API.
   */
  host?: string;
  /** The personal access token; by default "token". */
  token?: string;
  /** The owner of the token; by default "operator@example.com". */
  user?: string;
  /** The clock (ms); by default Date.now. */
  now?: () => number;
  /** The id of the first job; by default beyond 2^53, so that rounding is noticed. */
  firstId?: number | bigint;
  /** The delay of every request (ms). */
  latencyMs?: number;
  /** The maximum rate of requests; more are answered with 429 and Retry-After: 1. */
  ratePerSecond?: number;
  /** Fields that the server adds to the settings of the jobs in every answer. */
  serverFields?: Record<string, unknown>;
  /** The duration of a run (s); without it, runs end only on request. */
  runSeconds?: number;
  /** The duration of starting, stopping and deleting (ms); by default 0, so they complete at once. */
  startMs?: number;
  /** Answers to doubts about Databricks; the defaults are in `doubts_*.ts`. */
  doubts?: Partial<Doubts>;
  /** How long lists lag behind writes, if `doubts.listLag` says that they do (ms); by default 30,000. */
  listLagMs?: number;
  /** True if a repo's parent folder must exist; by default it is created. */
  requireParentFolders?: boolean;
  /** OAuth clients: id → secret. */
  clients?: Record<string, string>;
  /** Federated tokens: token → client id. */
  subjectTokens?: Record<string, string>;
  /** Another issuer of tokens; with it, the workspace is in Azure. */
  entra?: MockEntra;
}

const neverAborted = new AbortController().signal;

/** A stand-in Databricks workspace. */
export class MockWorkspace {
  /** The workspace's address. */
  readonly host: string;
  /** Sends requests to this workspace without a network, for any host. */
  readonly transport = { send: (request: Request): Promise<Response> => this.fetch(request) };
  readonly ledger: Ledger = new Ledger();
  /** "METHOD /path" of each request without a handler. */
  readonly unhandled: string[] = [];
  readonly faults: Faults;
  /** The answers to unverified questions; a test may change them while the workspace is in use. */
  readonly doubts: Doubts;
  readonly jobs: Jobs;
  readonly runs: Runs;
  readonly credentials: Credentials;
  readonly repos: Repos;
  /** Notebooks and files. */
  readonly files: WorkspaceFiles;
  readonly secrets: Secrets;
  readonly permissions: Permissions;
  /** The privileges of principals in Unity Catalog. */
  readonly grants: SecurableGrants;
  /** The resources of kinds that the mock serves from their declarations. */
  readonly plain: PlainCollections;
  /** The resources of the other kinds: SQL warehouses, cluster policies. */
  readonly kinds: Kinds;
  readonly auth: Auth;
  readonly #now: () => number;
  readonly #latencyMs: number;
  readonly #bucket: Bucket | undefined;
  readonly #replay = new Replay();
  readonly #api: Candidates;
  readonly #control: Candidates;

  constructor(options: MockOptions = {}) {
    this.host = new URL(options.host ?? `https://mock-${crypto.randomUUID().slice(0, 13)}.invalid`).origin;
    const { now = Date.now, user = "operator@example.com", firstId = 901234567890123456n } = options;
    const doubts = { ...defaultDoubts(), ...options.doubts };
    this.doubts = doubts;
    const listLagMs = options.listLagMs ?? 30_000;
    this.#now = now;
    this.faults = new Faults(now);
    this.#latencyMs = options.latencyMs ?? 0;
    this.#bucket = options.ratePerSecond === undefined ? undefined : new Bucket(options.ratePerSecond, now);
    this.jobs = new Jobs({ now, user, firstId, doubts, listLagMs, serverFields: options.serverFields ?? {} });
    const runSeconds = options.runSeconds;
    this.runs = new Runs(this.jobs, { now, user, firstId: 801234567890123456n, doubts, listLagMs, runSeconds });
    this.credentials = new Credentials({ firstId: 701234567890123456n, doubts, now, listLagMs });
    const requireParentFolders = options.requireParentFolders ?? false;
    this.repos = new Repos({ user, firstId: 601234567890123456n, requireParentFolders, doubts, now, listLagMs });
    this.files = new WorkspaceFiles(this.repos, now);
    this.secrets = new Secrets({ now, user, doubts });
    this.permissions = new Permissions(this.jobs, { now, doubts, lagMs: listLagMs });
    const { startMs = 0 } = options;
    const isFolder = (path: string) => this.repos.holds(path);
    this.plain = new PlainCollections({ now, user, doubts, startMs, isFolder });
    this.kinds = kindsOf({ now, user, doubts, startMs, isFolder, runSeconds, listLagMs });
    this.grants = new SecurableGrants({ now, doubts, lagMs: listLagMs });
    declareHolders(this, user);
    this.auth = authOf(options, { now, user, doubts });
    this.#api = new Candidates(withoutStacks(() => apiHandlers(this)));
    this.#control = new Candidates(withoutStacks(() => controlHandlers(this)));
  }

  /**
   * The workspace as MSW handlers: `setupServer(...workspace.handlers)` answers the requests that a program in the same
   * process sends to the workspace's host.
   */
  get handlers(): HttpHandler[] {
    return [http.all(`${this.host}/*`, ({ request }) => this.fetch(request))];
  }

  /** Makes lists show all changes so far, as if they were long ago. */
  settle(): void {
    for (const collection of [this.jobs, this.runs, this.repos, this.credentials]) collection.settle();
  }

  /** Replaces the personal access token; the old one is refused from now on. */
  setToken(token: string): void {
    this.auth.setToken(token);
  }

  /**
   * Answers a request to any host.
   *
   * @throws {ConnectionCut} if a fault cuts the connection; the signal's reason if the caller gave up.
   */
  async fetch(request: Request): Promise<Response> {
    const signal = request.signal ?? neverAborted;
    signal.throwIfAborted();
    const incoming = await readIncoming(request);
    if (incoming.path.startsWith("/_/")) return await this.#route(this.#control, incoming);
    const call = callOf(incoming, this.#now());
    this.ledger.calls.push(call);
    const response = await this.#answer(incoming.request, call, signal);
    signal.throwIfAborted();
    call.status = response.status;
    return response;
  }

  async #answer(request: Request, call: Call, signal: AbortSignal): Promise<Response> {
    await wait(this.#latencyMs, signal);
    if (this.#bucket?.take() === false) return tooMany();
    const handle = () => this.#handle(request, call);
    const fault = this.faults.strike(`${call.method} ${call.path}`);
    if (!fault) return await handle();
    call.fault = fault.name;
    return await inject(fault.rule, { request, signal, handle, stale: () => this.#replay.stale(request) });
  }

  async #handle(request: Request, { method, path }: Call): Promise<Response> {
    try {
      if (path.startsWith("/api/")) {
        this.auth.user(request);
        this.permissions.check(`${method} ${path}`);
      }
    } catch (error) {
      const isScim = path.includes("/scim/") && this.doubts.errorForm === "SCIM detail";
      return isScim && error instanceof ApiError ? replyScimError(error) : replyError(error);
    }
    const response = await this.#emptied(request, await this.#route(this.#api, { request, path }));
    await this.#replay.record(request, response);
    return response;
  }

  /** Replaces a write's answer `{}` with an empty body if a doubt says so. */
  async #emptied({ method }: Request, response: Response): Promise<Response> {
    if (this.doubts.emptyAnswers !== "nothing" || method === "GET" || !response.ok) return response;
    const isEmpty = await response.clone().text() === "{}";
    return isEmpty ? new Response(null, { status: response.status }) : response;
  }

  async #route(candidates: Candidates, { request, path }: { request: Request; path: string }): Promise<Response> {
    const response = await getResponse(candidates.of(request.method, path), request);
    if (response) return response;
    const line = `${request.method} ${path}`;
    this.unhandled.push(line);
    console.error(`The mock workspace has no handler for ${line}`);
    return replyError(new ApiError(501, "MOCK_UNHANDLED", `The mock workspace has no handler for ${line}`));
  }
}

/** Declares the kinds' resources to the lists of permissions and grants. */
function declareHolders({ permissions, grants, kinds, files }: MockWorkspace, user: string): void {
  const creator = (fields: Record<string, unknown> | undefined, field: string) => fields && String(fields[field]);
  permissions.objects.set("clusters", (id) => creator(kinds.clusters.get(id), "creator_user_name"));
  permissions.objects.set("cluster-policies", (id) => creator(kinds.policies.get(id), "creator_user_name"));
  permissions.objects.set("instance-pools", (id) => kinds.pools.creator(id));
  for (const kind of [kinds.dashboards, kinds.queries, kinds.alerts]) files.guests.push(kind.files);
  const ofUser = (fields: Record<string, unknown> | undefined) => fields && user;
  permissions.objects.set("dashboards", (id) => ofUser(kinds.dashboards.get(id)));
  permissions.objects.set("queries", (id) => ofUser(kinds.queries.get(id)));
  permissions.objects.set("alertsv2", (id) => ofUser(kinds.alerts.get(id)));
  permissions.objects.set("serving-endpoints", (id) => kinds.serving.creator(id));
  permissions.objects.set("vector-search-endpoints", (id) => kinds.vectorSearch.creator(id));
  permissions.objects.set("apps", (name) => kinds.apps.creator(name));
  permissions.objects.set("experiments", (id) => kinds.experiments.creator(id));
  permissions.objects.set("pipelines", (id) => creator(kinds.pipelines.get(id), "creator_user_name"));
  permissions.objects.set("warehouses", (id) => creator(kinds.warehouses.get(id), "creator_name"));
  grants.securables.push((type, name) => kinds.catalog.names(type).includes(name.toLowerCase()));
  grants.securables.push((type, name) => type === "table" && kinds.vectorIndexes.get(name.toLowerCase()) !== undefined);
}

function authOf(options: MockOptions, rest: Pick<AuthOptions, "now" | "user" | "doubts">): Auth {
  const { token = "token", clients = {}, subjectTokens = {}, entra } = options;
  return new Auth({ token, clients, subjectTokens, entra, ...rest });
}

function tooMany(): Response {
  const body = { error_code: "REQUEST_LIMIT_EXCEEDED", message: "Current rate of requests exceeds the limit" };
  return reply(body, { status: 429, headers: { "retry-after": "1" } });
}
