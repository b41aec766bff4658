/**
 * Acts of people in a schedule: with kubectl and in the webapp.
 *
 * @module
 */
import { own } from "../../src/base/json.ts";
import { statusOf, unfold } from "../../src/reconcile/object/status.ts";
import type { Simulation } from "./simulation.ts";
import { type SimpleKind, simpleKinds } from "./simple_kinds.ts";
import { manifestOf, nameOf, type Slot } from "./slots.ts";
import { TAG } from "./watchman.ts";

/** The edits that a person can make to one kind's external resources. */
interface Hand {
  edit(id: string, number: number): void;
  /** Adds something that no manifest defines. */
  add?(id: string): void;
  remove(id: string): void;
  exists(id: string): boolean;
  /** Makes a resource with the name of a slot's; returns its id. */
  make(slot: Slot): string;
  /** Clones a resource; returns the clone's id. */
  clone?(id: string): string;
  /** Returns the resource that was made for an object whose status does not contain it yet. */
  unknown?(uid: string): string | undefined;
}

/** The edits for a kind whose resources have a name and fields. */
function simpleHand({ workspace }: Simulation, kind: SimpleKind): Hand {
  return {
    edit: (id, number) => kind.edit(workspace, id, number),
    remove: (id) => kind.remove(workspace, id),
    exists: (id) => kind.get(workspace, id) !== undefined,
    make: (slot) => kind.make(workspace, specOf(slot)),
  };
}

function jobHand({ workspace: { jobs }, watchman }: Simulation): Hand {
  return {
    edit: (id, number) => jobs.edit(id, (settings) => void (settings.timeout_seconds = 9000 + number)),
    add: (id) => jobs.edit(id, (settings) => void (settings.description = "added by hand")),
    remove: (id) => void (jobs.remove(id), watchman.strangers.delete(id)),
    exists: (id) => jobs.get(id) !== undefined,
    make: (slot) => {
      const id = jobs.add({ ...specOf(slot).job.settings, name: "shared" });
      watchman.strangers.set(id, JSON.stringify(jobs.get(id)?.settings));
      return id;
    },
    clone: (id) => {
      const clone = jobs.add({ ...jobs.require(id).settings }, { creator: "somebody@example.com" });
      watchman.strangers.set(clone, JSON.stringify(jobs.get(clone)?.settings));
      return clone;
    },
    unknown: (uid) => jobs.all().find((job) => job.settings.tags?.[TAG] === uid)?.job_id,
  };
}

/** The edits that people can make in a workspace, by kind. */
function handsOf(simulation: Simulation): Record<string, Hand> {
  const { credentials, repos, secrets } = simulation.workspace;
  return {
    DatabricksJob: jobHand(simulation),
    GitCredential: {
      edit: (id, number) => credentials.edit(id, { git_email: `hand-${number}@example.com` }),
      remove: (id) => void credentials.remove(id),
      exists: (id) => credentials.get(id) !== undefined,
      make: (slot) => credentials.add(credentialOf(slot)),
    },
    Repo: {
      edit: (id, number) => repos.update(id, { branch: `hand-${number}` }),
      remove: (id) => void repos.remove(id),
      exists: (id) => repos.get(id) !== undefined,
      make: ({ letter }) => repos.add({ url: "https://github.com/example/reports", path: `/Repos/team/${letter}` }),
    },
    DatabricksSecretScope: {
      edit: (id, number) => secrets.putAcl(id, "users", (["READ", "WRITE", "MANAGE"] as const)[number % 3] ?? "READ"),
      add: (id) => secrets.putAcl(id, "added-by-hand", "READ"),
      remove: (id) => secrets.removeScope(id),
      exists: (id) => secrets.scopes().some(({ name }) => name === id),
      make: ({ letter }) => (secrets.addScope(`scope-${letter}`), `scope-${letter}`),
    },
    DatabricksSecret: {
      edit: (id, number) => secrets.put(id, "personal_access_token", `hand-${number}`),
      remove: (id) => {
        if (secrets.keys(id).length > 0) secrets.remove(id, secrets.keys(id)[0]?.key ?? "");
      },
      exists: (id) => secrets.scopes().some(({ name }) => name === id),
      make: () => (secrets.scopes().some(({ name }) => name === "scope-a") || secrets.addScope("scope-a"), "scope-a"),
    },
  };
}

