/**
 * The world of a sequence of acts: one object of one identity class, a stranger's twin, people, faults and the
 * operator.
 *
 * @module
 */
import { defaultDoubts } from "../../mock/databricks/doubts.ts";
import { stringifyJson } from "../../src/base/json.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { resourcePath } from "../../src/kubernetes/paths.ts";
import { statusOf } from "../../src/reconcile/object/status.ts";
import { NAMESPACE, OTHER } from "../schedules/life.ts";
import type { Armed, Moment } from "../schedules/network.ts";
import { seedGlobals } from "../schedules/random.ts";
import { Simulation } from "../schedules/simulation.ts";
import { pathOf } from "../support/objects.ts";
import { classes, type IdentityClass } from "./classes.ts";
import { Provenance } from "./provenance.ts";

/** The parcel that was sent first arrives first, so that a sequence always plays in the same way. */
const inOrder = () => 0;
/** The name of the object, unless the operator chose it. */
export const OBJECT = "one";
/** The initial setup of an arena. */
export interface ArenaOptions {
  readonly ingest?: boolean;
  /** True for an arena with a second namespace. */
  readonly isWide?: boolean;
}

/** A fault that strikes every matching request for some seconds. */
export type Outage = Pick<Armed, "side" | "on" | "rule" | "isCredible"> & { readonly seconds: number };

/** The world of one sequence: an operator, both sides, and a fake clock. */
export class Arena implements Disposable {
  readonly simulation: Simulation;
  readonly provenance: Provenance;
  readonly kind: IdentityClass;
  /** The name of the object that the acts are about. */
  name = OBJECT;
  /** The doubts that made a difference so far. */
  readonly doubtsRead = new Set<string>();
  /** The end of each doubt, fault or other condition in force, by name; part of the hash of states. */
  readonly inForce = new Map<string, number>();

  #globals: Disposable | undefined;

  private constructor(simulation: Simulation, provenance: Provenance, kind: IdentityClass) {
    this.simulation = simulation;
    this.provenance = provenance;
    this.kind = kind;
    this.#watchDoubts();
  }

  /** Sets up an arena in which the operator runs and does not manage anything yet. */
  static async begin(className: string, { ingest = false, isWide = false }: ArenaOptions = {}): Promise<Arena> {
    const kind = classes[className];
    if (kind === undefined) throw new RangeError(`There is no class "${className}": one of ${Object.keys(classes)}`);
    const namespaces = isWide ? [NAMESPACE, OTHER] : [NAMESPACE];
    let provenance: Provenance | undefined;
    const simulation = await Simulation.begin(1, {
      ingest,
      kinds: [kind.kind],
      namespaces,
      witness: (simulation) => provenance = new Provenance(simulation, kind),
    });
    const arena = new Arena(simulation, provenance!, kind);
    kind.prepare?.(simulation.workspace);
    for (const namespace of kind.source === undefined ? [] : namespaces) {
      await simulation.apply({ ...kind.source!, metadata: { ...kind.source!.metadata, namespace } });
    }
    await provenance!.notePerson();
    // Seeded again: code that initializes itself only in the first arena of a process has drawn numbers.
    arena.#globals = seedGlobals(1);
    simulation.start();
    await arena.wait(1);
    return arena;
  }

  #watchDoubts(): void {
    const { doubts } = this.simulation.workspace;
    const answers: Record<string, unknown> = defaultDoubts();
    for (const name of Object.keys(answers)) {
      Object.defineProperty(doubts, name, {
        get: () => (this.doubtsRead.add(name), answers[name]),
        set: (answer) => answers[name] = answer,
        enumerable: true,
      });
    }
  }

  get clock() {
    return this.simulation.clock;
  }

  /** Lets time pass, and lets parcels arrive. */
  async wait(seconds: number): Promise<void> {
    await this.simulation.network.pass(seconds * 1000, inOrder);
  }

  /** Lets all parcels arrive without letting time pass. */
  async settle(): Promise<void> {
    await this.simulation.network.deliver(5000, inOrder);
  }

  /** Lets the operator work until a moment of its next write. */
  async until(moment: Moment): Promise<void> {
    await this.simulation.network.deliverUntil(moment, { most: 200, random: inOrder });
  }

  /** Performs an act of a person, in Kubernetes or in Databricks. */
  async person(act: () => unknown): Promise<void> {
    await act();
    await this.provenance.notePerson();
  }

  /** Kills the process, and starts another one. */
  async crash(seconds: number, { late = false }: { late?: boolean } = {}): Promise<void> {
    this.simulation.kill({ late });
    await this.wait(seconds);
    this.simulation.start();
  }

  /** Makes a fault strike for a while. */
  outage(name: string, { seconds, ...fault }: Outage): void {
    const end = this.clock.monotonic() + seconds * 1000;
    this.inForce.set(name, end);
    const isCredible = (request: Request) => this.clock.monotonic() < end && fault.isCredible?.(request) !== false;
    this.simulation.network.armed.push({ ...fault, after: 0, times: Infinity, isCredible });
  }

  /** True while a fault is in force or waits for its request. */
  get isDisturbed(): boolean {
    const now = this.clock.monotonic();
    return [...this.inForce.values()].some((end) => end > now && end < Infinity) ||
      this.simulation.network.armed.some(({ times }) => times < Infinity);
  }

  /** Makes a fault strike the next matching request. */
  strike(fault: Omit<Armed, "after" | "times">): void {
    this.simulation.network.armed.push({ ...fault, after: 0, times: 1 });
  }

  async get(): Promise<KubeObject | undefined> {
    return await this.simulation.get(this.kind.kind, this.name);
  }

  /** Makes the following acts apply to the object that ingest created. */
  async adoptIngested(): Promise<boolean> {
    const [object] = await this.simulation.list(this.kind.kind);
    this.name = object?.metadata.name ?? OBJECT;
    return object !== undefined;
  }

  /** Merges fields into the object. */
  async patch(patch: unknown): Promise<void> {
    await this.simulation.patch(this.kind.kind, this.name, patch);
  }

  async annotate(name: string, value: string | null): Promise<void> {
    await this.patch({ metadata: { annotations: { [`databricks-operator/${name}`]: value } } });
  }

  /** Clears the status, as a restore from a backup or a CRD without status does. */
  async loseStatus(): Promise<void> {
    const object = await this.get();
    if (object === undefined) return;
    const path = resourcePath(pathOf(this.kind.kind, NAMESPACE), this.name);
    await this.simulation.ask("PUT", `${path}/status`, stringifyJson({ ...object, status: {} }));
    // Without a tag nothing proves the ownership any more: a person has to decide.
    if (this.kind.by !== "tag") this.provenance.forget(object.metadata.uid);
  }

  /** Returns the object's resource in Databricks, if it exists. */
  async held(): Promise<string | undefined> {
    const object = await this.get();
    const id = object && statusOf(object).id;
    return [...this.provenance.resources.keys()].find((key) => this.kind.holder(key) === id);
  }

  [Symbol.dispose](): void {
    this.#globals?.[Symbol.dispose]();
    this.simulation[Symbol.dispose]();
  }
}
