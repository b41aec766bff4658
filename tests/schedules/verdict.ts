/**
 * The final checks: every object matches its manifest and reports that, or truthfully reports why it does not; and
 * every resource in Databricks belongs to an object or to a person.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { complete } from "../../mock/databricks/job_settings.ts";
import { canonicalJson, own } from "../../src/base/json.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { ownershipOf, type Status, statusOf } from "../../src/reconcile/object/status.ts";
import { resources } from "../../src/resources/mod.ts";
import { condition } from "../support/objects.ts";
import type { Simulation } from "./simulation.ts";
import { type SimpleKind, simpleKinds } from "./simple_kinds.ts";
import { kinds } from "./slots.ts";
import { TAG } from "./watchman.ts";

// deno-lint-ignore no-explicit-any -- specs of all kinds
type Spec = any;

/** The status fields of a job's newest run. */
interface ShownRun {
  readonly latest_run?: { readonly run_id?: string };
  readonly latest_run_state?: { readonly life_cycle_state?: string };
}

/** Returns the violations in the final state, in words. */
export async function verdict(simulation: Simulation): Promise<string[]> {
  const objects = (await Promise.all(kinds.map((kind) => simulation.list(kind)))).flat();
  const sources = new Map(
    (await simulation.list("Secret")).map((one) => [keyOf(one, one.metadata.name), decoded(one)]),
  );
  const wrong: string[] = [];
  const end = new End(simulation, objects, sources);
  for (const object of objects) {
    for (const text of end.judge(object)) wrong.push(`${object.kind} ${object.metadata.name}: ${text}`);
  }
  return [...wrong, ...end.orphans()];
}

function decoded({ data = {} }: KubeObject): Record<string, string> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]));
}

/** The values of the Secrets, by namespace and name. */
type Sources = ReadonlyMap<string, Record<string, string>>;

/** The key of a named object in an object's namespace. */
function keyOf({ metadata }: KubeObject, name: string | undefined): string {
  return `${metadata.namespace}/${name}`;
}

/** The final state. */
class End {
  readonly #simulation: Simulation;
  readonly #objects: readonly KubeObject[];
  readonly #sources: Sources;

  constructor(simulation: Simulation, objects: readonly KubeObject[], sources: Sources) {
    this.#simulation = simulation;
    this.#objects = objects;
    this.#sources = sources;
  }

  /** Returns the violations of one object. */
  judge(object: KubeObject): string[] {
    const status = statusOf(object);
    const synced = condition(object, "Synced");
    const told = JSON.stringify({ ...status, fingerprints: undefined });
    if (object.metadata.deletionTimestamp !== undefined) return [`its deletion does not end: ${told}`];
    if (status.observedGeneration !== object.metadata.generation) return [`its manifest was not seen: ${told}`];
    // A run that was started stays as it is, whoever ended it.
    if (status.final === true) return [];
    if (condition(object, "Reconciling") !== undefined) return [`it says for ever that it is at work: ${told}`];
    if (synced?.status === "False") {
      return this.#isTrue(object, synced.reason) ? [] : [`it is not synced without a cause: ${told}`];
    }
    if (condition(object, "Ready")?.status !== "True" && ownershipOf(object) === "operator") {
      return [`it is not Ready: ${told}`];
    }
    if (condition(object, "Stalled") !== undefined) return [`it is stalled, and synced: ${told}`];
    if (condition(object, "Ready")?.observedGeneration !== object.metadata.generation) {
      return [`it is not said of which manifest it is Ready: ${told}`];
    }
    const { token, run_id, refused } = status.run_request ?? {};
    if (token !== undefined && run_id === undefined && refused !== true) return [`its run was not started: ${told}`];
    if (status.pending !== undefined) return [`a create is pending for ever: ${told}`];
    return ownershipOf(object) === "operator" ? this.#compare(object) : [];
  }

