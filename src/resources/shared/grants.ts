/**
 * Grants on a securable of Unity Catalog, as parts of its kind: `spec.grants`.
 *
 * A kind gets them by one call around its declaration, if its id is the securable's full name:
 *
 *     const schema = defineResource({ … });
 *     export const databricksSchema: Resource = withGrants(schema, { securable: "schema" });
 *
 * `securable` is the type in the path: `catalog`, `schema`, `table` (also for vector search indexes), `volume`,
 * `function` (also for registered models), `external_location`, `storage_credential`, `credential`, `connection`;
 * `privileges.ts` has the privileges of each. The mock has to know the securable: see `declareHolders` in
 * mock/databricks/workspace.ts.
 *
 * Guarantees: a list in the manifest is complete, and without a list nothing is read or written; the operator's own
 * MANAGE is not removed; grants that are inherited from a catalog or schema are not read, and left alone.
 *
 * @module
 */
import * as z from "zod";
import type { CallInput, Example, PartOperations, PartsAtOnce, Resource, SpecIssue } from "../../resource.ts";
import { currentUser, isSameUser } from "../../databricks/current_user.ts";
import { PRIVILEGES } from "./privileges.ts";
import { changesOf, type GrantEndpoints, grantEndpoints, privilegesOf, readGrants } from "./grant_calls.ts";

/** The largest number of principals, and of privileges for each: the CRD's rules compare all pairs. */
const MAX_GRANTS = 100;
const MAX_PRIVILEGES = 50;
/** Not included in ALL_PRIVILEGES. */
const MANAGE = "MANAGE";

/** Options of {@link withGrants}. */
export interface GrantOptions {
  /** The type in the endpoint's path: a key of `PRIVILEGES`. */
  readonly securable: string;
}

/** One entry of `spec.grants`. */
export interface Grant {
  readonly principal: string;
  readonly privileges: readonly string[];
}

const COMPLETE = "The complete list of grants, except inherited ones and those that the operator itself needs. " +
  "If absent, grants are left alone";

/** The schema of `spec.grants`, for securables with the given privileges. */
export function grantsSchema(privileges: readonly string[], text: string = COMPLETE) {
  const entry = z.looseObject({
    principal: z.string().max(256).describe("A user, a group, or a service principal by its application id"),
    privileges: z.array(z.string().max(64)).min(1).max(MAX_PRIVILEGES).describe(
      `The privileges: ${privileges.join(", ")}; newer privileges pass through`,
    ),
  });
  return z.array(entry).max(MAX_GRANTS).describe(text);
}

/** A declaration with `spec.grants`. */
export function withGrants(resource: Resource, { securable }: GrantOptions): Resource {
  const privileges = PRIVILEGES[securable];
  if (privileges === undefined) throw new TypeError(`The privileges on a ${securable} are not known`);
  const endpoints = grantEndpoints(securable);
  return {
    ...resource,
    spec: (resource.spec as unknown as z.ZodObject).extend({ grants: grantsSchema(privileges).optional() }),
    endpoints: { ...resource.endpoints, ...endpoints },
    parts: grantParts(endpoints),
    rules: [...resource.rules ?? [], ...grantRules],
    validate: (spec): SpecIssue[] => [...resource.validate?.(spec) ?? [], ...grantIssues(grantsOf(spec))],
    doubts: (spec): SpecIssue[] => [...resource.doubts?.(spec) ?? [], ...grantDoubts(grantsOf(spec), securable)],
    examples: [...resource.examples, exampleOf(resource, privileges)],
  };
}

/** The entries of a manifest. */
export function grantsOf(spec: Record<string, unknown>): readonly Grant[] {
  return (spec.grants ?? []) as readonly Grant[];
}

/** The parts of a kind whose list of grants is complete. */
function grantParts(endpoints: GrantEndpoints): PartOperations<Record<string, unknown>, Record<string, unknown>> {
  return {
    ...grantNames,
    exclusive: true,
    desired: (_intent, spec) => spec.grants === undefined ? undefined : privilegesByName(grantsOf(spec)),
    ...grantCalls((id) => ({ endpoints, input: { full_name: id } })),
  };
}

/** The noun and the spelling of grants: Unity Catalog ignores the case of principals. */
export const grantNames = {
  noun: "grant",
  writeOnly: false,
  spelling: (name: string): string => name.toLowerCase(),
};

