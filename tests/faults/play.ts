/**
 * Plays a story under a plan: an operator between two doors is killed and restarted according to the plan, until every
 * step is complete nevertheless.
 *
 * @module
 */
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { connectionKind } from "../../src/connection.ts";
import { stringifyJson } from "../../src/base/json.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { Informer } from "../../src/kubernetes/watch/informer.ts";
import type { Evidence } from "../oracles/evidence.ts";
import { pathOf, secret } from "../support/objects.ts";
import { eventually, problem } from "../support/waiting.ts";
import { World } from "../support/world.ts";
import { Doors } from "./doors.ts";
import { evidenceOf, type Reference, referenceOf, restlessWrites, type Result, resultOf } from "./judging.ts";
import { essence, mask } from "./mask.ts";
import { type Plan, Striker } from "./plan.ts";
import { kubeconfigFor, OperatorProcess } from "./process.ts";
import { isSettled } from "./settled.ts";
import { NAME, START, type Step, type Story } from "./stories.ts";
import type { UpstreamSource } from "./upstream.ts";

/** The time limit of a step (ms). An oracle judges slowness by the duration of the step. */
const PATIENCE = 120_000;
/** The time limit for the test's own parts to end (ms). */
const ENDS = 10_000;
/** Short intervals, so that plans are short. */
const SETTINGS = {
  default_requeue_interval: "1",
  status_poll_interval: "1",
  rate_limit: "0",
  default_timeout_seconds: "2",
  // Nobody makes such policies, but they are listed, so that there are sweeps, whatever the story's kind.
  ingest: "clusterpolicies",
};
/** The kind that is ingested. */
const SWEPT = { kind: "DatabricksClusterPolicy", sweep: /policies\/clusters\/list$/ };
const DELAYS = "settleMs=500,baselineMs=100,missMs=200,timeoutMs=3000,idleMs=5000,sweepMs=400";
/** How long a change may follow a step that seems complete (ms): more than the interval of polls. */
const FOLLOWS_MS = 1500;
/** How long after a fault the operator repeats what failed (ms): the first back-off, and slack. */
const REPEATED_MS = 3000;
/** The number of sweeps in which nothing may be written. */
const QUIET_SWEEPS = 3;

/** The program and the API server for plans. */
export interface Theatre {
  readonly program: string;
  readonly upstream: UpstreamSource;
}

/** Plays a story without faults, as the reference for its plans. */
export async function learn(story: Story, theatre: Theatre): Promise<Reference & { readonly result: Result }> {
  const plan = { name: `${story.name}/clean`, group: "clean", story: story.name, blows: [] };
  const result = await play(story, plan, { theatre });
  return { ...referenceOf(result), result };
}

/** Plays a plan and judges it. */
export async function play(
  story: Story,
  plan: Plan,
  { theatre, reference }: { theatre: Theatre; reference?: Reference },
): Promise<Result> {
  const begun = performance.now();
  await using stage = await Stage.set(story, plan, theatre);
  const failure = await stage.run().then(() => undefined, (error: Error) => error);
  const evidence = await stage.evidence(reference);
  const seconds = (performance.now() - begun) / 1000;
  return resultOf(evidence, { failure, isHit: stage.striker.missed.length === 0, seconds });
}

/** The environment of one plan: a namespace, a workspace, and the operator between two doors. */
class Stage implements AsyncDisposable {
  readonly #story: Story;
  readonly #world: World;
  readonly #workspace: MockWorkspace;
  readonly #canary = `canary-${crypto.randomUUID()}`;
  readonly #token = `token-${crypto.randomUUID()}`;
  readonly striker: Striker;
  readonly #stack = new AsyncDisposableStack();
  readonly #history: KubeObject[] = [];
  readonly #snapshots: Record<string, unknown> = {};
  readonly #seconds: Record<string, number> = {};
  readonly #restless: string[] = [];
  #doors!: Doors;
  #process!: OperatorProcess;
  #phase = START;
  #step: Step | undefined;
  #foreign: string[] = [];
  #isOver = false;
  #killing: Promise<void> | undefined;
  #masked: Record<string, string> = {};

  private constructor(story: Story, plan: Plan, world: World, workspace: MockWorkspace, token: string) {
    this.#story = story;
    this.#world = world;
    this.#workspace = workspace;
    this.#token = token;
    this.striker = new Striker(plan.blows);
  }

