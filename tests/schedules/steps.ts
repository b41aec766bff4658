/**
 * The steps of a schedule, as data: each step has a description, and contains the numbers that decide its random
 * choices.
 *
 * @module
 */
import * as fc from "fast-check";
import type { gatewayPages } from "../../mock/faults.ts";
import type { Armed, Moment, Side } from "./network.ts";
import { kinds, type Slot, type Variant } from "./slots.ts";

/** The annotations that people set and remove in schedules. */
export const markings = { paused: "true", "deletion-policy": "retain", adopt: "true", owner: "api" } as const;

/** One step. */
export type Step =
  | { readonly do: "apply"; readonly slot: Slot; readonly variant: Variant }
  | { readonly do: "apply-elsewhere"; readonly slot: Slot; readonly variant: Variant }
  | { readonly do: "delete-elsewhere"; readonly slot: Slot }
  | { readonly do: "delete"; readonly slot: Slot }
  | { readonly do: "annotate"; readonly slot: Slot; readonly name: keyof typeof markings; readonly isSet: boolean }
  | { readonly do: "source"; readonly letter: "a" | "b"; readonly variant: Variant }
  | { readonly do: "no-source"; readonly letter: "a" | "b" }
  | { readonly do: "edit-remote"; readonly slot: Slot; readonly number: number }
  | { readonly do: "add-remote"; readonly slot: Slot }
  | { readonly do: "delete-remote"; readonly slot: Slot }
  | { readonly do: "stranger"; readonly slot: Slot }
  | { readonly do: "clone"; readonly slot: Slot }
  | { readonly do: "replace"; readonly slot: Slot }
  | { readonly do: "copy"; readonly slot: Slot; readonly to: "name" | "namespace" }
  | { readonly do: "gateway"; readonly page: keyof typeof gatewayPages; readonly seconds: number }
  | { readonly do: "usurp" }
  | { readonly do: "fault"; readonly fault: keyof typeof faults; readonly after: number; readonly times: number }
  | { readonly do: "watches"; readonly how: "end" | "compact" | "stale" }
  | { readonly do: "connection"; readonly how: "revoke" | "mend" | "no-settings" }
  | { readonly do: "work"; readonly parcels: number; readonly chance: number }
  | { readonly do: "time"; readonly seconds: number; readonly chance: number }
  | { readonly do: "jump"; readonly seconds: number }
  | {
    readonly do: "crash";
    readonly parcels: number;
    readonly moment: Moment | undefined;
    readonly late: boolean;
    readonly seconds: number;
    readonly chance: number;
  };

type Fault = Pick<Armed, "side" | "on" | "rule"> & { readonly rare?: "stale" | "missing" | "lag" };
const D: Side = "Databricks";
const K: Side = "Kubernetes";
const conflict = { kind: "Status", status: "Failure", reason: "Conflict", code: 409, message: "Injected conflict" };
const kubeError = (code: number) => ({ kind: "Status", status: "Failure", reason: "Fault", code, message: "Injected" });