/** The privileges of each principal, as parts. */
export function privilegesByName(grants: readonly Grant[]): Record<string, string> {
  return Object.fromEntries(grants.map(({ principal, privileges }) => [principal, privilegesOf(privileges)]));
}

/** Returns the endpoints of a resource's grants for its id. */
export type GrantPlace = (id: string) => { readonly endpoints: GrantEndpoints; readonly input: CallInput };

/** The calls that read and write the grants of a resource. */
export function grantCalls(placeOf: GrantPlace): PartsAtOnce {
  return {
    read: async (workspace, id) => {
      const { endpoints, input } = placeOf(id);
      return await readGrants(workspace, endpoints, input);
    },
    putAll: async (workspace, id, change) => {
      const { endpoints, input } = placeOf(id);
      const changes = changesOf(change);
      if (changes.length > 0) await workspace.call(endpoints.changeGrants, { ...input, changes });
    },
    complete,
  };
}

/**
 * Keeps the operator's own MANAGE, and adds it if a removed grant (a group's) may be the one that gives it. Owners need
 * no grant, and grants do not show who owns a securable.
 */
const complete: NonNullable<PartsAtOnce["complete"]> = async (workspace, { wanted, held, asked }) => {
  const manages = (value: unknown) => typeof value === "string" && value.split(", ").includes(MANAGE);
  const stays = (name: string) =>
    Object.keys(wanted).some((one) => grantNames.spelling(one) === grantNames.spelling(name) && manages(wanted[one]));
  const going = Object.keys(held).filter((name) => manages(held[name]) && !stays(name));
  if (going.length === 0) return { wanted };
  const me = await currentUser(workspace);
  if (stays(me)) return { wanted };
  if (Object.keys(asked).some((name) => isSameUser(name, me))) {
    const message =
      `"${me}" is the operator's own user, which could not go on without ${MANAGE}: add ${MANAGE} to its ` +
      "privileges, or take it out of the list";
    return { issue: { path: "spec.grants", message } };
  }
  const own = Object.keys(held).find((name) => isSameUser(name, me)) ?? me;
  return { wanted: { ...wanted, [own]: MANAGE } };
};

/** Rules of the CRD: an invalid list is refused before it is stored. */
export const grantRules: NonNullable<Resource["rules"]> = [{
  at: ["grants"],
  rule: "self.all(p, self.exists_one(q, p.principal.lowerAscii() == q.principal.lowerAscii()))",
  message: "each principal is named once: put all of its privileges into one entry",
}];

/** Finds errors in a list of grants, including those that an older version's CRD permits. */
export function grantIssues(grants: readonly Grant[]): SpecIssue[] {
  const seen = new Set<string>();
  return grants.flatMap(({ principal, privileges }, index) => {
    const path = `spec.grants[${index}]`;
    const isAgain = seen.has(principal.toLowerCase());
    seen.add(principal.toLowerCase());
    if (principal === "") {
      return [{ path: `${path}.principal`, message: "is empty: name a user, group or application id" }];
    }
    if (isAgain) {
      const message = `"${principal}" is named twice: put all of its privileges into one entry`;
      return [{ path: `${path}.principal`, message }];
    }
    if (privileges.length > 0) return [];
    return [{ path: `${path}.privileges`, message: "is empty: name a privilege, or take the entry out" }];
  });
}

/** Privileges that are unknown for the type. They are sent anyway, since Databricks will add new ones. */
export function grantDoubts(grants: readonly Grant[], securable: string): SpecIssue[] {
  const known = PRIVILEGES[securable];
  if (known === undefined) return [];
  return grants.flatMap(({ privileges }, index) =>
    privileges.flatMap((name, at) => {
      if (known.includes(privilegesOf([name]))) return [];
      const message = `"${name}" is no privilege on a ${securable} that is known here; those are ${known.join(", ")}`;
      return [{ path: `spec.grants[${index}].privileges[${at}]`, message }];
    })
  );
}

/** The kind's first example, with grants. */
function exampleOf({ examples, noun }: Resource, [first = "", second = first]: readonly string[]): Example {
  const [example] = examples;
  if (example === undefined) throw new TypeError(`A ${noun} needs an example`);
  const engineers = { principal: "data-engineers", privileges: [first, second] };
  return {
    ...example,
    title: `${example.title}, with grants`,
    spec: { ...example.spec, grants: [engineers, { principal: "analysts", privileges: [first] }] },
    edited: { ...example.edited ?? example.spec, grants: [{ principal: "analysts", privileges: [second] }] },
  };
}
