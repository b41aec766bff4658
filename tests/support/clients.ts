/**
 * Workspace clients for tests: over a mock workspace, or over scripted answers.
 *
 * @module
 */
import type { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { FakeClock, settle } from "../../src/base/clock_fake.ts";
import { DatabricksError } from "../../src/databricks/errors.ts";
import { Limiter } from "../../src/databricks/call/limiter.ts";
import { fixedToken } from "../../src/databricks/sign_in/token_source.ts";
import type { Transport } from "../../src/databricks/call/transport.ts";
import { WorkspaceClient, type WorkspaceOptions } from "../../src/databricks/workspace.ts";

/** A client of a mock workspace, without a rate limit. */
export function clientOf(workspace: MockWorkspace, options: Partial<WorkspaceOptions> = {}): WorkspaceClient {
  return clientOver(workspace.transport, { host: workspace.host, ...options });
}

/** A client that sends its requests through a transport; its clock stands still. */
export function clientOver(transport: Transport, options: Partial<WorkspaceOptions> = {}): WorkspaceClient {
  const clock = options.clock ?? new FakeClock();
  return new WorkspaceClient({
    host: "https://prod.example.com",
    transport,
    tokens: fixedToken("token"),
    limiter: new Limiter({ ratePerSecond: 0, clock }),
    clock,
    jobsApiVersion: "2.2",
    timeoutMs: 60_000,
    userAgent: "databricks-kube-operator/test",
    random: () => 0.5,
    ...options,
  });
}

/** One answer of {@link scripted}: text, a Response, or an error instead of one. */
export type Scripted = string | Error | (() => Response | Promise<Response>);

/** A transport that returns the answers in order, repeats the last one, and records the requests. */
export function scripted(...answers: Scripted[]): Transport & { requests: Request[]; bodies: string[] } {
  const requests: Request[] = [];
  const bodies: string[] = [];
  return {
    requests,
    bodies,
    async send(request) {
      requests.push(request);
      bodies.push(await request.clone().text());
      const answer = answers[Math.min(requests.length, answers.length) - 1];
      if (answer instanceof Error) throw answer;
      return typeof answer === "function" ? await answer() : new Response(answer ?? "{}");
    },
  };
}

/** A JSON answer with a status, for {@link scripted}. */
export function answer(status: number, body: unknown = {}, headers: Record<string, string> = {}): Scripted {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return () => new Response(text, { status, headers });
}

/** Advances the fake time of retries until a promise settles; returns its result, or throws its error. */
export async function inTime<T>(clock: FakeClock, promise: Promise<T>): Promise<T> {
  let settled = false;
  const mark = () => void (settled = true);
  promise.then(mark, mark);
  // Reading a stream or computing a digest takes a few turns of the event loop before the next timer is set.
  for (let turn = 0; !settled && turn < 10_000; turn++) {
    await settle();
    if (clock.pending > 0) await clock.advance(1000);
  }
  return await promise;
}

/** A client over scripted answers, and its clock and limiter. */
export function over(...answers: Scripted[]) {
  const clock = new FakeClock();
  const limiter = new Limiter({ ratePerSecond: 0, clock });
  const transport = scripted(...answers);
  return { clock, limiter, transport, client: clientOver(transport, { clock, limiter }) };
}

/** Returns the error of a promise that rejects with a DatabricksError. */
export async function failure(promise: Promise<unknown>): Promise<DatabricksError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof DatabricksError) return error;
    throw error;
  }
  throw new Error("it succeeded");
}
