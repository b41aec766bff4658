/**
 * Permissions on an object of the workspace, as parts of its kind: `spec.permissions`.
 *
 * A kind gets them by one call around its declaration:
 *
 *     const job = defineResource({ … });
 *     export const databricksJob: Resource = withPermissions(job, { type: "jobs" });
 *
 * The mock has to know the objects: see `declareHolders` in mock/databricks/workspace.ts. The call adds the field in
 * `spec` with its rules, its checks, the endpoints, the parts, and an example, so that the CRD, the reference and the
 * contract tests include them.
 *
 * Guarantees: a list in the manifest is complete, and without a list nothing is read or written; an object with an
 * owner keeps exactly one; the operator does not remove its own access; inherited permissions, and those of group
 * `admins`, are left alone.
 *
 * @module
 */
import * as z from "zod";
import type { Example, PartOperations, PartRules, PartsAtOnce, Resource, SpecIssue } from "../../resource.ts";
import { completePermissions } from "./permission_rules.ts";
import { heldPermissions, type PermissionEndpoints, permissionEndpoints, toAccessControl } from "./permission_calls.ts";
import { nameOf, type Permission, permissionIssues, spellingOf } from "./permission_entries.ts";

/** The largest number of entries: the CRD's rules compare all pairs. */
const MAX_ENTRIES = 100;

const OF_FILES = ["CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"];

/**
 * The levels by type, from the lowest to the highest (terraform-provider-databricks: permission_definitions.go). If
 * `IS_OWNER` is among them, an object has exactly one owner.
 */
