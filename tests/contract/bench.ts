/**
 * A test bench for a kind and one of its examples: does what the reconciler would do, one call at a time.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { WorkspaceClient } from "../../src/databricks/workspace.ts";
import { disagreements } from "../../src/reconcile/plan/diff.ts";
import { without } from "../../src/reconcile/plan/fields.ts";
import {
  appliedFingerprint,
  type Baseline,
  BASELINE_VERSION,
  observedFingerprint,
} from "../../src/reconcile/plan/baseline.ts";
import { inWordsOf } from "../../src/reconcile/plan/spelling.ts";
import { comparedOf } from "../../src/reconcile/pass/write/baseline.ts";
import { withIds } from "../../src/reconcile/plan/references.ts";
import { plan } from "../../src/reconcile/plan/plan.ts";
import {
  type Example,
  type External,
  type Intent,
  isAtOnce,
  isUpdatable,
  type ObservedPart,
  type Owner,
  type PartsAtOnce,
  type Resource,
  stepsOf,
} from "../../src/resource.ts";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { clientOf } from "../support/clients.ts";
import { doubtsFor } from "../support/doubts.ts";
import { prepare } from "../support/needs.ts";

export type Fields = Record<string, unknown>;

export const owner: Owner = { uid: "uid-1", name: "example", tag: "databricks-kube-operator" };
export const subject = { name: "example", namespace: "team" };

/** A kind, one of its examples, and a workspace for both. */
export class Bench {
  readonly mock: MockWorkspace;
  readonly workspace: WorkspaceClient;

  constructor(readonly resource: Resource, readonly example: Example, { version = "2.2", test = example.title } = {}) {
    // A law is about one state of the workspace: the reconciler handles lists that lag behind it, and a refused unknown
    // field cannot be looked for.
    const doubts = doubtsFor(test, { listLag: "none", permissionLag: "none", grantLag: "none" });
    if (doubts.unknownFields === "refused") doubts.unknownFields = "dropped";
    this.mock = new MockWorkspace({ doubts });
    this.workspace = clientOf(this.mock, { jobsApiVersion: version });
  }

  /** Creates the prerequisites of the example. */
  async prepare(): Promise<this> {
    await prepare(this.mock, this.example);
    return this;
  }

  /** Returns the intent of a manifest with this spec. */
  intent(spec: Fields): Intent {
    const named = this.resource.spec.parse(spec) as Fields;
    // If a manifest names an object, any id will do.
    const parsed = withIds(this.resource.spec, named, () => "4711");
    const secret = Object.entries(this.example.secret ?? {});
    return {
      desired: this.resource.desired(parsed, subject),
      owner,
      values: Object.fromEntries(secret.map(([key, text]) => [key, new TextEncoder().encode(text)])),
      changes: [],
    };
  }

  /** Creates the resource of the example and returns its id; a kind that cannot create fills an existing resource. */
  async create(): Promise<string> {
    const { external } = this.resource;
    const intent = this.intent(this.example.spec);
    const id = await external.create?.(this.workspace, intent) ?? await this.idOfExisting(intent);
    await this.putParts(id, intent);
    return id;
  }

  async idOfExisting(intent: Intent): Promise<string> {
    const [external] = await this.resource.external.find(this.workspace, intent, {});
    assert.ok(external !== undefined, "there is a missing part");
    return external.id;
  }

  /** Writes the desired parts and removes the others. */
  async putParts(id: string, intent: Intent, spec: Fields = this.example.spec): Promise<void> {
    const { parts } = this.resource;
    const wanted = parts?.desired(intent, this.resource.spec.parse(spec) as Fields);
    if (parts === undefined || wanted === undefined) return;
    if (isAtOnce(parts)) return await this.#putAll(id, parts, wanted);
    for (const [name, value] of Object.entries(wanted)) await parts.put(this.workspace, id, name, value);
    const held = await this.heldParts(id, intent);
    for (const name of Object.keys(held)) {
      if (parts.exclusive && !Object.hasOwn(wanted, name)) await parts.delete(this.workspace, id, name);
    }
  }

