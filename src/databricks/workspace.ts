/**
 * Calls a workspace's REST endpoints over a {@link Transport}.
 *
 * Guarantees: every call has a time limit; int64 ids stay exact; 429 is retried after the time that Retry-After names;
 * 503, other 5xx and lost answers are retried only if repeating is safe, so a create whose answer was lost is reported,
 * never sent again; no error contains the token; while the operator stops, nothing waits.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import { WorkEndedError } from "../http/write_fence.ts";
import { isObject, type Json, parseJson } from "../base/json.ts";
import type { CallInput, Endpoint, Workspace } from "../resource.ts";
import {
  classify,
  ConnectionError,
  DatabricksError,
  EmptyAnswerError,
  type Failure,
  NotFoundError,
  RateLimitedError,
  SignInError,
  UnauthenticatedError,
  UnavailableError,
  UnreachableError,
} from "./errors.ts";
import { chunks } from "../http/response_body.ts";
import { sentOnce } from "../http/request_body.ts";
import { readError } from "./call/error_body.ts";
import type { Limiter } from "./call/limiter.ts";
import { networkProblem } from "./call/network_error.ts";
import { addressOf } from "./call/request.ts";
import { redact, textOfBase64 } from "./call/redact.ts";
import { workspaceIdOf } from "./sign_in/network.ts";
import type { TokenSource } from "./sign_in/token_source.ts";
import { timeLimit } from "./call/time_limit.ts";
import type { Transport } from "./call/transport.ts";

/** A longer answer is refused (bytes). The longest legitimate ones, pages of 100 jobs, are far shorter. */
const MAX_ANSWER = 64 * 1024 * 1024;
/** The number of attempts for a repeatable call. */
const ATTEMPTS = 4;
/** For a Retry-After above this (seconds) the reconciler requeues the object, instead of waiting inside the call. */
const MAX_WAIT = 30;

/** A Retry-After above this (seconds) is not believed: a wrong value could stop all work on the workspace for years. */
const MAX_RETRY_AFTER = 600;

/** Options of a workspace client. */
export interface WorkspaceOptions {
  /** The workspace's origin, with `/?o=<id>` if the host serves several workspaces. */
  readonly host: string;
  readonly transport: Transport;
  /** Returns the headers that authenticate a request. */
  readonly tokens: TokenSource;
  readonly limiter: Limiter;
  readonly clock: Clock;
  readonly jobsApiVersion: string;
  /** A request's time limit (ms). */
  readonly timeoutMs: number;
  readonly userAgent: string;
  /** `high` for work that a person waits for, `low` for sweeps and polls. */
  readonly priority?: "high" | "low";
  /** Aborts when calls must no longer wait, for their turn or for a retry. */
  readonly stopping?: AbortSignal;
  /** Aborts when calls in flight are abandoned. */
  readonly abandoned?: AbortSignal;
  /** Called before each call. */
  readonly before?: () => Promise<void>;
  /** Notified of every request: for metrics. */
  readonly observer?: CallObserver;
  readonly random?: () => number;
}

/** Observes requests. */
export interface CallObserver {
  /** Databricks answered with this HTTP status (0 for no answer) after this many seconds. */
  apiCalled(endpoint: string, status: number, seconds: number): void;
  /** A request waited this many seconds for the rate limit. */
  limited(priority: string, seconds: number): void;
}

/** Headers with a token, by lower-case names. */
type SignedIn = Readonly<Record<string, string>>;

/** A workspace, as {@link Workspace} describes it to the kinds. */
export class WorkspaceClient implements Workspace {
  readonly #options: WorkspaceOptions;
  constructor(options: WorkspaceOptions) {
    this.#options = options;
  }

  get host(): string {
    return this.#options.host;
  }

  get jobsApiVersion(): string {
    return this.#options.jobsApiVersion;
  }

