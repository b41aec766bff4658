/**
 * The acts of a sequence, by the names that counterexamples contain.
 *
 * @module
 */
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { type Doubt, type DoubtName, doubts } from "../../mock/databricks/doubts.ts";
import { PREDECESSOR_FINALIZERS } from "../../src/reconcile/object/status.ts";
import { gatewayPages } from "../../mock/faults.ts";
import type { Moment } from "../schedules/network.ts";
import { NAMESPACE, OTHER } from "../schedules/life.ts";
import type { Arena } from "./arena.ts";

/** An act; returns false if it is impossible in this state. */
export type Act = (arena: Arena) => Promise<boolean | void> | boolean | void;

/** Shorter than two sweeps, and longer than every wait of the operator for a possibly stale answer (s). */
const BRIEF = 40;
/** Longer than a sweep's interval and a request's time limit (s). */
const LONG = 200;

const COPY_ELSEWHERE = "copy the manifest to another namespace";
const APPLY_ELSEWHERE = "apply in another namespace, too";
const APPLY_BOTH = "apply in two namespaces at once";

/** True for an act that needs a second namespace, connected to the same workspace. */
export function needsTwoNamespaces(act: string): boolean {
  return [COPY_ELSEWHERE, APPLY_ELSEWHERE, APPLY_BOTH].includes(act);
}

const withKubectl: Record<string, Act> = {
  apply: (arena) => arena.person(() => arena.simulation.apply(arena.kind.manifest(arena.name, 1))),
  edit: (arena) => ifThere(arena, () => arena.person(() => arena.simulation.apply(arena.kind.manifest(arena.name, 2)))),
  delete: (arena) => ifThere(arena, () => arena.person(() => arena.simulation.delete(arena.kind.kind, arena.name))),
  "replace without finalizers": (arena) =>
    ifThere(arena, ({ metadata, spec, apiVersion }) =>
      arena.person(() => {
        const { name, namespace, resourceVersion } = metadata;
        return arena.simulation.replace(
          { apiVersion, kind: arena.kind.kind, metadata: { name, namespace, resourceVersion }, spec } as KubeObject,
        );
      })),
  "copy the manifest": (arena) =>
    ifThere(arena, (object) => arena.person(() => arena.simulation.apply(copyOf(arena, object, { name: "two" })))),
  [COPY_ELSEWHERE]: (arena) =>
    ifThere(arena, (object) => {
      const where = { name: arena.name, namespace: OTHER };
      return arena.person(() => arena.simulation.apply(copyOf(arena, object, where)));
    }),
  [APPLY_ELSEWHERE]: (arena) => arena.person(() => applyIn(arena, OTHER)),
  [APPLY_BOTH]: (arena) =>
    arena.person(() => Promise.all([NAMESPACE, OTHER].map((namespace) => applyIn(arena, namespace)))),
  "apply as the predecessor left it": async (arena) => {
    // The API server refuses new finalizers of an object that is being deleted.
    if ((await arena.get())?.metadata.deletionTimestamp !== undefined) return false;
    await arena.person(() => {
      const manifest = arena.kind.manifest(arena.name, 1);
      const metadata = { ...manifest.metadata, finalizers: PREDECESSOR_FINALIZERS.slice(0, 1) };
      return arena.simulation.apply({ ...manifest, metadata });
    });
  },
  "restore from a backup": (arena) =>
    ifThere(arena, (object) =>
      arena.person(async () => {
        await arena.patch({ metadata: { finalizers: null } });
        await arena.simulation.delete(arena.kind.kind, arena.name);
        await arena.simulation.apply(copyOf(arena, object, { name: arena.name }));
      })),
  "lose the status while the operator is away": (arena) =>
    ifThere(arena, () => {
      arena.simulation.kill({ late: false });
      return arena.person(() => arena.loseStatus()).then(() => arena.simulation.start());
    }),
  "annotate retain": (arena) => ifThere(arena, () => arena.person(() => arena.annotate("deletion-policy", "retain"))),
  "annotate retain, misspelt": (arena) =>
    ifThere(arena, () => arena.person(() => arena.annotate("deletion-polcy", "retain"))),
  "annotate owner api": (arena) => ifThere(arena, () => arena.person(() => arena.annotate("owner", "api"))),
  "annotate owner operator": (arena) =>
    ifThere(
      arena,
      ({ metadata }) =>
        metadata.annotations?.["databricks-operator/owner"] === undefined
          ? false
          : arena.person(() => arena.annotate("owner", null)),
    ),
  "annotate adopt": (arena) => ifThere(arena, () => arena.person(() => arena.annotate("adopt", "true"))),
};

