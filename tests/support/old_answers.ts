/**
 * Answers that are older than the state of a resource.
 *
 * @module
 */
import type { Fault } from "../../mock/faults.ts";
import { TOKEN } from "./planning.ts";
import type { World } from "./harness.ts";

/** Answers one later get of a path with what it tells now; `after` gets pass first. */
export async function answerLaterAsNow({ workspace }: World, path: string, after = 0): Promise<() => Fault> {
  const request = new Request(`${workspace.host}${path}`, { headers: { authorization: `Bearer ${TOKEN}` } });
  const body = await (await workspace.fetch(request)).json();
  const { pathname } = new URL(request.url);
  return () => workspace.faults.add({ match: `GET ${pathname}`, after, times: 1, body });
}
