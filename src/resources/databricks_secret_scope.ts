/**
 * DatabricksSecretScope: a scope of the Secrets API 2.0 with its access list.
 *
 * @module
 */
import * as z from "zod";
import { AclItem } from "../databricks/types.ts";
import { confirmed } from "../databricks/confirmed.ts";
import { currentUser, isSameUser, knownUser } from "../databricks/current_user.ts";
import {
  commonColumns,
  defineResource,
  endpoint,
  type External,
  type Intent,
  type ObservedPart,
  type SpecIssue,
  type Workspace,
} from "../resource.ts";
import { scopeHolder } from "./shared/secret_scopes.ts";

const KeyVault = z.looseObject({
  resource_id: z.string().describe("The Azure resource id of the vault"),
  dns_name: z.string().describe("The DNS name of the vault"),
});

const Scope = z.looseObject({
  name: z.string().describe("The scope's name: up to 128 of letters, digits and -_.@"),
  backend_type: z.string().describe("DATABRICKS (the default) or AZURE_KEYVAULT").optional(),
  keyvault_metadata: KeyVault.describe("The vault behind an AZURE_KEYVAULT scope").optional(),
});

const Spec = z.looseObject({
  scope: Scope.describe("The scope, with the fields of the Secrets API"),
  initial_manage_principal: z.string()
    .describe(
      "The principal that gets MANAGE when the scope is created: users; by default only the operator's own user",
    )
    .optional(),
  acls: z.array(AclItem).max(1000)
    .describe("The complete access list. If absent, access lists are not changed").optional(),
});

type Scope = z.infer<typeof Scope>;
type Desired = Scope & { initial_manage_principal?: string | undefined; acls?: z.infer<typeof AclItem>[] | undefined };
type Observed = Scope & { acls?: z.infer<typeof AclItem>[] };

const endpoints = {
  list: endpoint("GET /api/2.0/secrets/scopes/list", { items: "scopes" }),
  listKeys: endpoint("GET /api/2.0/secrets/list"),
  create: endpoint("POST /api/2.0/secrets/scopes/create"),
  delete: endpoint("POST /api/2.0/secrets/scopes/delete", { repeatable: true }),
  listAcls: endpoint("GET /api/2.0/secrets/acls/list", { items: "items" }),
  putAcl: endpoint("POST /api/2.0/secrets/acls/put", { repeatable: true }),
  deleteAcl: endpoint("POST /api/2.0/secrets/acls/delete", { repeatable: true }),
};

/**
 * Names of scopes, users and service principals are case-insensitive, and may be returned in lower case
 * (terraform-provider-databricks#5183).
 */
const lower = (principal: string) => principal.toLowerCase();

/** The declaration of kind DatabricksSecretScope. */
export const databricksSecretScope = defineResource<z.infer<typeof Spec>, Desired, Observed>({
  kind: "DatabricksSecretScope",
  plural: "databrickssecretscopes",
  singular: "databrickssecretscope",
  shortNames: ["dbscope"],
  noun: "secret scope",
  description: "A Databricks secret scope and its access list",
  identity: "natural",
  spec: Spec,
  observed: Scope,
  comparableSchema: Scope,
  desiredPath: "spec.scope",
  passesOn: ["spec.scope.keyvault_metadata"],
  fields: {
    immutable: ["name", "backend_type", "keyvault_metadata", "initial_manage_principal"],
    createOnly: ["initial_manage_principal"],
    // Azure returns the vault's address with or without a slash at the end.
    spelling: { name: lower, "keyvault_metadata.dns_name": (url) => url.toLowerCase().replace(/\/+$/, "") },
  },
  endpoints,
  external: {
    observe,
    find: async (workspace, intent) => {
      const observed = await observe(workspace, intent.desired.name, intent);
      return observed === undefined ? [] : [{ id: observed.name, observed }];
    },
    create,
    delete: async (workspace, id) => {
      await workspace.tryCall(endpoints.delete, { scope: id });
    },
    rows: "whole",
    list,
    areDistinct: async (workspace, one, other) => {
      const names = new Set((await Array.fromAsync(list(workspace))).flat().map(({ id }) => id));
      return names.has(one) && names.has(other);
    },
    // A scope has neither a creator nor a time, but its creator may manage it, unless another principal was named.
    isOurs: async (workspace, { id }, { intent: { desired }, isTakeOver }) => {
      const user = await currentUser(workspace);
      // The Rust operator's own user does not manage a scope that was created for another principal.
      const named = isTakeOver ? desired.initial_manage_principal : undefined;
      const acls = await workspace.tryCall(endpoints.listAcls, { scope: id });
      const items = (acls?.items ?? []) as z.infer<typeof AclItem>[];
      return items.some(({ principal, permission }) =>
        permission === "MANAGE" && (isSameUser(principal, user) || isSameUser(principal, named))
      );
    },
  },
  parts: {
    noun: "ACL",
    holder: scopeHolder,
    field: "acls",
    exclusive: true,
    writeOnly: false,
    desired: ({ desired }) =>
      desired.acls && Object.fromEntries(desired.acls.map(({ principal, permission }) => [principal, permission])),
    observed: ({ acls = [] }): Record<string, ObservedPart> =>
      Object.fromEntries(acls.map(({ principal, permission }) => [principal, { value: permission }])),
    put: async (workspace, scope, principal, permission) => {
      await workspace.call(endpoints.putAcl, { scope, principal, permission });
    },
    delete: async (workspace, scope, principal) => {
      await workspace.tryCall(endpoints.deleteAcl, { scope, principal });
    },
    spelling: lower,
    // Without MANAGE every call to the scope is refused, even its deletion.
    needed: async (workspace) => ({ [await knownUser(workspace)]: "MANAGE" }),
  },
  printerColumns: [
    { name: "Scope", type: "string", jsonPath: ".spec.scope.name" },
    ...commonColumns,
  ],
  apiVersion: () => "2.0",
  naturalKey: ({ name }) => lower(name ?? ""),
  desired: (spec) => ({
    ...spec.scope,
    ...(spec.initial_manage_principal === undefined ? {} : { initial_manage_principal: spec.initial_manage_principal }),
    ...(spec.acls === undefined ? {} : { acls: spec.acls }),
  }),
  validate,
  comparable: ({ acls: _parts, ...scope }) => scope,
  toSpec: ({ acls: _parts, ...scope }) => ({ scope }),
  displayName: (scope) => scope.name,
  examples: [
    { title: "A scope", spec: { scope: { name: "team-secrets" } } },
    {
      title: "A scope that everybody may read",
      spec: { scope: { name: "shared-secrets" }, acls: [{ principal: "users", permission: "READ" }] },
      edited: { scope: { name: "shared-secrets" }, acls: [{ principal: "users", permission: "WRITE" }] },
    },
  ],
});