/** The faults, by their descriptions. */
export const faults = {
  "500 to a write to Databricks": { side: D, on: "write", rule: { status: 500 } },
  "500 to a write to Databricks that took effect": { side: D, on: "write", rule: { status: 500, effect: "kept" } },
  "a lost answer to a write to Databricks": { side: D, on: "write", rule: { cut: "before-headers", effect: "kept" } },
  "a broken connection before a write to Databricks": { side: D, on: "write", rule: { cut: "before-headers" } },
  "half an answer to a write to Databricks": { side: D, on: "write", rule: { cut: "mid-body", effect: "kept" } },
  "429 to a write to Databricks": { side: D, on: "write", rule: { status: 429, headers: { "retry-after": "2" } } },
  "429 for a minute to a write to Databricks": {
    side: D,
    on: "write",
    rule: { status: 429, headers: { "retry-after": "60" } },
  },
  "HTML with 200 to a write to Databricks that took effect": {
    side: D,
    on: "write",
    rule: { status: 200, body: "<html>log in</html>", effect: "kept" },
  },
  "no answer to a write to Databricks that took effect": { side: D, on: "write", rule: { hang: true, effect: "kept" } },
  "500 to a read of Databricks": { side: D, on: "read", rule: { status: 500 } },
  "403 to a read of Databricks": { side: D, on: "read", rule: { status: 403 } },
  "429 to a read of Databricks": { side: D, on: "read", rule: { status: 429, headers: { "retry-after": "2" } } },
  "half an answer to a read of Databricks": { side: D, on: "read", rule: { cut: "mid-body" } },
  "no answer to a read of Databricks": { side: D, on: "read", rule: { hang: true } },
  "404 once to a read of Databricks": { side: D, on: "read", rule: { status: 404 }, rare: "missing" },
  "a list of Databricks that does not know the newest jobs": { side: D, on: "read", rule: {}, rare: "lag" },
  "a stale answer of Databricks": { side: D, on: "read", rule: { stale: true }, rare: "stale" },
  "409 to a write to Kubernetes": { side: K, on: "write", rule: { status: 409, body: conflict } },
  "500 to a write to Kubernetes": { side: K, on: "write", rule: { status: 500, body: kubeError(500) } },
  "429 to a write to Kubernetes": {
    side: K,
    on: "write",
    rule: { status: 429, body: kubeError(429), headers: { "retry-after": "1" } },
  },
  "500 to a write to Kubernetes that took effect": {
    side: K,
    on: "write",
    rule: { status: 500, body: kubeError(500), effect: "kept" },
  },
  "a lost answer to a write to Kubernetes": { side: K, on: "write", rule: { cut: "before-headers", effect: "kept" } },
  "no answer to a write to Kubernetes that took effect": { side: K, on: "write", rule: { hang: true, effect: "kept" } },
  "500 to a read of Kubernetes": { side: K, on: "read", rule: { status: 500, body: kubeError(500) } },
} satisfies Record<string, Fault>;

const slot: fc.Arbitrary<Slot> = fc.record({
  kind: fc.constantFrom(...kinds),
  letter: fc.constantFrom("a" as const, "a" as const, "b" as const),
});
const letter = fc.constantFrom("a" as const, "b" as const);
const variant: fc.Arbitrary<Variant> = fc.record({ number: fc.nat(8), more: fc.boolean() });
const chance = fc.nat(2 ** 31);
const parcels = fc.nat(30);
const moment = fc.option(
  fc.record({
    side: fc.constantFrom(D, D, K),
    when: fc.constantFrom("sent" as const, "took" as const, "answered" as const),
  }),
  { nil: undefined },
);

const one = <T extends Step["do"]>(name: T, rest: object): fc.Arbitrary<Step> =>
  fc.record({ do: fc.constant(name), ...rest }) as unknown as fc.Arbitrary<Step>;

