/**
 * The two doors of a plan, one for Databricks and one for Kubernetes, each served on a port for the operator.
 *
 * @module
 */
import { serve, type Served } from "../../mock/databricks/serve.ts";
import type { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { parseJson } from "../../src/base/json.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { FINALIZER } from "../../src/reconcile/object/status.ts";
import type { Sent } from "../oracles/evidence.ts";
import { condition } from "../support/objects.ts";
import { Door, type DoorOptions } from "./door.ts";
import { databricksPoint, kubernetesPoint } from "./points.ts";
import type { Step, Story } from "./stories.ts";

/** Options of the doors. */
export interface DoorsOptions extends Pick<DoorOptions, "phase" | "process" | "striker" | "kill"> {
  readonly story: Story;
  readonly workspace: MockWorkspace;
  readonly kubernetes: (request: Request) => Promise<Response>;
  /** The step that is being played. */
  readonly step: () => Step | undefined;
}

/** The two open doors. */
export class Doors implements AsyncDisposable {
  readonly #doors: readonly Door[];
  readonly #servers: readonly Served[];
  /** The operator's URL of Databricks. */
  readonly databricks: string;
  /** The operator's URL of Kubernetes. */
  readonly kubernetes: string;

  private constructor(doors: readonly Door[], servers: readonly Served[]) {
    this.#doors = doors;
    this.#servers = servers;
    [this.databricks = "", this.kubernetes = ""] = servers.map(({ url }) => url);
  }

  /** Opens both doors. */
  static async open(options: DoorsOptions): Promise<Doors> {
    const doors = [databricksDoor(options), kubernetesDoor(options)];
    return new Doors(doors, await Promise.all(doors.map((door) => serve(door))));
  }

  /** All requests so far, in the order of arrival. */
  get sent(): Sent[] {
    return this.#doors.flatMap(({ sent }) => sent).sort((a, b) => a.at - b.at);
  }

  /** The number of reads of a path of Databricks that were answered. */
  swept(path: RegExp): number {
    return this.#doors[0]?.sent.filter((sent) => path.test(sent.path) && sent.status === 200).length ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) await server[Symbol.asyncDispose]();
  }
}

function databricksDoor({ story, workspace, ...options }: DoorsOptions): Door {
  return new Door({
    ...options,
    side: "databricks",
    pointOf: databricksPoint,
    target: (request) => workspace.fetch(request),
    after: (sent) => {
      if (sent.method !== "GET") sent.alive = story.alive(workspace);
    },
  });
}

function kubernetesDoor(options: DoorsOptions): Door {
  return new Door({
    ...options,
    side: "kubernetes",
    pointOf: kubernetesPoint,
    target: options.kubernetes,
    before: (sent) => noteRelease(sent, options),
    after: (sent, answer) => noteReady(sent, { ...options, answer }),
  });
}

/** Counts the object's external resources when its finalizer is removed. */
function noteRelease(sent: Sent, { story, workspace }: DoorsOptions): void {
  if (sent.method !== "PATCH" || !sent.body.includes('"finalizers"')) return;
  const { metadata } = parseJson(sent.body) as unknown as KubeObject;
  if (metadata.finalizers?.includes(FINALIZER) === false) sent.aliveAtRelease = story.alive(workspace);
}

/** Checks Databricks when an object becomes Ready. */
function noteReady(sent: Sent, { answer, workspace, step: current }: DoorsOptions & { readonly answer: string }): void {
  const step = current();
  if (step === undefined || step.phase === "repair" || !sent.point.startsWith("PATCH ")) return;
  if (sent.effect !== 200 || !sent.point.endsWith("/status")) return;
  const object = parseJson(answer) as unknown as KubeObject;
  const ready = condition(object, "Ready");
  if (ready?.status !== "True" || ready.observedGeneration !== object.metadata.generation) return;
  // For a kind whose values come from a Secret, a change of the values does not change the generation.
  if (object.metadata.generation === step.generation && step.generation > 1 || step.phase === "create") {
    sent.holds = (step.applied ?? step.holds)(workspace);
  }
}