  static async set(story: Story, plan: Plan, { program, upstream }: Theatre): Promise<Stage> {
    const stack = new AsyncDisposableStack();
    const served = [connectionKind.kind, ...worked(story)];
    const { kube, fetch, isShared } = stack.use(await upstream(served));
    const token = `token-${crypto.randomUUID()}`;
    const workspace = new MockWorkspace({ token });
    const namespace = `f-${crypto.randomUUID().slice(0, 8)}`;
    await kube.create({ group: "", version: "v1", plural: "namespaces" }, { metadata: { name: namespace } });
    const world = new World({ kube, namespace, workspace, kubeconfig: "" });
    const stage = new Stage(story, plan, world, workspace, token);
    stack.defer(() => isShared ? stage.#empty() : kube.close());
    stage.#stack.use(stack);
    await stage.#open(program, fetch);
    return stage;
  }

  /** Opens the doors and starts the operator. */
  async #open(program: string, kubernetes: (request: Request) => Promise<Response>): Promise<void> {
    const { namespace } = this.#world;
    const doors = this.#doors = this.#stack.use(
      await Doors.open({
        story: this.#story,
        workspace: this.#workspace,
        kubernetes,
        striker: this.striker,
        phase: () => this.#phase,
        step: () => this.#step,
        process: () => this.#process.number,
        kill: () => this.#kill(),
      }),
    );
    const kubeconfig = await Deno.makeTempFile({ prefix: "kubeconfig-" });
    this.#stack.defer(() => Deno.remove(kubeconfig));
    await Deno.writeTextFile(kubeconfig, kubeconfigFor(doors.kubernetes));
    for (const host of [doors.databricks, new URL(doors.databricks).host, this.#workspace.host]) {
      this.#masked[host] = "host";
    }
    this.#masked[namespace] = "namespace";
    await this.#world.apply(
      secret("databricks-api-secret", { databricks_url: doors.databricks, access_token: this.#token }),
    );
    await this.#world.configure(SETTINGS);
    this.#foreign = await this.#story.prepare(this.#place);
    await this.#watch();
    this.#process = new OperatorProcess({
      program,
      args: [
        ...["--kubeconfig", kubeconfig, "--watch-namespaces", namespace, "--delays", DELAYS],
        ...["--kinds", worked(this.#story).join()],
      ],
    });
    this.#stack.defer(() => this.#process.kill());
  }

  get #place() {
    return { world: this.#world, workspace: this.#workspace, canary: this.#canary };
  }

  async #kill(): Promise<void> {
    this.#killing = this.#process.kill();
    await this.#killing;
    if (!this.#isOver) this.#process.start();
  }

  async #watch(): Promise<void> {
    const informer = new Informer({
      client: this.#world.kube,
      path: pathOf(this.#story.kind, this.#world.namespace),
      onChange: (_key, { new: now }) => {
        if (now === undefined) return;
        this.#history.push(now);
        this.#masked[now.metadata.uid ?? ""] = "uid";
      },
    });
    informer.start();
    this.#stack.defer(() => inTime("the test's own watch", informer.stop()));
    await informer.synced;
  }

  /** Plays the story to its end. */
  async run(): Promise<void> {
    this.#process.start();
    await this.#timed(START, () => this.#watches());
    for (const step of this.#story.steps) await this.#play(step);
    await this.#timed("quiet", () => this.#rest());
    await this.#timed("delete", () => this.#delete());
    this.#phase = "end";
    await this.#killing;
    await this.#process.term();
    this.#isOver = true;
  }

  async #timed(phase: string, act: () => Promise<void>): Promise<void> {
    this.#phase = phase;
    const begun = performance.now();
    try {
      await act();
    } catch (error) {
      throw new Error(`${phase}: ${(error as Error).message}`, { cause: error });
    } finally {
      this.#seconds[phase] = (performance.now() - begun) / 1000;
    }
  }

  async #play(step: Step): Promise<void> {
    await this.#timed(step.phase, async () => {
      this.#step = step;
      await step.act(this.#place);
      let settled: string | undefined;
      while (settled === undefined || settled !== await this.#settled(step)) {
        settled = await this.#settled(step);
        await Promise.all([this.#sweeps(2), this.#pause()]);
      }
      this.#snapshots[step.phase] = await this.#snapshot();
    });
  }

  /** Waits until a step is complete on both sides. @returns a text that changes if the object moves on afterwards. */
  async #settled(step: Step): Promise<string | undefined> {
    return await eventually("both sides match", async () => {
      const object = await this.#world.get(this.#story.kind, NAME);
      if (this.#isBusy()) return problem("the operator waits for an answer");
      if (!step.holds(this.#workspace)) return problem(`Databricks: ${stringifyJson(this.#remote())}`);
      return isSettled(object, step, this.#workspace)
        ? `${object?.metadata.resourceVersion} by process ${this.#process.number}`
        : problem(`status is ${stringifyJson(object?.status)}`);
    }, { patience: PATIENCE });
  }

  /** True while the current process waits for the answer to a write, so that the step is not complete. */
  #isBusy(): boolean {
    return this.#doors.sent.some(({ ended, method, process }) =>
      ended === undefined && method !== "GET" && process === this.#process.number
    );
  }

  /** Waits until the operator watches the story's objects, so that it sees everything that is applied from then on. */
  async #watches(): Promise<void> {
    const watch = `WATCH ${pathOf(this.#story.kind, this.#world.namespace).plural}`;
    const isOpen = () => this.#doors.sent.some(({ point, status }) => point === watch && status === 200);
    await eventually("its objects are watched", isOpen, { patience: PATIENCE });
  }

  /** Waits as long as something may still follow: a poll, or the repetition of what was struck. */
  async #pause(): Promise<void> {
    const begun = performance.now();
    const isOver = () => performance.now() > Math.max(begun + FOLLOWS_MS, this.striker.lastAt + REPEATED_MS);
    await eventually("what was struck was repeated", isOver, { patience: PATIENCE });
  }