/** Any step. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: one("apply", { slot, variant }) },
  { weight: 3, arbitrary: one("delete", { slot }) },
  {
    weight: 2,
    arbitrary: one("annotate", { slot, name: fc.constantFrom(...Object.keys(markings)), isSet: fc.boolean() }),
  },
  { weight: 3, arbitrary: one("source", { letter, variant }) },
  { weight: 1, arbitrary: one("no-source", { letter }) },
  { weight: 2, arbitrary: one("edit-remote", { slot, number: fc.nat(8) }) },
  { weight: 1, arbitrary: one("add-remote", { slot }) },
  { weight: 2, arbitrary: one("delete-remote", { slot }) },
  { weight: 1, arbitrary: one("stranger", { slot }) },
  { weight: 1, arbitrary: one("clone", { slot }) },
  { weight: 1, arbitrary: one("replace", { slot }) },
  { weight: 1, arbitrary: one("apply-elsewhere", { slot, variant }) },
  { weight: 1, arbitrary: one("delete-elsewhere", { slot }) },
  { weight: 1, arbitrary: one("copy", { slot, to: fc.constantFrom("name", "namespace") }) },
  {
    weight: 2,
    arbitrary: one("gateway", {
      page: fc.constantFrom("301", "404", "502", "503", "login", "empty"),
      seconds: fc.constantFrom(1, 5, 40, 200),
    }),
  },
  { weight: 1, arbitrary: one("usurp", {}) },
  {
    weight: 6,
    arbitrary: one("fault", {
      fault: fc.constantFrom(...Object.keys(faults)),
      after: fc.nat(6),
      times: fc.constantFrom(1, 1, 5),
    }),
  },
  { weight: 1, arbitrary: one("watches", { how: fc.constantFrom("end", "compact", "stale") }) },
  { weight: 1, arbitrary: one("connection", { how: fc.constantFrom("revoke", "mend", "no-settings") }) },
  { weight: 6, arbitrary: one("work", { parcels, chance }) },
  { weight: 4, arbitrary: one("time", { seconds: fc.constantFrom(1, 3, 6, 12, 40, 130), chance }) },
  { weight: 1, arbitrary: one("jump", { seconds: fc.constantFrom(-3600, -20, 20, 3600) }) },
  {
    weight: 4,
    arbitrary: one("crash", { parcels, moment, late: fc.boolean(), seconds: fc.constantFrom(0, 1, 5, 15, 60), chance }),
  },
);

const words = { sent: "sent", took: "carried out", answered: "answered" };

function to(where: "name" | "namespace"): string {
  return where === "name" ? "under another name" : "in another namespace";
}

function elsewhere(step: Step & { do: "apply-elsewhere" | "delete-elsewhere" }, what: string): string {
  const act = step.do === "delete-elsewhere" ? `delete ${what}` : `apply ${what} in variant ${step.variant.number}`;
  return `in another namespace, ${act}`;
}

function slotOf(step: Step): string {
  return "slot" in step ? `${step.slot.kind} ${step.slot.letter}` : "";
}

function annotated({ name, isSet }: Step & { do: "annotate" }): string {
  return isSet ? `${name}=${markings[name]}` : name;
}

/** Describes a step in words. */
export function inWords(step: Step): string {
  const what = slotOf(step);
  switch (step.do) {
    case "apply":
      return `apply ${what} in variant ${step.variant.number}${step.variant.more ? " with more fields" : ""}`;
    case "delete":
      return `delete ${what}`;
    case "apply-elsewhere":
    case "delete-elsewhere":
      return elsewhere(step, what);
    case "annotate":
      return `${step.isSet ? "set" : "remove"} annotation ${annotated(step)} of ${what}`;
    case "source":
      return `write Secret source-${step.letter} in variant ${step.variant.number}${
        step.variant.more ? " with more keys" : ""
      }`;
    case "no-source":
      return `delete Secret source-${step.letter}`;
    case "edit-remote":
      return `in the webapp, edit what ${what} manages (${step.number})`;
    case "add-remote":
      return `in the webapp, when all is calm, add a field to what ${what} manages`;
    case "delete-remote":
      return `in the webapp, delete what ${what} manages`;
    case "stranger":
      return `in the webapp, make something with the name of ${what}`;
    case "clone":
      return `in the webapp, clone what ${what} manages, or is about to`;
    case "replace":
      return `kubectl replace ${what} by its manifest, without finalizers and annotations`;
    case "copy":
      return `apply what kubectl prints of ${what} ${to(step.to)}`;
    case "gateway":
      return `for ${step.seconds} s a gateway answers "${step.page}" to everything that Databricks is asked`;
    case "usurp":
      return "another replica takes the lease over; the one that had it does not notice for a while";
    case "fault":
      return `${step.fault}, ${step.times} times, after ${step.after} others`;
    case "watches":
      return {
        end: "all watches end",
        compact: "the API server forgets its history, and all watches end",
        stale: "all watches end, and the next list is a stale one",
      }[step.how];
    case "connection":
      return {
        revoke: "the token is revoked",
        mend: "the settings and a valid token are written",
        "no-settings": "delete the ConfigMap",
      }[step.how];
    case "work":
      return `let ${step.parcels} parcels arrive (chance ${step.chance})`;
    case "time":
      return `let ${step.seconds} s pass (chance ${step.chance})`;
    case "jump":
      return `set the clock ${step.seconds < 0 ? "back" : "forward"} by ${Math.abs(step.seconds)} s`;
    case "crash":
      return `kill the operator after ${step.parcels} parcels (chance ${step.chance})` +
        (step.moment === undefined ? "" : `, when a write to ${step.moment.side} was ${words[step.moment.when]}`) +
        `, start it ${step.seconds} s later` +
        (step.late ? "; what it had sent arrives all the same" : "");
  }
}