  async #putAll(id: string, parts: PartsAtOnce, asked: Fields): Promise<void> {
    const held = valuesOf(await this.heldParts(id));
    const completed = await parts.complete?.(this.workspace, { wanted: asked, held, asked }, id) ?? { wanted: asked };
    assert.ok("wanted" in completed, "the example is accepted");
    const { wanted } = completed;
    const put = Object.keys(wanted).filter((name) => held[name] !== wanted[name]);
    const deleted = Object.keys(held).filter((name) => !Object.hasOwn(wanted, name));
    await parts.putAll(this.workspace, id, { wanted, held, asked, put, deleted });
  }

  /** The parts that Databricks holds. */
  async heldParts(id: string, intent?: Intent): Promise<Record<string, ObservedPart>> {
    const { parts } = this.resource;
    assert.ok(parts !== undefined);
    if (!isAtOnce(parts)) return parts.observed(await this.observe(id, intent));
    const held = await parts.read(this.workspace, id);
    assert.ok(held !== undefined, `the ${parts.noun}s of ${this.resource.noun} ${id} are there`);
    return held;
  }

  /** Makes the calls of an update of all fields in the manifest. */
  async update(id: string, intent: Intent): Promise<void> {
    const changes = Object.keys(this.asked(intent));
    for (const step of stepsOf(this.resource.external, { ...intent, changes })) await step.run(this.workspace, id);
  }

  async observe(id: string, intent: Intent = this.intent(this.example.spec)): Promise<Fields> {
    const observed = await this.resource.external.observe(this.workspace, id, intent);
    assert.ok(observed !== undefined, `${this.resource.noun} ${id} is there`);
    return observed;
  }

  /** Returns the compared part of an observed resource, as the reconciler does. */
  compared(observed: Fields, intent: Intent): Fields {
    return comparedOf(this.resource, intent, observed);
  }

  /** Returns the compared part of a manifest. */
  asked({ desired }: Intent): Fields {
    return without(desired, this.resource.parts?.field === undefined ? [] : [this.resource.parts.field]);
  }

  /** Returns the paths where Databricks differs from the request, apart from fields that it never shows. */
  differences(observed: Fields, intent: Intent, except: readonly string[] = []): string[] {
    const { fields } = this.resource;
    const hidden = [...fields.createOnly ?? [], ...fields.unread ?? [], ...except];
    return disagreements(without(this.asked(intent), hidden), this.compared(observed, intent), fields);
  }

  /** Returns the reconciler's plan for the resource. */
  plan(observed: Fields, intent: Intent, baseline: Baseline | undefined, generation = 1) {
    const { fields, external } = this.resource;
    return plan({
      desired: this.asked(intent),
      observed: this.compared(observed, intent),
      baseline,
      api: this.resource.apiVersion(this.workspace),
      generation,
      rules: fields,
      updatable: isUpdatable(external),
      rotated: false,
    });
  }

  baseline(intent: Intent, observed?: Fields): Baseline {
    const { fields } = this.resource;
    return {
      version: BASELINE_VERSION,
      api: this.resource.apiVersion(this.workspace),
      generation: 1,
      words: true,
      applied: appliedFingerprint(this.asked(intent), fields),
      ...(observed === undefined ? {} : { observed: observedFingerprint(this.#inWords(observed, intent), fields) }),
    };
  }

  /** Converts an answer as the reconciler does: to the manifest's wording. */
  #inWords(observed: Fields, intent: Intent): Fields {
    return inWordsOf(this.asked(intent), this.compared(observed, intent), this.resource.fields) as Fields;
  }

  async list(): Promise<External[]> {
    const { external, parents } = this.resource;
    const { desired } = this.intent(this.example.spec);
    const lists = parents?.(desired).map((parent) => ({ parent })) ?? [{}];
    const all: External[] = [];
    for (const options of lists) {
      for await (const page of external.list?.(this.workspace, options) ?? []) all.push(...page);
    }
    return all;
  }
}

function valuesOf(parts: Record<string, ObservedPart>): Fields {
  return Object.fromEntries(Object.entries(parts).map(([name, { value }]) => [name, value]));
}

/** True for a kind that creates nothing, and whose parts alone show whether the resource that they belong to exists. */
export function isOfParts({ external, parts }: Resource): boolean {
  return external.create === undefined && parts !== undefined && isAtOnce(parts);
}
