/**
 * Finds the resources of objects when no cluster is read: by a unique path or name in Databricks, or by name and
 * ownership tag. It is an assumption that the file's object manages the resource, and it is shown as one.
 *
 * @module
 */
import { canonicalJson, own } from "../../base/json.ts";
import { DatabricksError } from "../../databricks/errors.ts";
import type { WorkspaceClient } from "../../databricks/workspace.ts";
import { defaults } from "../../reconcile/connect/settings.ts";
import { fold, mayAdopt, ownershipOf, type Status } from "../../reconcile/object/status.ts";
import { comparedOf } from "../../reconcile/pass/write/baseline.ts";
import { BASELINE_VERSION, observedFingerprint } from "../../reconcile/plan/baseline.ts";
import { isEmpty } from "../../reconcile/plan/diff.ts";
import { withIds } from "../../reconcile/plan/references.ts";
import { inWordsOf } from "../../reconcile/plan/spelling.ts";
import { type External, type Intent, nameOf, type Resource } from "../../resource.ts";
import type { Subject } from "./subjects.ts";

/** The assumptions about an object. */
export interface Assumed {
  readonly uid: string | undefined;
  readonly status: Status;
  /** Fields that the manifest does not name but Databricks has: defaults, or somebody's settings. */
  readonly besides: readonly string[];
}

/** Finds the resource of each subject that neither has an id nor adopts one. */
export async function assume(
  subjects: readonly Subject[],
  workspace: WorkspaceClient,
): Promise<Map<Subject, Assumed>> {
  const lists = new Map<Resource, Promise<External[]>>();
  const listed = (resource: Resource) => {
    const list = lists.get(resource) ??
      Array.fromAsync(resource.external.list?.(workspace, {}) ?? []).then((pages) => pages.flat());
    lists.set(resource, list);
    return list;
  };
  const found = new Map<Subject, Assumed>();
  for (const subject of subjects) {
    const intent = intentOf(subject);
    if (intent === undefined) continue;
    const external = await findFor(subject, intent, { workspace, listed });
    if (external !== undefined) found.set(subject, assumedOf(subject, intent, { external, workspace }));
  }
  return found;
}

/** The resource that the manifest names; `undefined` if the operator's own rules find it. */
function intentOf({ resource, object, name, namespace }: Subject): Intent | undefined {
  const parsed = resource.spec.safeParse(object.spec ?? {});
  const isOurs = ownershipOf(object) === "operator" && !mayAdopt(object);
  if (!parsed.success || !isOurs || resource.once !== undefined || resource.external.create === undefined) {
    return undefined;
  }
  const spec = withIds(resource.spec, parsed.data as Record<string, unknown>, () => undefined);
  if (resource.specId?.(spec) !== undefined) return undefined;
  const owner = { uid: "", name, tag: defaults.ownershipTag };
  return { desired: resource.desired(spec, { name, namespace }), owner, values: {}, changes: [] };
}

interface Searching {
  readonly workspace: WorkspaceClient;
  readonly listed: (resource: Resource) => Promise<External[]>;
}

async function findFor(
  { resource, key }: Subject,
  intent: Intent,
  { workspace, listed }: Searching,
): Promise<External | undefined> {
  const uidOf = ({ observed }: External) => resource.ownerUid?.(observed, intent.owner.tag);
  if (resource.identity === "tag") {
    const name = nameOf(resource, intent.desired);
    const those = (await listed(resource)).filter((row) =>
      uidOf(row) !== undefined && resource.displayName?.(row.observed) === name
    );
    if (those.length > 1) {
      const ids = those.map(({ id }) => id).join(", ");
      throw new Error(
        `${resource.kind} ${key}: ${those.length} ${resource.noun}s "${name}" carry the operator's tag (${ids}), so it ` +
          "is not known which one it manages: add --kubeconfig",
      );
    }
    return those[0];
  }
  try {
    const [first] = await resource.external.find(workspace, intent, {});
    return first !== undefined && (resource.ownerUid === undefined || uidOf(first) !== undefined) ? first : undefined;
  } catch (error) {
    // Its parent may not exist yet; the operator's own code reports that.
    if (error instanceof DatabricksError) return undefined;
    throw error;
  }
}

function assumedOf(
  { resource }: Subject,
  intent: Intent,
  { external: { id, observed }, workspace }: { readonly external: External; readonly workspace: WorkspaceClient },
): Assumed {
  const { fields } = resource;
  const compared = comparedOf(resource, intent, observed);
  const held = inWordsOf(intent.desired, compared, fields) as Record<string, unknown>;
  // Nothing is known to have been applied, so the comparison is by value.
  const baseline = {
    version: BASELINE_VERSION,
    api: resource.apiVersion(workspace),
    generation: 0,
    observed: observedFingerprint(held, fields),
  };
  const besides = fields.replaces !== true
    ? []
    : Object.entries(held).filter(([field, value]) =>
      own(intent.desired, field) === undefined && !isEmpty(value) &&
      canonicalJson(value) !== canonicalJson(own(fields.defaults, field) ?? null)
    ).map(([field]) => field);
  const status = fold({ id, workspace: workspace.host, owner: "operator", baseline });
  return { uid: resource.ownerUid?.(observed, intent.owner.tag), status, besides };
}
