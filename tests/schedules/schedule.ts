/**
 * Plays a schedule: its steps one after the other, then a period of rest, and then the verdict.
 *
 * @module
 */
import { gatewayPages } from "../../mock/faults.ts";
import { canonicalJson } from "../../src/base/json.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { hasFinalizer, hasPredecessorFinalizer } from "../../src/reconcile/object/status.ts";
import { NAMESPACE, OTHER } from "./life.ts";
import type { Armed } from "./network.ts";
import { People } from "./people.ts";
import { randomFrom } from "./random.ts";
import { Simulation } from "./simulation.ts";
import { kinds, manifestOf, nameOf, type Slot, sourceOf } from "./slots.ts";
import { faults, inWords, markings, type Step } from "./steps.ts";
import { verdict } from "./verdict.ts";

/** A schedule. */
export interface Schedule {
  readonly seed: number;
  readonly ingest: boolean;
  readonly steps: readonly Step[];
}

/** The result of a schedule. */
export interface Result {
  /** The violations, in words. */
  readonly violations: readonly string[];
  /** The requests that arrived, in words. */
  readonly story: readonly string[];
}

/** As long as the longest back-off, a sweep and some slack (ms): by then everything must be as it should. */
const PEACE = 700_000;
/** As long as four polls of runs and two sweeps (ms); nothing may be written in this time. */
const QUIET = 270_000;
/**
 * The minimum distance of two answers of 404 (ms): closer ones would not be stale reads, but a resource that is gone.
 */
const MISS_APART = 60_000;

/** Plays one schedule. */
export async function play({ seed, ingest, steps }: Schedule): Promise<Result> {
  using simulation = await Simulation.begin(seed, { ingest, namespaces: namespacesOf(steps) });
  const player = new Player(simulation);
  simulation.start();
  for (const step of steps) {
    simulation.network.story.push(`--- ${inWords(step)}`);
    await player.perform(step);
  }
  await player.makePeace(seed);
  return { violations: simulation.watchman.violations, story: simulation.network.story };
}

/** Returns the namespaces: a second one takes time, so it exists only if a step needs it. */
function namespacesOf(steps: readonly Step[]): string[] {
  const isElsewhere = (step: Step) => step.do === "apply-elsewhere" || step.do === "copy" && step.to === "namespace";
  return steps.some(isElsewhere) ? [NAMESPACE, OTHER] : [NAMESPACE];
}

