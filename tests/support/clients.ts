/**
 * Workspace clients for tests: over a mock workspace, or over answers that a test writes down.
 *
 * @module
 */
import type { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { FakeClock, settle } from "../../src/base/clock_fake.ts";
import { DatabricksError } from "../../src/databricks/errors.ts";
import { Limiter } from "../../src/databricks/limiter.ts";
import { fixedToken } from "../../src/databricks/sign_in/token_source.ts";
import type { Transport } from "../../src/databricks/transport.ts";
import { WorkspaceClient, type WorkspaceOptions } from "../../src/databricks/workspace.ts";

/** The client of a mock workspace, without a rate limit. */
export function clientOf(workspace: MockWorkspace, options: Partial<WorkspaceOptions> = {}): WorkspaceClient {
  return clientOver(workspace.transport, { host: workspace.host, ...options });
}

/** A client whose requests go over a transport; its clock stands still. */
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

/** A transport that gives the answers in order, the last one for ever, and keeps the requests. */
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

/** Lets the fake time of retries pass until a promise is settled; gives what it resolves to, or throws its error. */
export async function inTime<T>(clock: FakeClock, promise: Promise<T>): Promise<T> {
  let settled = false;
  const mark = () => void (settled = true);
  promise.then(mark, mark);
  // Answers of a stream or a digest take a few turns of the event loop before the next timer is set.
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

/** The error of a promise that rejects with one of Databricks'. */
export async function failure(promise: Promise<unknown>): Promise<DatabricksError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof DatabricksError) return error;
    throw error;
  }
  throw new Error("it succeeded");
}
