/**
 * Access control lists of a workspace's objects: jobs, Git folders, notebooks, warehouses and so on.
 *
 * @module
 */
import type { Doubts } from "./doubts.ts";
import { ApiError, invalid } from "./errors.ts";
import { Journal } from "./journal.ts";

/** One entry of an access control list: a principal and its level. */
export interface Access {
  user_name?: string;
  group_name?: string;
  service_principal_name?: string;
  permission_level: string;
}

const ofFolder = ["CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"];
const ofDashboard = ["CAN_VIEW", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"];
const ofUse = ["CAN_USE", "CAN_MANAGE"];
const ofModel = ["CAN_READ", "CAN_EDIT", "CAN_MANAGE"];

/**
 * The levels by object type (as in the endpoint's path), from the lowest to the highest
 * (terraform-provider-databricks' permission definitions).
 */
export const levelsOf: Readonly<Record<string, readonly string[]>> = {
  jobs: ["CAN_VIEW", "CAN_MANAGE_RUN", "CAN_MANAGE", "IS_OWNER"],
  pipelines: ["CAN_VIEW", "CAN_RUN", "CAN_MANAGE", "IS_OWNER"],
  warehouses: ["CAN_USE", "CAN_MONITOR", "CAN_VIEW", "CAN_MANAGE", "IS_OWNER"],
  repos: ofFolder,
  directories: ofFolder,
  notebooks: ofFolder,
  files: ofFolder,
  dashboards: ["CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"],
  genie: ["CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"],
  queries: ofDashboard,
  alerts: ofDashboard,
  alertsv2: ["CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"],
  "cluster-policies": ["CAN_USE"],
  clusters: ["CAN_ATTACH_TO", "CAN_RESTART", "CAN_MANAGE"],
  "instance-pools": ["CAN_ATTACH_TO", "CAN_MANAGE"],
  experiments: ofModel,
  "registered-models": [
    "CAN_READ",
    "CAN_EDIT",
    "CAN_MANAGE_STAGING_VERSIONS",
    "CAN_MANAGE_PRODUCTION_VERSIONS",
    "CAN_MANAGE",
  ],
  "serving-endpoints": ["CAN_VIEW", "CAN_QUERY", "CAN_MANAGE"],
  "vector-search-endpoints": ofUse,
  apps: ofUse,
  "database-instances": ofUse,
};

/** The types whose objects have exactly one owner. */
const owned: Readonly<Record<string, string>> = { jobs: "job", pipelines: "pipeline", warehouses: "warehouse" };

type Named = "user_name" | "group_name" | "service_principal_name";
const wordOf: Record<Named, string> = {
  user_name: "UserName",
  group_name: "GroupName",
  service_principal_name: "ServicePrincipalName",
};

function principalOf(access: Access): { field: Named; name: string; key: string } {
  const given = (Object.keys(wordOf) as Named[]).filter((field) => access[field] !== undefined);
  const [field] = given;
  if (given.length !== 1 || field === undefined) {
    throw invalid("Exactly one of user_name, group_name, service_principal_name must be set");
  }
  const name = String(access[field]);
  return { field, name, key: field === "group_name" ? name : name.toLowerCase() };
}

/** The object that a list belongs to. */
export interface Holder {
  /** As in the endpoint's path. */
  type: string;
  id: string;
  /** The user who created it: at first its owner or manager. */
  creator: string;
}

/** The parts of a workspace that its lists use. */
export interface AccessListsOptions {
  readonly now: () => number;
  readonly doubts: Doubts;
  /** How long reads lag behind writes, if they do (ms). */
  readonly lagMs: number;
}

/** All lists of one workspace. */
export class AccessLists {
  /** Users, groups and applications that are unknown to the workspace. */
  readonly unknown: Set<string> = new Set();
  readonly #lists = new Map<string, Access[]>();
  readonly #journal: Journal<Access[]>;
  readonly #doubts: Doubts;

  constructor({ now, doubts, lagMs }: AccessListsOptions) {
    this.#doubts = doubts;
    this.#journal = new Journal(now, lagMs);
  }

  /** The list; at first, its creator has the highest level. */
  get(holder: Holder): Access[] {
    return this.#lists.get(keyOf(holder)) ?? initial(holder);
  }

  /** True if the list was written, so that its object no longer inherits one. */
  isSet(holder: Holder): boolean {
    return this.#lists.has(keyOf(holder));
  }

  /** The list that a read returns: without the latest writes if reads lag. */
  read(holder: Holder): Access[] {
    if (this.#doubts.permissionLag === "none") return this.get(holder);
    return this.#journal.before(this.#lists).get(keyOf(holder)) ?? initial(holder);
  }

  /** Replaces a list. If a principal has several levels, the last one counts. */
  set(holder: Holder, list: Access[]): void {
    const last = new Map(list.map((access) => [principalOf(access).key, access]));
    this.#check(holder, list);
    checkOwner(holder, [...last.values()]);
    this.#journal.note(keyOf(holder), this.#lists.get(keyOf(holder)));
    this.#lists.set(keyOf(holder), [...last.values()]);
  }

  /** Adds entries to a list; a principal's new level replaces its old one. */
  merge(holder: Holder, list: Access[]): void {
    const given = new Set(list.map((access) => principalOf(access).key));
    this.set(holder, [...this.get(holder).filter((access) => !given.has(principalOf(access).key)), ...list]);
  }

  #check({ type }: Holder, list: readonly Access[]): void {
    for (const access of list) {
      const { field, name } = principalOf(access);
      if (this.unknown.has(name)) throw this.#unknownPrincipal(`Principal: ${wordOf[field]}(${name}) does not exist`);
      const isKnown = levelsOf[type]?.includes(access.permission_level);
      if (!isKnown) throw invalid(`Invalid permission level ${access.permission_level}`);
      if (field !== "group_name") continue;
      if (access.permission_level === "IS_OWNER") throw invalid(`A group cannot own a ${owned[type]}`);
      if (name === "admins") throw invalid("It is not possible to modify permissions of admins");
    }
  }

  #unknownPrincipal(message: string): ApiError {
    const isMissing = this.#doubts.unknownPrincipal === "404 RESOURCE_DOES_NOT_EXIST";
    return isMissing ? new ApiError(404, "RESOURCE_DOES_NOT_EXIST", message) : invalid(message);
  }
}

function checkOwner({ type }: Holder, list: readonly Access[]): void {
  const noun = owned[type];
  if (noun === undefined) return;
  const owners = list.filter((access) => access.permission_level === "IS_OWNER").length;
  if (owners !== 1) throw invalid(`The ${noun} must have exactly one owner.`);
}

function keyOf({ type, id }: Holder): string {
  return `${type}/${id}`;
}

function initial({ type, creator }: Holder): Access[] {
  const most = levelsOf[type]?.at(-1) ?? "CAN_MANAGE";
  // Only an admin can create a policy.
  return most === "CAN_USE" ? [] : [{ user_name: creator, permission_level: most }];
}