export const LEVELS: Readonly<Record<string, readonly string[]>> = {
  jobs: ["CAN_VIEW", "CAN_MANAGE_RUN", "CAN_MANAGE", "IS_OWNER"],
  pipelines: ["CAN_VIEW", "CAN_RUN", "CAN_MANAGE", "IS_OWNER"],
  warehouses: ["CAN_USE", "CAN_MONITOR", "CAN_VIEW", "CAN_MANAGE", "IS_OWNER"],
  clusters: ["CAN_ATTACH_TO", "CAN_RESTART", "CAN_MANAGE"],
  "cluster-policies": ["CAN_USE"],
  "instance-pools": ["CAN_ATTACH_TO", "CAN_MANAGE"],
  notebooks: OF_FILES,
  directories: OF_FILES,
  files: OF_FILES,
  repos: OF_FILES,
  dashboards: OF_FILES,
  genie: OF_FILES,
  alertsv2: OF_FILES,
  queries: ["CAN_VIEW", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"],
  alerts: ["CAN_VIEW", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"],
  experiments: ["CAN_READ", "CAN_EDIT", "CAN_MANAGE"],
  "serving-endpoints": ["CAN_VIEW", "CAN_QUERY", "CAN_MANAGE"],
  "vector-search-endpoints": ["CAN_USE", "CAN_MANAGE"],
  apps: ["CAN_USE", "CAN_MANAGE"],
  "database-instances": ["CAN_USE", "CAN_MANAGE"],
};

/** Options of {@link withPermissions}. */
export interface PermissionOptions {
  /** The type in the endpoint's path: `jobs`, `cluster-policies`, `warehouses`; a key of {@link LEVELS}. */
  readonly type: string;
  /** The id in the endpoint's path, if it is not the resource's: the internal `id` of a serving endpoint. */
  readonly idOf?: (workspace: Parameters<PartsAtOnce["read"]>[0], id: string) => Promise<string>;
}

const principal = (text: string) => z.string().max(256).describe(text).optional();

const COMPLETE = "The complete list of permissions, except inherited ones, the owner, and those that the operator " +
  "itself needs. If absent, permissions are left alone";

/** The schema of `spec.permissions`, for objects with these levels. */
export function permissionsSchema(levels: readonly string[], text: string = COMPLETE) {
  const entry = z.looseObject({
    user_name: principal("A user, by the user name"),
    group_name: principal("A group, by its name. Leave admins out: their permissions cannot be changed"),
    service_principal_name: principal("A service principal, by its application id"),
    level: z.string().max(64).describe(`The level: one of ${levels.join(", ")}`),
  });
  return z.array(entry).max(MAX_ENTRIES).describe(text);
}

/** A declaration with `spec.permissions`. */
export function withPermissions(resource: Resource, options: PermissionOptions): Resource {
  const { type } = options;
  const levels = LEVELS[type];
  if (levels === undefined) throw new TypeError(`The levels of ${type} are not known`);
  const endpoints = permissionEndpoints(type);
  return {
    ...resource,
    spec: (resource.spec as unknown as z.ZodObject).extend({ permissions: permissionsSchema(levels).optional() }),
    endpoints: { ...resource.endpoints, ...endpoints },
    parts: permissionParts(endpoints, { ...options, levels }),
    rules: [...resource.rules ?? [], ...permissionRules(levels)],
    validate: (spec): SpecIssue[] => [
      ...resource.validate?.(spec) ?? [],
      ...permissionIssues(listOf(spec), { type, levels }),
    ],
    examples: [...resource.examples, exampleOf(resource, levels)],
  };
}

function listOf(spec: Record<string, unknown>): readonly Permission[] {
  return (spec.permissions ?? []) as readonly Permission[];
}

function permissionParts(
  endpoints: PermissionEndpoints,
  { levels, idOf = (_workspace, id) => Promise.resolve(id) }: PermissionOptions & {
    readonly levels: readonly string[];
  },
): PartOperations<Record<string, unknown>, Record<string, unknown>> {
  return {
    ...partRules,
    exclusive: true,
    desired: (_intent, spec) =>
      spec.permissions === undefined
        ? undefined
        : Object.fromEntries(listOf(spec).map((entry) => [nameOf(entry), entry.level])),
    read: async (workspace, id) => {
      const answer = await workspace.tryCall(endpoints.permissions, { object_id: await idOf(workspace, id) });
      return answer && heldPermissions(answer, levels);
    },
    // A PATCH cannot remove a permission.
    putAll: async (workspace, id, { wanted }) => {
      const object_id = await idOf(workspace, id);
      await workspace.call(endpoints.setPermissions, { object_id, access_control_list: toAccessControl(wanted) });
    },
    complete: (workspace, change) => completePermissions(workspace, change, levels),
  };
}

/** The noun and the spelling of permissions. */
export const partRules: Pick<PartRules<never>, "noun" | "writeOnly" | "spelling"> = {
  noun: "permission",
  writeOnly: false,
  spelling: spellingOf,
};

const SAME = ["user_name", "service_principal_name"].map((field) =>
  `has(p.${field}) && has(q.${field}) && p.${field}.lowerAscii() == q.${field}.lowerAscii()`
);

/** Rules of the CRD: an invalid list is refused before it is stored. */
export function permissionRules(levels: readonly string[]): NonNullable<Resource["rules"]> {
  const at = ["permissions"];
  const fields = ["user_name", "group_name", "service_principal_name"].map((field) => `has(p.${field})`);
  const isSame = [...SAME, "has(p.group_name) && has(q.group_name) && p.group_name == q.group_name"];
  const owners = levels.includes("IS_OWNER")
    ? [{ at, rule: "self.filter(p, p.level == 'IS_OWNER').size() <= 1", message: "there can be only one IS_OWNER" }]
    : [];
  return [
    {
      at,
      rule: `self.all(p, [${fields.join(", ")}].filter(x, x).size() == 1)`,
      message: "each entry names one of user_name, group_name and service_principal_name",
    },
    {
      at,
      rule: `self.all(p, p.level in [${levels.map((level) => `'${level}'`).join(", ")}])`,
      message: `level is one of ${levels.join(", ")}`,
    },
    {
      at,
      rule: `self.all(p, self.exists_one(q, ${isSame.map((one) => `(${one})`).join(" || ")}))`,
      message: "each user, group and service principal has one level: keep one entry of it",
    },
    ...owners,
  ];
}

/** The kind's first example, with permissions. */
function exampleOf({ examples, noun }: Resource, levels: readonly string[]): Example {
  const [first] = examples;
  if (first === undefined) throw new TypeError(`A ${noun} needs an example`);
  const [least = "", ...more] = levels.filter((level) => level !== "IS_OWNER");
  const analysts = { group_name: "analysts", level: least };
  const edited = { group_name: "analysts", level: more.at(-1) ?? least };
  return {
    ...first,
    title: `${first.title}, with permissions`,
    spec: { ...first.spec, permissions: [analysts, { user_name: "ann@example.com", level: more.at(-1) ?? least }] },
    edited: { ...first.edited ?? first.spec, permissions: [edited] },
  };
}
