/**
 * DatabricksGrants: grants on a securable of Unity Catalog that is not managed here, such as a table.
 *
 * Several of them may name the same securable. Each grants to, and revokes from, only the principals that it names;
 * others keep their grants.
 *
 * @module
 */
import * as z from "zod";
import { commonColumns, defineResource, type SpecIssue } from "../resource.ts";
import { grantEndpoints } from "./shared/grant_calls.ts";
import {
  grantCalls,
  grantDoubts,
  grantIssues,
  grantNames,
  grantRules,
  grantsOf,
  grantsSchema,
  privilegesByName,
} from "./shared/grants.ts";
import { PRIVILEGES } from "./shared/privileges.ts";

const TYPES = Object.keys(PRIVILEGES).join(", ");
const ALL_PRIVILEGES = [...new Set(Object.values(PRIVILEGES).flat())];

const Spec = z.looseObject({
  securable_type: z.string().describe(
    `The type: one of ${TYPES}. Registered models are functions, vector search indexes are tables`,
  ),
  full_name: z.string().describe("The full name, such as main.sales.orders"),
  grants: grantsSchema(ALL_PRIVILEGES, "The privileges of each principal. Other principals keep theirs"),
});

const Target = z.object({ securable_type: z.string(), full_name: z.string() });
type Target = z.infer<typeof Target>;

const endpoints = grantEndpoints("{securable_type}");

/** The declaration of kind DatabricksGrants. */
export const databricksGrants = defineResource<z.infer<typeof Spec>, Target, Target>({
  kind: "DatabricksGrants",
  plural: "databricksgrants",
  singular: "databricksgrant",
  shortNames: ["dbgrant"],
  noun: "securable",
  description: "Grants on a securable of Unity Catalog that is not managed here",
  identity: "natural",
  spec: Spec,
  observed: Target,
  comparableSchema: Target,
  desiredPath: "spec",
  passesOn: [],
  fields: { immutable: ["securable_type", "full_name"] },
  endpoints,
  external: {
    // Reading the grants shows whether the securable exists.
    observe: (_workspace, id) => Promise.resolve(targetOf(id)),
    find: (_workspace, { desired }) => Promise.resolve([{ id: idOf(desired), observed: desired }]),
  },
  parts: {
    ...grantNames,
    exclusive: false,
    desired: (_intent, spec) => privilegesByName(grantsOf(spec)),
    ...grantCalls((id) => ({ endpoints, input: { ...targetOf(id) } })),
    missing: "create it, or delete this object and apply it with another full_name; the operator tries again",
  },
  printerColumns: [
    { name: "Type", type: "string", jsonPath: ".spec.securable_type" },
    { name: "Securable", type: "string", jsonPath: ".spec.full_name" },
    ...commonColumns,
  ],
  rules: grantRules,
  apiVersion: () => "2.1",
  naturalKey: (target) => idOf(target),
  desired: ({ securable_type, full_name }) => ({ securable_type, full_name: full_name.toLowerCase() }),
  validate: (spec): SpecIssue[] => {
    const { securable_type } = spec;
    if (Object.hasOwn(PRIVILEGES, securable_type)) return grantIssues(spec.grants);
    return [{
      path: "spec.securable_type",
      message: `"${securable_type}" is no type of securable: use one of ${TYPES}`,
    }];
  },
  doubts: (spec) => grantDoubts(spec.grants, spec.securable_type),
  comparable: (target) => target,
  examples: [{
    title: "A table that is not managed",
    spec: {
      securable_type: "table",
      full_name: "main.default.orders",
      grants: [{ principal: "analysts", privileges: ["SELECT"] }, {
        principal: "ann@example.com",
        privileges: ["MODIFY"],
      }],
    },
    edited: {
      securable_type: "table",
      full_name: "main.default.orders",
      grants: [{ principal: "analysts", privileges: ["SELECT", "MODIFY"] }],
    },
    needs: { securable: { type: "table", name: "main.default.orders" } },
  }],
});

/** Names of securables are case-insensitive. */
function idOf({ securable_type = "", full_name = "" }: Partial<Target>): string {
  return `${securable_type}/${full_name.toLowerCase()}`;
}

function targetOf(id: string): Target | undefined {
  const at = id.indexOf("/");
  return at <= 0 ? undefined : { securable_type: id.slice(0, at), full_name: id.slice(at + 1) };
}
