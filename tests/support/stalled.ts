/**
 * Ends a wait in vain for an object to become Ready.
 *
 * @module
 */
import type { MockWorkspace } from "../../mock/databricks/workspace.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { resources } from "../../src/resources/mod.ts";
import { condition } from "./objects.ts";

/** Nothing but an edit, which makes a new generation, changes these. */
const OF_THE_MANIFEST = ["InvalidSpec"];
/**
 * The number of lists of its kind after which a Stalled object is given up. The operator tries such an object again at
 * each resync: what was mended before the wait began, it has seen by then, however slow the machine is.
 */
const LISTS = 4;
/** As long an object is Stalled at least before it is given up (ms): passes over many objects list in quick succession. */
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

  /** True when the object is Stalled in its newest generation, and would not be if anything were to come of it. */
  isFinal(object: KubeObject | undefined): boolean {
    const stalled = condition(object, "Stalled");
    // While it is tried again it may be Reconciling for a moment.
    if (stalled?.status !== "True" || stalled.observedGeneration !== object?.metadata.generation) return false;
    const seen = `${stalled.observedGeneration} ${stalled.reason} ${stalled.message}`;
    const lists = this.#lists();
    const now = performance.now();
    if (seen !== this.#seen) [this.#seen, this.#listsBefore, this.#since] = [seen, lists, now];
    const isGivenUp = lists >= this.#listsBefore + LISTS && now >= this.#since + MINIMUM;
    return OF_THE_MANIFEST.includes(stalled.reason) || isGivenUp;
  }

  /** Counts the lists of the kind. Where there are several lists, of scopes or of pages, each is one list. */
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