  /** The same workspace for calls that nobody waits for: they have low priority. */
  patient(): WorkspaceClient {
    return new WorkspaceClient({ ...this.#options, priority: "low" });
  }

  /**
   * The same workspace for reads that wait behind calls of high priority, and are abandoned when the operator stops.
   */
  background(): WorkspaceClient {
    const { stopping } = this.#options;
    return new WorkspaceClient({ ...this.#options, priority: "low", ...stopping && { abandoned: stopping } });
  }

  /** The same workspace with a function that is called before each call. */
  after(before: () => Promise<void>): WorkspaceClient {
    return new WorkspaceClient({ ...this.#options, before });
  }

  /** @throws {DatabricksError}, or {@link WorkEndedError} when the operator stops. */
  async call(endpoint: Endpoint, input: CallInput = {}): Promise<Record<string, unknown>> {
    await this.#options.before?.();
    let isRenewed = false;
    for (let attempt = 1;; attempt++) {
      const signedIn = await this.#signIn();
      try {
        return await this.#once(endpoint, input, signedIn);
      } catch (error) {
        // The token has expired or was revoked. Nothing was done, so even a create is repeated.
        if (error instanceof UnauthenticatedError && !isRenewed && this.#options.tokens.refused(signedIn)) {
          isRenewed = true;
          attempt--;
          continue;
        }
        const wait = error instanceof DatabricksError ? this.#retryIn(error, endpoint, attempt) : undefined;
        if (wait === undefined) throw error;
        await this.#options.clock.sleep(wait, this.#options.stopping);
        this.#options.stopping?.throwIfAborted();
      }
    }
  }

  async tryCall(endpoint: Endpoint, input: CallInput = {}): Promise<Record<string, unknown> | undefined> {
    try {
      return await this.call(endpoint, input);
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  async *pages(endpoint: Endpoint, input: CallInput = {}): AsyncIterable<Record<string, unknown>[]> {
    const seen = new Set<string>();
    const { items: field = "items", pageToken = "page_token" } = endpoint;
    let token: string | undefined;
    while (true) {
      const page = await this.call(endpoint, token === undefined ? input : { ...input, [pageToken]: token });
      const items = page[field];
      yield Array.isArray(items) ? items.filter(isObject) : [];
      token = nextToken(page);
      if (token === undefined) return;
      if (seen.has(token)) throw this.#error(endpoint, 200, "", "the list gave the same page token twice");
      seen.add(token);
    }
  }

  /** The delay (ms) before the next attempt; `undefined` if the error is final. */
  #retryIn(error: DatabricksError, endpoint: Endpoint, attempt: number): number | undefined {
    const { retryAfter } = error.failure;
    if (error instanceof RateLimitedError) {
      this.#options.limiter.refused((retryAfter ?? 1) * 1000);
    } else if (!error.transient || !endpoint.repeatable) return undefined;
    if (attempt >= ATTEMPTS || (retryAfter ?? 0) > MAX_WAIT) return undefined;
    const random = this.#options.random ?? Math.random;
    // Official SDKs wait attempt × 1 s, up to 10 s, plus jitter.
    return retryAfter !== undefined ? retryAfter * 1000 : Math.min(attempt, 10) * 1000 * (0.5 + random() / 2);
  }

  /** The headers that authenticate. @throws {SignInError} if there are none for now: nothing was sent. */
  async #signIn(): Promise<SignedIn> {
    try {
      return await this.#options.tokens.headers();
    } catch (error) {
      throw error instanceof DatabricksError && error.transient ? new SignInError(error.failure) : error;
    }
  }

  async #once(endpoint: Endpoint, input: CallInput, signedIn: SignedIn): Promise<Record<string, unknown>> {
    const { clock, transport, abandoned, timeoutMs } = this.#options;
    const { url, body } = addressOf(endpoint, input, this);
    const tell = await this.#turn(endpoint);
    using limit = timeLimit(clock, timeoutMs);
    const signal = abandoned === undefined ? limit.signal : AbortSignal.any([limit.signal, abandoned]);
    const headers = this.#headers(signedIn, body);
    let status = 0;
    try {
      const content = body === undefined ? {} : { body: sentOnce(body) };
      const request = new Request(url, { method: endpoint.method, headers, signal, ...content });
      const response = await transport.send(request);
      status = response.status;
      const text = await readText(response, signal);
      tell(status);
      return this.#parse(endpoint, response, text, secretsOf(endpoint, input, signedIn));
    } catch (cause) {
      if (cause instanceof DatabricksError || cause instanceof WorkEndedError) throw cause;
      tell(0);
      // A half-open connection would swallow the next request, too.
      if (limit.signal.aborted) transport.renew?.();
      abandoned?.throwIfAborted();
      throw this.#noAnswer(endpoint, cause, status);
    }
  }

  /** Waits until the rate limit lets a call pass; returns a function that reports its end. */
  async #turn({ method, path }: Endpoint): Promise<(status: number) => void> {
    const { clock, limiter, observer, stopping, priority = "high" } = this.#options;
    const asked = clock.monotonic();
    await limiter.acquire(priority, stopping);
    const begun = clock.monotonic();
    observer?.limited(priority, (begun - asked) / 1000);
    return (status) => observer?.apiCalled(`${method} ${path}`, status, (clock.monotonic() - begun) / 1000);
  }

  #headers(signedIn: SignedIn, body: string | undefined): Headers {
    const headers = new Headers({ ...signedIn, accept: "application/json", "user-agent": this.#options.userAgent });
    if (body !== undefined) headers.set("content-type", "application/json");
    // Tells a host which of its workspaces is meant (Python SDK 0.162.0, service/jobs.py).
    const id = workspaceIdOf(this.host);
    if (id !== undefined) headers.set("x-databricks-workspace-id", id);
    return headers;
  }

  #parse(endpoint: Endpoint, response: Response, text: string, secrets: string[]): Record<string, unknown> {
    const body = parseLoosely(text);
    if (response.ok && isObject(body)) return body;
    const isEmpty = text.trim() === "";
    // A call that is repeated until it is seen to hold needs no content in its answer.
    if (response.ok && isEmpty && endpoint.repeatable && endpoint.method !== "GET") return {};
    // A proxy's login page may come with 200; it is not an answer of Databricks, and the call may or may not have been
    // carried out.
    if (response.ok) {
      if (isEmpty) throw new EmptyAnswerError(this.#failure(endpoint, 200, "", "the answer is empty"));
      const why = `the answer is not JSON: ${excerpt(redact(text, secrets))}`;
      throw new UnavailableError(this.#failure(endpoint, 200, "", why));
    }
    const { code, message: said } = isObject(body)
      ? readError(body)
      : { code: "", message: excerpt(redact(text, secrets)) };
    const retryAfter = retryAfterOf(response, this.#options.clock.now());
    const more = retryAfter === undefined ? {} : { retryAfter };
    const told = this.#failure(endpoint, response.status, redact(code, secrets).slice(0, 100), redact(said, secrets));
    const failure = { ...this.#failure(endpoint, response.status, code, said), ...more };
    throw classify(failure, { told: { ...told, ...more }, quirks: endpoint.errors ?? [] });
  }

  /** The error of a call that was not answered, or whose answer broke off. */
  #noAnswer(endpoint: Endpoint, cause: unknown, status: number): DatabricksError {
    const { message, isUnconnected, remedy } = networkProblem(cause);
    const isLate = cause instanceof DOMException && cause.name === "TimeoutError";
    const said = status === 0 || isLate ? message : `the answer broke off: ${message}`;
    const failure = { ...this.#failure(endpoint, 0, "", said), cause, ...remedy !== undefined && { remedy } };
    return isUnconnected ? new UnreachableError(failure) : new ConnectionError(failure);
  }

  #failure(endpoint: Endpoint, status: number, code: string, message: string): Failure {
    const path = endpoint.path.replace("{jobs_api_version}", this.jobsApiVersion);
    return {
      endpoint: `${endpoint.method} ${path}`,
      status,
      code,
      message: message.slice(0, 1000),
      host: new URL(this.host).host,
    };
  }

  #error(
    endpoint: Endpoint,
    status: number,
    code: string,
    message: string,
    more: Partial<Failure> = {},
  ): DatabricksError {
    return classify({ ...this.#failure(endpoint, status, code, message), ...more });
  }
}

/** The secrets of a call: its token, and the secret values that it sends. */
function secretsOf({ secrets = [] }: Endpoint, input: CallInput, signedIn: SignedIn): string[] {
  const values = secrets.map((path) => valueAt(input, path)).filter((value) => typeof value === "string");
  // Content that is sent as bytes may come back as text.
  const plain = values.map(textOfBase64).filter((text) => text.length >= 8);
  const tokens = Object.values(signedIn).map((header) => header.replace(/^Bearer /, ""));
  // The short tokens of tests are ordinary words that messages contain.
  return [...tokens.filter((token) => token.length >= 8), ...values, ...plain];
}

/** The value at a path; a field's own name may contain dots. */
function valueAt(value: unknown, path: string): unknown {
  if (!isObject(value)) return undefined;
  if (Object.hasOwn(value, path)) return value[path];
  const [field = "", ...rest] = path.split(".");
  return rest.length === 0 ? undefined : valueAt(value[field], rest.join("."));
}

function nextToken(page: Record<string, unknown>): string | undefined {
  return typeof page.next_page_token === "string" && page.next_page_token !== "" ? page.next_page_token : undefined;
}

async function readText({ body }: Response, signal: AbortSignal): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body === null ? [] : chunks(body, signal)) {
    size += chunk.length;
    // Leaving the loop cancels the body.
    if (size > MAX_ANSWER) throw new Error(`the answer is longer than ${MAX_ANSWER} bytes`);
    pieces.push(chunk);
  }
  return new TextDecoder().decode(pieces.length === 1 ? pieces[0] : concat(pieces, size));
}

function concat(chunks: Uint8Array[], size: number): Uint8Array {
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

function parseLoosely(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function excerpt(text: string): string {
  return text.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ").trim().slice(0, 200);
}

function retryAfterOf(response: Response, now: number): number | undefined {
  const header = response.headers.get("retry-after");
  if (header === null) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - now) / 1000;
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, MAX_RETRY_AFTER) : undefined;
}