  /** Waits for this many more sweeps, of the story's kind and of the other one: a sweep may send several requests. */
  async #sweeps(times: number): Promise<void> {
    const paths = [this.#story.sweep, SWEPT.sweep];
    const counts = () => paths.map((path) => this.#doors.swept(path));
    const before = counts();
    const isEnough = () => counts().every((count, index) => count >= (before[index] ?? 0) + times);
    await eventually("sweeps", isEnough, { patience: PATIENCE });
  }

  #remote(): unknown {
    return mask(this.#story.remote(this.#workspace), this.#masked);
  }

  async #snapshot(): Promise<unknown> {
    const object = essence(await this.#world.get(this.#story.kind, NAME));
    return { object: mask(object, this.#masked), remote: this.#remote() };
  }

  /** Waits for some sweeps in which nothing should happen. */
  async #rest(): Promise<void> {
    const version = async () => (await this.#world.get(this.#story.kind, NAME))?.metadata.resourceVersion;
    const from = await version();
    await this.#sweeps(QUIET_SWEEPS);
    this.#restless.push(...restlessWrites(this.#doors.sent));
    if (await version() !== from) this.#restless.push("the object's resourceVersion changed");
  }

  async #delete(): Promise<void> {
    this.#step = undefined;
    await this.#world.delete(this.#story.kind, NAME);
    await eventually("it is gone on both sides", async () => {
      const object = await this.#world.get(this.#story.kind, NAME);
      if (object !== undefined) return problem(stringifyJson([object.metadata.finalizers, object.status]));
      const left = this.#story.alive(this.#workspace);
      return left === 0 || problem(`${left} left in Databricks`);
    }, { patience: PATIENCE });
    this.#snapshots.delete = await this.#snapshot();
  }

  /** Returns everything that is known after the story has ended or was aborted. */
  async evidence(reference?: Reference): Promise<Evidence> {
    this.#isOver = true;
    await this.#process.kill();
    const events = await this.#world.kube.list(pathOf("Event", this.#world.namespace));
    const seen = {
      sent: this.#doors.sent,
      lives: await this.#process.lives(),
      history: this.#history,
      snapshots: this.#snapshots,
      seconds: this.#seconds,
      restless: this.#restless,
      foreign: this.#foreign,
      left: this.#story.alive(this.#workspace),
      events: events.items,
      canary: this.#canary,
      token: this.#token,
    };
    return evidenceOf(seen, reference);
  }

  /** Removes finalizers, since no operator is left to do it. */
  async #empty(): Promise<void> {
    await this.#world.end().catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#stack.disposeAsync();
  }
}

/** The kinds that the operator works on: any other one would only add lists and watches, which no plan strikes. */
function worked({ kind }: Story): string[] {
  return [kind, SWEPT.kind];
}

/** Waits for something to end, with a time limit. */
async function inTime(what: string, ends: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      console.log(`note: ${what} has not ended after ${ENDS / 1000} s`);
      resolve();
    }, ENDS);
  });
  await Promise.race([ends, late]);
  clearTimeout(timer);
}
