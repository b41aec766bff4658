/**
 * Detects that an object will not become Ready, so that a test stops waiting for it.
 *
 * @module
 */
import type { MockWorkspace } from "../../mock/databricks/workspace.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { resources } from "../../src/resources/mod.ts";
import { condition } from "./objects.ts";

/** Reasons that only an edit, which makes a new generation, can change. */
const OF_THE_MANIFEST = ["InvalidSpec"];
/**
 * The number of lists of its kind after which the wait for a Stalled object ends. The operator retries such an object
 * at each resync, so by then it has seen everything that was repaired before the wait began, however slow the machine
 * is.
 */
const LISTS = 4;
/**
 * The minimum time for which an object is Stalled before the wait ends (ms): passes over many objects list in quick
 * succession.
 */
const MINIMUM = 3000;

/** Follows an object that a test waits for. */
export class StalledObject {
  readonly #workspace: MockWorkspace;
  readonly #list: string | undefined;
  #seen = "";
  #listsBefore = 0;
  #since = 0;

  constructor(workspace: MockWorkspace, kind: string) {
    this.#workspace = workspace;
    this.#list = resources.find((one) => one.kind === kind)?.endpoints.list?.path.split("/").at(-1);
  }

  /** True if the object is Stalled in its newest generation and retries have not helped. */
  isFinal(object: KubeObject | undefined): boolean {
    const stalled = condition(object, "Stalled");
    // During a retry it may be Reconciling for a moment.
    if (stalled?.status !== "True" || stalled.observedGeneration !== object?.metadata.generation) return false;
    const seen = `${stalled.observedGeneration} ${stalled.reason} ${stalled.message}`;
    const lists = this.#lists();
    const now = performance.now();
    if (seen !== this.#seen) [this.#seen, this.#listsBefore, this.#since] = [seen, lists, now];
    const isGivenUp = lists >= this.#listsBefore + LISTS && now >= this.#since + MINIMUM;
    return OF_THE_MANIFEST.includes(stalled.reason) || isGivenUp;
  }

  /** Counts the lists of the kind. If there are several lists, per scope or per page, the most frequent one counts. */
  #lists(): number {
    if (this.#list === undefined) return 0;
    const counts = new Map<string, number>();
    for (const { path, query } of this.#workspace.ledger.find("GET", `/${this.#list}`)) {
      const line = `${path} ${JSON.stringify(query)}`;
      counts.set(line, (counts.get(line) ?? 0) + 1);
    }
    return Math.max(0, ...counts.values());
  }
}