const inDatabricks: Record<string, Act> = {
  "edit in Databricks": (arena) => ifHeld(arena, (id) => arena.kind.edit(arena.simulation.workspace, id)),
  "delete in Databricks": (arena) => ifHeld(arena, (id) => arena.kind.remove(arena.simulation.workspace, id)),
  "replace in Databricks": (arena) =>
    ifHeld(arena, (id) => {
      arena.kind.remove(arena.simulation.workspace, id);
      arena.kind.twin(arena.simulation.workspace);
    }),
  "make a twin": (arena) => makeTwin(arena),
  "tag it for another object": (arena) => {
    const { tag } = arena.kind;
    if (tag === undefined) return false;
    return ifHeld(arena, (id) => {
      tag(arena.simulation.workspace, id);
      arena.provenance.disown(arena.provenance.resources.get(id)?.maker);
    });
  },
  "clone in Databricks": (arena) => {
    const { clone } = arena.kind;
    return clone === undefined ? false : ifHeld(arena, (id) => clone(arena.simulation.workspace, id));
  },
};

type Gateway = keyof typeof gatewayPages;

function gateway(name: Gateway, seconds: number): Act {
  return (arena) => {
    for (const on of ["read", "write"] as const) {
      arena.outage(`gateway ${name}`, { side: "Databricks", on, rule: gatewayPages[name], seconds });
    }
  };
}

const isList = ({ url }: Request) => /\/(list|git-credentials|repos)(\?|$)/.test(url);

const faults: Record<string, Act> = {
  ...Object.fromEntries(
    (Object.keys(gatewayPages) as Gateway[]).map((
      name,
    ) => [`gateway answers ${name} for ${BRIEF} s`, gateway(name, BRIEF)]),
  ),
  ...Object.fromEntries(
    (["404", "502"] as const).map((name) => [`gateway answers ${name} for ${LONG} s`, gateway(name, LONG)]),
  ),
  [`gateway answers 404 to all but lists for ${BRIEF} s`]: (arena) => {
    const rule = gatewayPages["404"];
    const isCredible = (request: Request) => !isList(request);
    for (const on of ["read", "write"] as const) {
      arena.outage("gateway but lists", { side: "Databricks", on, rule, isCredible, seconds: BRIEF });
    }
  },
  [`gets answer that nothing exists for ${BRIEF} s`]: (arena) => {
    const rule = { status: 404, body: { error_code: "RESOURCE_DOES_NOT_EXIST", message: "It does not exist" } };
    const isCredible = (request: Request) => !isList(request);
    arena.outage("gets", { side: "Databricks", on: "read", rule, isCredible, seconds: BRIEF });
  },
  [`lists fail for ${LONG} s`]: (arena) =>
    arena.outage("lists", { side: "Databricks", on: "read", rule: { status: 500 }, isCredible: isList, seconds: LONG }),
  "the answer to the next write is lost": (arena) =>
    arena.strike({ side: "Databricks", on: "write", rule: { cut: "before-headers", effect: "kept" } }),
  "the connection for the next write is refused": (arena) =>
    arena.strike({ side: "Databricks", on: "write", rule: { cut: "before-headers" } }),
  "the next write gets 500 and takes effect": (arena) =>
    arena.strike({ side: "Databricks", on: "write", rule: { status: 500, effect: "kept" } }),
  "the next write gets a gateway's 404 and takes effect": (arena) =>
    arena.strike({ side: "Databricks", on: "write", rule: { ...gatewayPages["404"], effect: "kept" } }),
  "the next write is answered {} and takes effect": (arena) =>
    arena.strike({ side: "Databricks", on: "write", rule: { status: 200, body: {}, effect: "kept" } }),
  "the next write takes effect 20 s later": (arena) =>
    arena.strike({ side: "Databricks", on: "write", rule: {}, lateMs: 20_000 }),
  "the next write takes effect 110 s later": (arena) =>
    arena.strike({ side: "Databricks", on: "write", rule: {}, lateMs: 110_000 }),
  "the answer to the next Kubernetes write is lost": (arena) =>
    arena.strike({ side: "Kubernetes", on: "write", rule: { cut: "before-headers", effect: "kept" } }),
  "403 to the next write": (arena) => arena.strike({ side: "Databricks", on: "write", rule: { status: 403 } }),
};

