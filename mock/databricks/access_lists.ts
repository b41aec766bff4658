/**
 * The access control lists of what a workspace holds: of jobs, Git folders, folders, notebooks and files.
 *
 * @module
 */
import { invalid } from "./errors.ts";

/** One entry of an access control list: a principal and its level. */
export interface Access {
  user_name?: string;
  group_name?: string;
  service_principal_name?: string;
  permission_level: string;
}

const ofFolder = ["CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"];

/** The levels that there are, by the type in the endpoint's path, from the least to the most. */
export const levelsOf: Readonly<Record<string, readonly string[]>> = {
  jobs: ["CAN_VIEW", "CAN_MANAGE_RUN", "CAN_MANAGE", "IS_OWNER"],
  repos: ofFolder,
  directories: ofFolder,
  notebooks: ofFolder,
  files: ofFolder,
};

function principalOf({ user_name, group_name, service_principal_name }: Access): string {
  const given = [user_name, group_name, service_principal_name].filter((name) => name !== undefined);
  if (given.length !== 1) throw invalid("Exactly one of user_name, group_name, service_principal_name must be set");
  return given[0]!;
}

function check(type: string, list: readonly Access[]): void {
  for (const access of list) {
    principalOf(access);
    const isKnown = levelsOf[type]?.includes(access.permission_level);
    if (!isKnown) throw invalid(`Invalid permission level ${access.permission_level}`);
    if (access.permission_level === "IS_OWNER" && access.group_name) throw invalid("A group cannot own a job");
  }
  if (type !== "jobs") return;
  const owners = list.filter((access) => access.permission_level === "IS_OWNER").length;
  if (owners !== 1) throw invalid(`The job must have exactly one owner, not ${owners}`);
}

/** What a list belongs to. */
export interface Holder {
  /** As in the endpoint's path. */
  type: string;
  id: string;
  /** Who made it, and owns or manages it at first. */
  creator: string;
}

/** All lists of one workspace. */
export class AccessLists {
  readonly #lists = new Map<string, Access[]>();

  /** A list; at first its creator has the highest level. */
  get({ type, id, creator }: Holder): Access[] {
    const most = levelsOf[type]?.at(-1) ?? "CAN_MANAGE";
    return this.#lists.get(`${type}/${id}`) ?? [{ user_name: creator, permission_level: most }];
  }

  /** Replaces a list. With several levels for one principal the last one holds. */
  set({ type, id }: Holder, list: Access[]): void {
    check(type, list);
    const last = new Map(list.map((access) => [principalOf(access), access]));
    this.#lists.set(`${type}/${id}`, [...last.values()]);
  }

  /** Adds to a list; a principal's level replaces its former one. */
  merge(holder: Holder, list: Access[]): void {
    const given = new Set(list.map(principalOf));
    this.set(holder, [...this.get(holder).filter((access) => !given.has(principalOf(access))), ...list]);
  }
}
