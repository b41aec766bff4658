/**
 * Access control: bearer tokens, and rules in the form of RBAC roles.
 *
 * @module
 */
import { ApiError, type Details } from "./errors.ts";
import type { RequestRecord } from "./ledger.ts";
import { userOfToken } from "./tokens.ts";

/** A rule that allows actions. `*` stands for all. */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  /** `secrets`, `jobs/status`, `*`. */
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  /** The namespaces of the rule, as for a Role; by default all. */
  readonly namespaces?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

/** A user with a token. */
export interface User {
  readonly name: string;
  /** Without rules, everything is allowed. */
  readonly rules: readonly PolicyRule[] | undefined;
}

/** The action that a user attempts. */
export type Action = Pick<RequestRecord, "verb" | "group" | "resource" | "subresource" | "namespace" | "name" | "path">;

/** The tokens that an API accepts. */
export class Access {
  readonly #users = new Map<string, User>();

  /** Accepts a token; actions that no rule allows are forbidden. Without rules, everything is allowed. */
  add(token: string, { name = token, rules }: { name?: string; rules?: readonly PolicyRule[] | undefined } = {}): void {
    this.#users.set(token, { name, rules });
  }

  /** Refuses a token from now on. */
  revoke(token: string): void {
    this.#users.delete(token);
  }

  /** The user of a request. @throws {ApiError} 401 if the token is unknown. */
  userOf(headers: Headers, now: number): User {
    const token = headers.get("authorization")?.replace(/^Bearer /i, "") ?? "";
    const known = this.#users.get(token);
    if (known) return known;
    const account = userOfToken(token, now);
    if (account === undefined) throw new ApiError(401, "Unauthorized", "Unauthorized");
    return [...this.#users.values()].find(({ name }) => name === account) ?? { name: account, rules: [] };
  }
}

/** Returns a request's action for access rules: a list or watch of one name is an action on that name. */
export function actionOf(record: RequestRecord): Action {
  if (record.name !== undefined || !["list", "watch", "deletecollection"].includes(record.verb)) return record;
  const [, name] = record.query.fieldSelector?.match(/^metadata\.name==?([^=,!]+)$/) ?? [];
  return name === undefined ? record : { ...record, name };
}

/** True if one of the user's rules allows the action. */
export function isAllowed({ rules }: User, action: Action): boolean {
  if (rules === undefined) return true;
  // As in every cluster, all authenticated users may use discovery and review their own access.
  if (action.resource === undefined && action.verb === "get") return true;
  if (action.verb === "create" && action.resource?.startsWith("selfsubject")) return true;
  return rules.some((rule) => allows(rule, action));
}

function allows(rule: PolicyRule, { verb, group = "", resource, subresource, namespace, name, path }: Action): boolean {
  const has = (list: readonly string[] | undefined, value: string) =>
    list?.some((one) => one === "*" || one === value) ?? false;
  if (!has(rule.verbs, verb)) return false;
  if (resource === undefined) return has(rule.nonResourceURLs, path);
  const whole = subresource === undefined ? resource : `${resource}/${subresource}`;
  const isResource = has(rule.resources, whole) || subresource !== undefined && has(rule.resources, `*/${subresource}`);
  const isNamed = !rule.resourceNames?.length || name !== undefined && rule.resourceNames.includes(name);
  const isHere = rule.namespaces === undefined || namespace !== undefined && rule.namespaces.includes(namespace);
  return has(rule.apiGroups ?? [""], group) && isResource && isNamed && isHere;
}

/** @throws {ApiError} 403 if the user may not do it. */
export function authorize(user: User, action: Action): void {
  if (isAllowed(user, action)) return;
  const { verb, group = "", resource, subresource, namespace, name = "", path } = action;
  if (resource === undefined) throw refusal(`User "${user.name}" cannot ${verb} path "${path}"`, { name: path }, "");
  const whole = subresource === undefined ? resource : `${resource}/${subresource}`;
  const where = namespace === undefined ? "at the cluster scope" : `in the namespace "${namespace}"`;
  const why = `User "${user.name}" cannot ${verb} resource "${whole}" in API group "${group}" ${where}`;
  const details = { ...name && { name }, ...group && { group }, kind: resource };
  const what = `${resource}${group === "" ? "" : `.${group}`}`;
  throw refusal(why, details, name === "" ? what : `${what} "${name}"`);
}

function refusal(why: string, details: Details, what: string): ApiError {
  return new ApiError(403, "Forbidden", `${what === "" ? "forbidden" : `${what} is forbidden`}: ${why}`, details);
}