class Player {
  readonly #simulation: Simulation;
  readonly #people: People;
  #missedAt = -Infinity;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    this.#people = new People(simulation);
  }

  async perform(step: Step): Promise<void> {
    const { clock, network } = this.#simulation;
    switch (step.do) {
      case "apply":
        await this.#noteRun(step);
        return await this.#simulation.apply(manifestOf(step.slot, step.variant));
      case "delete":
        await this.#noteTorn(step.slot);
        return await this.#simulation.delete(step.slot.kind, nameOf(step.slot));
      case "apply-elsewhere":
      case "delete-elsewhere":
        return await this.#elsewhere(step);
      case "annotate":
        return await this.#annotate(step);
      case "source":
        return await this.#writeSource(step);
      case "no-source":
        return await this.#simulation.delete("Secret", `source-${step.letter}`);
      case "edit-remote":
        return await this.#people.edit(step.slot, step.number);
      case "add-remote":
        await network.pass(20_000, randomFrom(1));
        if (await this.#people.isCalm(step.slot)) await this.#people.add(step.slot);
        return;
      case "delete-remote":
        return await this.#people.remove(step.slot);
      case "stranger":
        return this.#people.make(step.slot);
      case "clone":
        return await this.#people.clone(step.slot);
      case "replace":
        return await this.#replace(step.slot);
      case "copy":
        return await this.#copy(step);
      case "gateway":
        return this.#gateway(step);
      case "usurp":
        return this.#simulation.usurp();
      case "fault":
        return void network.armed.push(this.#arm(step));
      case "watches":
        return this.#endWatches(step);
      case "connection":
        if (step.how === "revoke") return this.#simulation.revoke();
        if (step.how === "mend") return await this.#simulation.connect();
        return await this.#simulation.delete("ConfigMap", "databricks-kube-operator");
      case "work":
        return void await network.deliver(step.parcels, randomFrom(step.chance));
      case "time":
        return await network.pass(step.seconds * 1000, randomFrom(step.chance));
      case "jump":
        return clock.jump(step.seconds * 1000);
      case "crash": {
        const random = randomFrom(step.chance);
        await network.deliver(step.parcels, random);
        if (step.moment !== undefined) await network.deliverUntil(step.moment, { most: 60, random });
        this.#simulation.kill(step);
        await network.pass(step.seconds * 1000, random);
        return this.#simulation.start();
      }
    }
  }

  /** Ends all faults and edits; then everything must become as it should be, and stay so. */
  async makePeace(seed: number): Promise<void> {
    const { network, watchman } = this.#simulation;
    network.armed = [];
    this.#simulation.api.faults.clear();
    await this.#simulation.connect();
    for (const kind of kinds) {
      for (const { metadata } of await this.#simulation.list(kind)) {
        const annotations = { "databricks-operator/paused": null };
        await this.#simulation.patch(kind, `${metadata.namespace}/${metadata.name}`, { metadata: { annotations } });
      }
    }
    this.#simulation.start();
    network.story.push("--- peace");
    await network.pass(PEACE, randomFrom(seed));
    for (const text of await verdict(this.#simulation)) watchman.blame(text);
    const { writes } = watchman;
    network.story.push("--- quiet");
    await network.pass(QUIET, randomFrom(seed));
    if (watchman.writes !== writes) watchman.blame(`${watchman.writes - writes} writes although nothing changed`);
  }

  /** Counts the runs that people request: each change of `spec.run` is one. */
  async #noteRun({ slot, variant }: Step & { do: "apply" }): Promise<void> {
    const { run } = (manifestOf(slot, variant).spec ?? {}) as { run?: unknown };
    const before = await this.#simulation.get(slot.kind, nameOf(slot));
    const { requested } = this.#simulation.watchman;
    if (run === undefined || canonicalJson(before?.spec?.run) === canonicalJson(run)) return;
    requested.set(nameOf(slot), (requested.get(nameOf(slot)) ?? 0) + 1);
  }

  /** Applies a Secret as `kubectl apply` would: it removes keys that the Secret no longer contains. */
  async #writeSource({ letter, variant }: Step & { do: "source" }): Promise<void> {
    const source = sourceOf(letter, variant);
    const before = await this.#simulation.get("Secret", source.metadata.name ?? "");
    const gone = Object.keys(before?.data ?? {}).filter((key) => !Object.hasOwn(source.data ?? {}, key));
    await this.#simulation.apply(source);
    if (gone.length === 0) return;
    await this.#simulation.patch("Secret", source.metadata.name ?? "", {
      data: Object.fromEntries(gone.map((key) => [key, null])),
    });
  }

  /** Notes an object whose finalizer a person removed: it is deleted at once, so its resource stays. */
  async #noteTorn(slot: Slot, key: string = nameOf(slot)): Promise<void> {
    const object = await this.#simulation.get(slot.kind, key);
    if (object !== undefined && !hasFinalizer(object) && !hasPredecessorFinalizer(object)) {
      this.#simulation.watchman.tear(object);
    }
  }

  /** Replaces an object as `kubectl replace` does with a manifest from a file. */
  async #replace(slot: Slot): Promise<void> {
    const { apiVersion, kind, metadata, spec } = await this.#simulation.get(slot.kind, nameOf(slot)) ?? {};
    if (spec === undefined || metadata?.resourceVersion === undefined) return;
    const { name, resourceVersion } = metadata;
    const object = { apiVersion, kind, metadata: { name, resourceVersion }, spec } as KubeObject;
    await this.#simulation.replace(object);
  }

  /** Copies an object as people do with `kubectl get -o yaml` or Helm, including finalizers and annotations. */
  async #copy({ slot, to }: Step & { do: "copy" }): Promise<void> {
    const { apiVersion, kind, metadata, spec } = await this.#simulation.get(slot.kind, nameOf(slot)) ?? {};
    if (spec === undefined || metadata === undefined) return;
    const { annotations = {}, finalizers = [] } = metadata;
    const place = to === "name" ? { name: `${nameOf(slot)}-copy` } : { name: nameOf(slot), namespace: OTHER };
    // A run in the copy would be one more.
    const { run: _run, ...rest } = spec as Record<string, unknown>;
    await this.#simulation.apply(
      { apiVersion, kind, metadata: { ...place, annotations, finalizers }, spec: rest } as KubeObject,
    );
  }

  #endWatches({ how }: Step & { do: "watches" }): void {
    const { api } = this.#simulation;
    if (how === "compact") api.compact();
    if (how === "stale") api.faults.add({ match: /^list /, stale: true, times: 1 });
    api.endWatches();
  }

  async #annotate({ slot, name, isSet }: Step & { do: "annotate" }): Promise<void> {
    const annotations = { [`databricks-operator/${name}`]: isSet ? markings[name] : null };
    await this.#simulation.patch(slot.kind, nameOf(slot), { metadata: { annotations } });
  }

  /** Acts like another team that chooses the same names. */
  async #elsewhere(step: Step & { do: "apply-elsewhere" | "delete-elsewhere" }): Promise<void> {
    if (step.do === "delete-elsewhere") return await this.#deleteElsewhere(step.slot);
    const { metadata, spec, ...manifest } = manifestOf(step.slot, step.variant);
    // A run in this manifest would be one more.
    const { run: _run, ...rest } = spec as Record<string, unknown>;
    await this.#simulation.apply({ ...manifest, metadata: { ...metadata, namespace: OTHER }, spec: rest });
  }

  async #deleteElsewhere(slot: Slot): Promise<void> {
    const key = `${OTHER}/${nameOf(slot)}`;
    await this.#noteTorn(slot, key);
    await this.#simulation.delete(slot.kind, key);
  }

  #gateway({ page, seconds }: Step & { do: "gateway" }): void {
    const { clock, network } = this.#simulation;
    const end = clock.monotonic() + seconds * 1000;
    for (const on of ["read", "write"] as const) {
      const isCredible = () => clock.monotonic() < end;
      network.armed.push({ side: "Databricks", on, rule: gatewayPages[page], after: 0, times: Infinity, isCredible });
    }
  }

  #arm({ fault, after, times }: Step & { do: "fault" }): Armed {
    const { rare, ...rest }: Omit<Armed, "after" | "times"> & { rare?: string } = faults[fault];
    if (rare === undefined) return { ...rest, after, times };
    const { clock, network } = this.#simulation;
    const isRareEnough = (request: Request) => {
      if (clock.monotonic() - this.#missedAt < MISS_APART || !isOfOne(request.url)) return false;
      this.#missedAt = clock.monotonic();
      return true;
    };
    if (rare === "lag") {
      const isCredible = ({ url }: Request) => url.includes("/jobs/list");
      return {
        ...rest,
        after: 0,
        times: 3,
        isCredible,
        rule: { edit: (body) => this.#simulation.withoutNewest(body) },
      };
    }
    const isCredible = rare === "stale" ? (request: Request) => network.hasStale(request) : isRareEnough;
    return { ...rest, after: 0, times: 1, isCredible };
  }
}

/** True for a read that answers 404 if the resource is gone; most lists do not. */
function isOfOne(url: string): boolean {
  return /\/jobs\/get|\/repos\/\d+|\/git-credentials\/\d+|\/secrets\/list/.test(url);
}