const sent: Moment = { side: "Databricks", when: "sent" };
const took: Moment = { side: "Databricks", when: "took" };
const noted: Moment = { side: "Kubernetes", when: "answered" };

const process: Record<string, Act> = {
  "another replica takes over": (arena) => arena.simulation.usurp(),
  crash: (arena) => arena.crash(1),
  "crash at the next write, which is lost": (arena) => arena.until(sent).then(() => arena.crash(1)),
  "crash at the next write, which arrives 15 s later": async (arena) => {
    arena.strike({ side: "Databricks", on: "write", rule: {}, lateMs: 15_000 });
    await arena.until(sent);
    await arena.crash(1, { late: true });
  },
  "crash when the next write took effect": (arena) => arena.until(took).then(() => arena.crash(1)),
  "crash after the next Kubernetes write": (arena) => arena.until(noted).then(() => arena.crash(1)),
};

/** Acts that happen while a write is in flight. */
const meanwhile: Record<string, Act> = {
  "make a twin at the next write": (arena) => arena.until(sent).then(() => makeTwin(arena)),
  "delete when the next write took effect": (arena) => arena.until(took).then(() => withKubectl.delete!(arena)),
  "another replica takes over at the next write": (arena) => arena.until(sent).then(() => arena.simulation.usurp()),
  "another replica takes over when the next write took effect": (arena) =>
    arena.until(took).then(() => arena.simulation.usurp()),
  ...atCreation({
    // A put is unconditional (Secrets API 2.0), so what a person puts between the operator's read and its put is lost.
    "a person makes the same": { at: sent, act: (arena) => arena.kind.by === "parts" ? false : makeTwin(arena) },
    "another replica takes over": { at: sent, act: (arena) => arena.simulation.usurp() },
  }, "before the create arrives"),
  ...atCreation({
    // A key tells no maker: what a person puts while ours is in doubt counts as ours.
    "a person makes the same": { at: took, act: (arena) => arena.kind.by === "parts" ? false : makeTwin(arena) },
    "a person clones it": { at: took, act: cloneNewest },
    "another replica takes over": { at: took, act: (arena) => arena.simulation.usurp() },
    "a person clones it, and another replica takes over": {
      at: took,
      act: async (arena) => await cloneNewest(arena) && (arena.simulation.usurp(), true),
    },
    "a person clones it and the operator crashes": {
      at: took,
      act: async (arena) => await cloneNewest(arena) && (await arena.crash(1), true),
    },
  }, "before the create is answered"),
};

/** Applies a manifest, and acts at a moment of the resulting create. */
function atCreation(what: Record<string, { at: Moment; act: Act }>, when: string): Record<string, Act> {
  return Object.fromEntries(
    Object.entries(what).map(([name, { at, act }]) => [`apply, and ${name} ${when}`, async (arena: Arena) => {
      if (await arena.get() !== undefined) return false;
      await withKubectl.apply!(arena);
      await arena.until(at);
      return await act(arena);
    }]),
  );
}

