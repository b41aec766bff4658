/**
 * DatabricksSecret: the keys of a Kubernetes Secret as secrets in a Databricks scope (Secrets API 2.0).
 *
 * Values cannot be read back: the Secret's resourceVersion and Databricks' time for each key show what was sent. Only
 * keys that this object wrote are ever deleted.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import * as z from "zod";
import { SecretMetadata } from "../databricks/types.ts";
import { commonColumns, defineResource, endpoint, type SpecIssue, type Workspace } from "../resource.ts";
import { scopeHolder } from "./shared/secret_scopes.ts";

const Spec = z.looseObject({
  scope: z.string().describe("The Databricks scope that gets the keys").optional(),
  secret_name: z.string().describe("The Secret in this namespace with the keys to send").optional(),
});

const Observed = z.looseObject({ scope: z.string(), secrets: z.array(SecretMetadata) });
type Observed = z.infer<typeof Observed>;
type Desired = { scope: string };

const endpoints = {
  list: endpoint("GET /api/2.0/secrets/list", { items: "secrets" }),
  listScopes: endpoint("GET /api/2.0/secrets/scopes/list", { items: "scopes" }),
  put: endpoint("POST /api/2.0/secrets/put", { repeatable: true, secrets: ["string_value", "bytes_value"] }),
  delete: endpoint("POST /api/2.0/secrets/delete", { repeatable: true }),
};

/** The declaration of kind DatabricksSecret. */
export const databricksSecret = defineResource<z.infer<typeof Spec>, Desired, Observed>({
  kind: "DatabricksSecret",
  plural: "databrickssecrets",
  singular: "databrickssecret",
  shortNames: ["dbsecret"],
  noun: "secret",
  description: "The keys of a Kubernetes Secret, copied into a Databricks scope",
  identity: "natural",
  spec: Spec,
  observed: Observed,
  comparableSchema: z.object({ scope: z.string() }),
  desiredPath: "spec",
  passesOn: [],
  fields: { immutable: ["scope"] },
  endpoints,
  external: {
    observe,
    find: async (workspace, intent) => {
      const observed = await observe(workspace, intent.desired.scope);
      return observed === undefined ? [] : [{ id: observed.scope, observed }];
    },
    isListed: async (workspace, id) => {
      const names = await namesOf(workspace);
      if (names.has(id)) return true;
      const alike = [...names].find((name) => name.toLowerCase() === id.toLowerCase());
      if (alike === undefined) return false;
      // It is the same scope, unless Databricks has a scope of one name and not of the other.
      return await observe(workspace, alike) === undefined || await observe(workspace, id) !== undefined;
    },
    areDistinct: async (workspace, one, other) => {
      const names = await namesOf(workspace);
      return names.has(one) && names.has(other);
    },
  },
  parts: {
    noun: "key",
    holder: scopeHolder,
    exclusive: false,
    writeOnly: true,
    desired: ({ values }) => values,
    observed: ({ secrets }) =>
      Object.fromEntries(
        secrets.map(({ key, last_updated_timestamp }) => [key, { stamp: String(last_updated_timestamp) }]),
      ),
    put: async (workspace, scope, key, value) => {
      await workspace.call(endpoints.put, { scope, key, ...encode(value as Uint8Array) });
    },
    delete: async (workspace, scope, key) => {
      await workspace.tryCall(endpoints.delete, { scope, key });
    },
    // The documentation says that the names of scopes are case-insensitive, and does not mention keys.
    spelling: (key) => key.toLowerCase(),
  },
  printerColumns: [
    { name: "Scope", type: "string", jsonPath: ".spec.scope" },
    { name: "Secret", type: "string", jsonPath: ".spec.secret_name" },
    ...commonColumns,
  ],
  apiVersion: () => "2.0",
  naturalKey: ({ scope }) => scope ?? "",
  desired: (spec) => ({ scope: spec.scope ?? "" }),
  validate: (spec): SpecIssue[] => [
    ...(spec.scope ? [] : [{ path: "spec.scope", message: "is missing: name the Databricks scope" }]),
    ...(spec.secret_name ? [] : [{ path: "spec.secret_name", message: "is missing: name the Secret" }]),
  ],
  comparable: ({ scope }) => ({ scope }),
  referenceField: "spec.secret_name",
  reference: (spec) => spec.secret_name ? { name: spec.secret_name, field: "spec.secret_name" } : undefined,
  examples: [{
    title: "All keys of a Secret",
    spec: { scope: "team-secrets", secret_name: "team-secret" },
    secret: { password: "example", user: "etl" },
    needs: { scope: "team-secrets" },
  }],
});

async function namesOf(workspace: Workspace): Promise<Set<string>> {
  const pages = await Array.fromAsync(workspace.pages(endpoints.listScopes));
  return new Set(pages.flat().map(({ name }) => String(name)));
}

async function observe(workspace: Workspace, scope: string): Promise<Observed | undefined> {
  const answer = await workspace.tryCall(endpoints.list, { scope });
  return answer === undefined ? undefined : { scope, secrets: (answer.secrets ?? []) as Observed["secrets"] };
}

/** Text is sent as text, so that notebooks read it unchanged; other content is sent as bytes. */
function encode(value: Uint8Array): { string_value: string } | { bytes_value: string } {
  try {
    return { string_value: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(value) };
  } catch {
    return { bytes_value: Buffer.from(value).toString("base64") };
  }
}
