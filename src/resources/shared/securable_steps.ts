/**
 * The update of a securable of Unity Catalog: PATCH of the differences, its owner last, its restriction to workspaces.
 *
 * @module
 */
import { InvalidRequestError, PermissionDeniedError } from "../../databricks/errors.ts";
import {
  type CallInput,
  type Endpoint,
  endpoint,
  type Intent,
  type Step,
  topFields,
  type Workspace,
} from "../../resource.ts";

/** The differences of one API of Unity Catalog from the others. */
export interface SecurableApi<Desired> {
  /** Fields that only a create accepts. */
  readonly immutable: readonly string[];
  /** Fields that only an update accepts, besides `owner`. */
  readonly updateOnly?: readonly string[];
  /** Fields that are for the operator, or for the query of a call, and never sent in a body. */
  readonly keptBack?: readonly string[];
  /** Fields that are sent with each create and update, and that no answer contains. */
  readonly options?: readonly string[];
  /** The restriction to workspaces: the type in the bindings API, and the `isolation_mode` that restricts. */
  readonly isolation?: { readonly type: string; readonly mode: string };
  /** Fields that each update includes, since it may be refused without them. */
  readonly always?: readonly string[];
  /** Write-only values, from a Secret, as part of the body. */
  secrets?(intent: Intent<Desired>): CallInput;
  /** The paths of those values in the body, if they depend on the Secret: no message shows them. */
  secretPaths?(intent: Intent<Desired>): readonly string[];
  /** The input of a list below a parent; by default, lists cover the whole metastore. */
  below?(parent: string): CallInput;
  /** The full name, as returned by {@link fullName}: the kind's natural key. */
  naturalKey(fields: Partial<Desired>): string;
}

/**
 * The owner is set last, since a principal that gives a securable away may not be able to change it any more; but first
 * if the other changes are refused to a principal that does not own it: a metastore admin may set the owner of
 * everything.
 */
export function securableSteps<Desired extends object>(
  update: Endpoint,
  intent: Intent<Desired>,
  api: SecurableApi<Desired>,
): Step[] {
  const { desired, changes } = intent;
  const { immutable, keptBack = [], options = [], always = [], isolation } = api;
  const fields: Record<string, unknown> = { ...desired, ...api.secrets?.(intent) };
  const sent = topFields(changes)
    .filter((field) => fields[field] !== undefined && ![...immutable, ...keptBack, ...options].includes(field));
  const call = hiding(update, api.secretPaths?.(intent));
  const patch = async (workspace: Workspace, id: string, names: readonly string[]) => {
    const set = (...more: readonly string[]) => {
      const body = Object.fromEntries([...names, ...options, ...more].map((name) => [name, fields[name]]));
      return workspace.call(call, { ...body, full_name: id });
    };
    // A principal that may change the owner may not be allowed to change anything else.
    const isOwnerAlone = names.join() === "owner";
    try {
      await set(...isOwnerAlone ? [] : always);
    } catch (error) {
      if (!isOwnerAlone || always.length === 0 || !(error instanceof InvalidRequestError)) throw error;
      await set(...always);
    }
  };
  const isIsolated = isolation !== undefined && fields.isolation_mode === isolation.mode;
  const apart = ["owner", ...isIsolated ? ["isolation_mode"] : []];
  const rest = sent.filter((field) => !apart.includes(field));
  // Without changes, the Secret's values are new.
  const renewed = changes.length === 0 ? Object.keys(api.secrets?.(intent) ?? {}) : rest;
  const rows: [names: readonly string[], run: Step["run"]][] = [
    [renewed, (workspace, id) => asOwner(patch, { workspace, id, names: renewed, isGiven: sent.includes("owner") })],
    [sent.filter((field) => field === "isolation_mode" && isIsolated), async (workspace, id) => {
      await isolate(workspace, id, {
        type: isolation?.type ?? "",
        set: () => patch(workspace, id, ["isolation_mode"]),
      });
    }],
    [sent.filter((field) => field === "owner"), (workspace, id) => patch(workspace, id, ["owner"])],
  ];
  return rows.filter(([names]) => names.length > 0).map(([changes, run]) => ({ changes, run }));
}

type Patch = (workspace: Workspace, id: string, names: readonly string[]) => Promise<void>;

async function asOwner(
  patch: Patch,
  { workspace, id, names, isGiven }: { workspace: Workspace; id: string; names: readonly string[]; isGiven: boolean },
): Promise<void> {
  try {
    await patch(workspace, id, names);
  } catch (error) {
    if (!isGiven || !(error instanceof PermissionDeniedError)) throw error;
    await patch(workspace, id, ["owner"]);
    await patch(workspace, id, names);
  }
}

/** The endpoints that restrict a securable to workspaces. */
export const bindingEndpoints = {
  assignment: endpoint("GET /api/2.1/unity-catalog/current-metastore-assignment"),
  bind: endpoint("PATCH /api/2.1/unity-catalog/bindings/{securable_type}/{securable_name}"),
};

/**
 * Restricts a securable to this workspace. If it is isolated and not bound to a workspace, it cannot be read there any
 * more (terraform-provider-databricks 684f442: catalog/bindings), so it is bound first; it is not documented whether an
 * open one can be bound.
 */
async function isolate(
  workspace: Workspace,
  id: string,
  { type, set }: { readonly type: string; readonly set: () => Promise<void> },
): Promise<void> {
  const { workspace_id } = await workspace.call(bindingEndpoints.assignment);
  const add = [{ workspace_id, binding_type: "BINDING_TYPE_READ_WRITE" }];
  const bind = () => workspace.call(bindingEndpoints.bind, { securable_type: type, securable_name: id, add });
  try {
    await bind();
  } catch (error) {
    if (!(error instanceof InvalidRequestError)) throw error;
    await set();
    await bind();
    return;
  }
  await set();
}

/** The endpoint, with further paths in the input whose values no message shows. */
export function hiding(call: Endpoint, paths: readonly string[] = []): Endpoint {
  return { ...call, secrets: [...call.secrets ?? [], ...paths] };
}

/** The fields without those of the given names. */
export function without(fields: object, names: readonly string[]): CallInput {
  return Object.fromEntries(Object.entries(fields).filter(([field]) => !names.includes(field)));
}