/** A person clones the newest resource, if the kind allows it. */
async function cloneNewest(arena: Arena): Promise<boolean> {
  const { clone } = arena.kind;
  const newest = [...arena.provenance.resources.keys()].at(-1);
  if (clone === undefined || newest === undefined) return false;
  await arena.person(() => clone(arena.simulation.workspace, newest));
  return true;
}

/** Acts that only let time pass: nothing follows that would not follow at rest as well. */
const time: Record<string, Act> = {
  "wait 6 s": (arena) => arena.wait(6),
  "wait 25 s": (arena) => arena.wait(25),
  "wait for a sweep": (arena) => arena.wait(130),
};

const otherAnswers: Record<string, Act> = Object.fromEntries(
  (Object.keys(doubts) as DoubtName[]).flatMap((name) => {
    const { answers, default: given, explored }: Doubt = doubts[name];
    if (!explored) return [];
    return answers.filter((answer) => answer !== given).map((answer) => [nameOfDoubt(name, answer), (arena: Arena) => {
      (arena.simulation.workspace.doubts as Record<string, string>)[name] = answer;
      arena.inForce.set(name, Infinity);
    }]);
  }),
);

function nameOfDoubt(name: string, answer: string): string {
  return `doubt ${name} is ${answer}`;
}

/** True if rest after an act differs from rest without it. */
export function isMoreThanTime(act: string): boolean {
  return !Object.hasOwn(time, act);
}

/** True if an act answers a doubt that makes no difference. */
export function isAboutNothing(act: string, doubtsRead: ReadonlySet<string>): boolean {
  return Object.hasOwn(otherAnswers, act) && ![...doubtsRead].some((name) => act.startsWith(nameOfDoubt(name, "")));
}

/** Acts for roots only. */
const setUp: Record<string, Act> = {
  "look at what was ingested": (arena) => arena.adoptIngested(),
};

/** All acts, by name. */
export const acts: Readonly<Record<string, Act>> = {
  ...withKubectl,
  ...inDatabricks,
  ...faults,
  ...process,
  ...meanwhile,
  ...time,
  ...otherAnswers,
  ...setUp,
};

/** The names of the acts that sequences consist of. */
export const actNames: readonly string[] = Object.keys(acts).filter((name) => !Object.hasOwn(setUp, name));

function applyIn({ kind, name, simulation }: Arena, namespace: string): Promise<void> {
  const manifest = kind.manifest(name, 1);
  return simulation.apply({ ...manifest, metadata: { ...manifest.metadata, namespace } });
}

async function ifThere(arena: Arena, act: (object: KubeObject) => unknown): Promise<boolean> {
  const object = await arena.get();
  return object !== undefined && await act(object) !== false;
}

async function ifHeld(arena: Arena, act: (id: string) => unknown): Promise<boolean> {
  const id = await arena.held();
  if (id === undefined) return false;
  await arena.person(() => act(id));
  return true;
}

async function makeTwin(arena: Arena): Promise<boolean> {
  try {
    await arena.person(() => arena.kind.twin(arena.simulation.workspace));
    return true;
  } catch (error) {
    if (/already exists/.test(String(error))) return false;
    throw error;
  }
}

/**
 * A copy of an object from the output of `kubectl get -o yaml`, to be applied under another name or in another
 * namespace.
 */
function copyOf(
  { kind }: Arena,
  { apiVersion, metadata, spec }: KubeObject,
  where: { name: string; namespace?: string },
): KubeObject {
  const { annotations, finalizers } = metadata;
  const kept = { ...where, ...annotations && { annotations }, ...finalizers && { finalizers } };
  return { apiVersion, kind: kind.kind, metadata: kept, spec } as KubeObject;
}