  /** True if the reason why an object does not match its manifest applies. */
  #isTrue(object: KubeObject, reason: string): boolean {
    const spec = object.spec as Spec;
    const { watchman, workspace } = this.#simulation;
    switch (reason) {
      case "SecretMissing":
        return !this.#sources.has(keyOf(object, spec.secret_name));
      case "ScopeMissing":
        return !workspace.secrets.scopes().some(({ name }) => name === spec.scope);
      case "HeldByAnother":
        return object.kind === "DatabricksSecret" && this.#rivals(object).length > 0;
      case "AlreadyExists":
        return this.#remotes(object.kind ?? "").some((id) =>
          watchman.foreign.has(`${object.kind} ${id}`) || this.#isHeldByAnother(object, id) || isUnprovable(object)
        );
      case "DataMissing":
        return !this.#remotes(object.kind ?? "").includes(statusOf(object).id ?? "");
      case "NothingToFollow":
      case "OwnedByDatabricks":
        return ownershipOf(object) === "api";
    }
    return false;
  }

  /** Checks that the status shows the newest run. */
  #compareRuns(object: KubeObject): string[] {
    const { id, latest_run, latest_run_state } = statusOf(object) as Status & ShownRun;
    const runs = this.#simulation.workspace.runs.list().filter(({ job_id }) => job_id === id);
    const newest = runs.toSorted((a, b) => a.start_time - b.start_time || (a.run_id < b.run_id ? -1 : 1)).at(-1);
    return differ(
      [latest_run?.run_id, latest_run_state?.life_cycle_state],
      newest === undefined ? [undefined, "NO_RUNS"] : [newest.run_id, newest.state.life_cycle_state],
    );
  }

  #compare(object: KubeObject): string[] {
    const { jobs, credentials, repos, secrets } = this.#simulation.workspace;
    const { id = "" } = statusOf(object);
    const spec = object.spec as Spec;
    switch (object.kind) {
      case "DatabricksJob": {
        const { settings } = spec.job;
        const tags = { ...settings.tags, [TAG]: object.metadata.uid };
        // A job that was bound, and not created, carries no tag.
        const held = jobs.get(id)?.settings;
        // Databricks queues the runs of jobs that were created with 2.2, and these manifests do not set it.
        const { queue: _default, ...actual } = held ?? {};
        const runs = this.#compareRuns(object);
        return runs.length > 0
          ? runs
          : differ(held && actual, complete({ ...settings, ...(held?.tags?.[TAG] === undefined ? {} : { tags }) }));
      }
      case "GitCredential": {
        const { credential_id: _made, ...asked } = spec.credential;
        const { credential_id: _id, ...actual } = credentials.get(id) ?? { credential_id: "" };
        const token = this.#sources.get(keyOf(object, spec.secret_name))?.personal_access_token;
        return differ({ ...actual, token: credentials.token(id) }, { ...asked, token });
      }
      case "Repo":
        return differ(repos.get(id)?.branch, spec.repository.branch);
      case "DatabricksSecretScope": {
        if (!this.#remotes("DatabricksSecretScope").includes(id)) return [`scope ${id} does not exist`];
        const acls = secrets.acls(id).filter(({ principal }) => principal !== "operator@example.com");
        return differ(sorted(acls), sorted(spec.acls));
      }
      case "DatabricksSecret": {
        const values = Object.entries(this.#sources.get(keyOf(object, spec.secret_name)) ?? {});
        const actual = values.map(([key]) => [key, new TextDecoder().decode(secrets.value(id, key))]);
        return differ(actual, values);
      }
    }
    const simple = own(simpleKinds, object.kind ?? "");
    return simple === undefined
      ? [`nobody knows how ${object.kind} is compared: add it to simple_kinds.ts or verdict.ts`]
      : this.#compareFields(simple, id, spec);
  }

  /** Checks that the fields in the manifest have its values; other fields belong to Databricks. */
  #compareFields(kind: SimpleKind, id: string, spec: Spec): string[] {
    const held = kind.get(this.#simulation.workspace, id);
    if (held === undefined) return [`${id} does not exist`];
    const asked = Object.entries(kind.asked(spec)).filter(([, value]) => value !== undefined);
    return differ(Object.fromEntries(asked.map(([field]) => [field, held[field]])), Object.fromEntries(asked));
  }

  #isHeldByAnother(object: KubeObject, id: string): boolean {
    return this.#objects.some((other) => other.kind === object.kind && other !== object && statusOf(other).id === id);
  }

  /** The objects that may define the same keys. */
  #rivals(object: KubeObject): KubeObject[] {
    return this.#objects.filter((other) =>
      other.kind === object.kind && other !== object && statusOf(other).id === statusOf(object).id
    );
  }

  #remotes(kind: string): string[] {
    const { jobs, credentials, repos, secrets } = this.#simulation.workspace;
    const all: Record<string, string[]> = {
      DatabricksJob: jobs.ids(),
      GitCredential: credentials.all().map(({ credential_id }) => credential_id),
      Repo: repos.all().map(({ id }) => id),
      DatabricksSecretScope: secrets.scopes().map(({ name }) => name),
    };
    return all[kind] ?? own(simpleKinds, kind)?.ids(this.#simulation.workspace) ?? [];
  }

  /** O4: resources that no object holds and only the operator can have made. */
  orphans(): string[] {
    const { watchman, workspace } = this.#simulation;
    const orphans = kinds.flatMap((kind) => {
      if (watchman.torn.has(kind) && kind !== "DatabricksJob") return [];
      // The resource may belong to an object that waits for its Secret; it is found when the Secret comes or the object
      // goes.
      if (this.#objects.some((one) => one.kind === kind && statusOf(one).pending !== undefined)) return [];
      const held = new Set(this.#objects.filter((one) => one.kind === kind).map((one) => statusOf(one).id));
      const left = this.#remotes(kind).filter((id) => !held.has(id) && !watchman.foreign.has(`${kind} ${id}`))
        .filter((id) => !watchman.torn.has(workspace.jobs.get(id)?.settings.tags?.[TAG] ?? ""));
      return left.map((id) => `${kind} ${id} in Databricks is nobody's`);
    });
    const fillers = this.#objects.filter(({ kind }) => kind === "DatabricksSecret");
    const wanted = new Set(fillers.flatMap((one) => [
      ...Object.keys(this.#sources.get(keyOf(one, (one.spec as Spec).secret_name)) ?? {}),
      ...Object.keys(statusOf(one).parts ?? {}),
    ]));
    const scope = workspace.secrets.scopes().some(({ name }) => name === "scope-a");
    const keys = scope ? workspace.secrets.keys("scope-a").map(({ key }) => key) : [];
    const left = keys.filter((key) => !wanted.has(key) && !watchman.foreign.has(`key ${key}`));
    return [...orphans, ...left.map((key) => `key ${key} in Databricks is nobody's`)];
  }
}

/** True if a create got no answer, and nothing shows who made a resource of the kind: a person decides. */
function isUnprovable(object: KubeObject): boolean {
  const resource = resources.find(({ kind }) => kind === object.kind);
  return statusOf(object).pending !== undefined && resource?.mark === undefined &&
    resource?.external.isOurs === undefined;
}

function sorted(acls: { principal: string }[]): unknown[] {
  return acls.toSorted((a, b) => a.principal < b.principal ? -1 : 1);
}

function differ(actual: unknown, expected: unknown): string[] {
  if (canonicalJson(actual) === canonicalJson(expected)) return [];
  return [`Databricks holds ${canonicalJson(actual)} instead of ${canonicalJson(expected)}`];
}