// deno-lint-ignore no-explicit-any -- specs of all kinds
function specOf(slot: Slot): any {
  return manifestOf(slot, { number: 1, more: false }).spec;
}

function credentialOf(slot: Slot) {
  return { ...specOf(slot).credential, git_email: "stranger@example.com", personal_access_token: "stranger" };
}

/** The people in one simulation. */
export class People {
  readonly #simulation: Simulation;
  readonly #hands: Record<string, Hand>;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    this.#hands = handsOf(simulation);
  }

  /** Edits the resource of a slot's object, if there is one. */
  async edit(slot: Slot, number: number): Promise<void> {
    // Databricks shows only when a key was last written, so an edit between the operator's put and its read of that
    // time is not seen.
    if (slot.kind === "DatabricksSecret" && this.#simulation.network.isUnderWay(/secrets\/(put|list)$/)) return;
    const id = await this.#idOf(slot);
    if (id !== undefined) this.#hand(slot).edit(id, number);
  }

  /** Adds a field to the resource. */
  async add(slot: Slot): Promise<void> {
    const id = await this.#idOf(slot);
    if (id !== undefined) this.#hand(slot).add?.(id);
  }

  /** Clones the resource if the webapp can; also a resource that the operator does not know yet. */
  async clone(slot: Slot): Promise<void> {
    const { metadata } = await this.#simulation.get(slot.kind, nameOf(slot)) ?? {};
    const id = await this.#idOf(slot) ?? this.#hand(slot).unknown?.(metadata?.uid ?? "");
    const clone = id && this.#hand(slot).clone?.(id);
    if (clone !== undefined) this.#simulation.watchman.foreign.add(`${slot.kind} ${clone}`);
  }

  async remove(slot: Slot): Promise<void> {
    const id = await this.#idOf(slot);
    if (id !== undefined) this.#hand(slot).remove(id);
  }

  /** Makes a resource with a slot's name in the webapp, unless the name is taken. */
  make(slot: Slot): void {
    try {
      const id = this.#hand(slot).make(slot);
      this.#simulation.watchman.foreign.add(
        `${slot.kind === "DatabricksSecret" ? "DatabricksSecretScope" : slot.kind} ${id}`,
      );
    } catch (error) {
      if (!/already exists/.test(String(error))) throw error;
    }
  }

  /** True if nothing is in flight for a slot's object, and the result of the last write is known. */
  async isCalm(slot: Slot): Promise<boolean> {
    const object = await this.#simulation.get(slot.kind, nameOf(slot));
    if (object === undefined || this.#simulation.network.writesUnderWay > 0) return false;
    const { observedGeneration, baseline, pending } = unfold(statusOf(object));
    return observedGeneration === object.metadata.generation && baseline?.generation === observedGeneration &&
      baseline?.observed !== undefined && pending === undefined;
  }

  #hand({ kind }: Slot): Hand {
    const simple = own(simpleKinds, kind);
    const hand = simple === undefined ? own(this.#hands, kind) : simpleHand(this.#simulation, simple);
    if (hand === undefined) throw new Error(`Nobody knows how ${kind} is edited in the webapp: add it to people.ts`);
    return hand;
  }

  async #idOf(slot: Slot): Promise<string | undefined> {
    const object = await this.#simulation.get(slot.kind, nameOf(slot));
    const id = object && statusOf(object).id;
    return id !== undefined && this.#hand(slot).exists(id) ? id : undefined;
  }
}