async function create(workspace: Workspace, { desired }: Intent<Desired>): Promise<string> {
  const made = workspace.call(endpoints.create, {
    scope: desired.name,
    scope_backend_type: desired.backend_type,
    backend_azure_keyvault: desired.keyvault_metadata,
    initial_manage_principal: desired.initial_manage_principal,
  });
  // The answer says nothing about the scope.
  await confirmed(made, async () => await observe(workspace, desired.name) !== undefined);
  return desired.name;
}

async function* list(workspace: Workspace): AsyncIterable<External<Observed>[]> {
  for await (const page of workspace.pages(endpoints.list)) {
    // Access lists need a call of their own, so a scope whose manifest has one is read individually.
    yield page.map((scope) => ({ id: String(scope.name), observed: scope as Scope, partial: true }));
  }
}

// The Secrets API has no get of one scope, so it is found by listing.
async function observe(workspace: Workspace, id: string, intent?: Intent<Desired>): Promise<Observed | undefined> {
  const pages = await Array.fromAsync(workspace.pages(endpoints.list));
  const scopes = pages.flat().map((scope) => scope as Scope);
  const scope = scopes.find(({ name }) => name === id) ?? await respelt(workspace, id, scopes);
  if (scope === undefined || intent?.desired.acls === undefined) return scope;
  const acls = await workspace.tryCall(endpoints.listAcls, { scope: id });
  return acls === undefined ? undefined : { ...scope, acls: (acls.items ?? []) as z.infer<typeof AclItem>[] };
}

/**
 * "Secret scope names are case insensitive" (docs.databricks.com, secret scopes); it is not documented in which case
 * they are listed. So a scope that is listed in another case is the same one if Databricks also knows it by this name.
 */
async function respelt(workspace: Workspace, id: string, scopes: readonly Scope[]): Promise<Scope | undefined> {
  const alike = scopes.filter(({ name }) => lower(String(name)) === lower(id));
  if (alike.length !== 1) return undefined;
  return await workspace.tryCall(endpoints.listKeys, { scope: id }) === undefined ? undefined : alike[0];
}

function validate(spec: z.infer<typeof Spec>): SpecIssue[] {
  const issues: SpecIssue[] = [];
  if (!/^[\w\-.@]{1,128}$/.test(spec.scope.name)) {
    issues.push({ path: "spec.scope.name", message: "must be 1 to 128 letters, digits or -_.@" });
  }
  const seen = new Set<string>();
  for (const [index, { principal }] of (spec.acls ?? []).entries()) {
    if (seen.has(lower(principal))) {
      issues.push({ path: `spec.acls[${index}].principal`, message: `"${principal}" is named twice: keep one` });
    }
    seen.add(lower(principal));
  }
  return issues;
}
