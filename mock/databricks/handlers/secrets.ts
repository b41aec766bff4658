/**
 * `/api/2.0/secrets`.
 *
 * @module
 */
import { decodeBase64, encodeBase64 } from "../../base64.ts";
import type { HttpHandler } from "msw/http";
import type { Auth } from "../auth.ts";
import type { Doubts } from "../doubts.ts";
import { ApiError, invalid, malformed, notFound } from "../errors.ts";
import { inOrder } from "../paging.ts";
import type { Scope, Secrets } from "../secrets.ts";
import { type Answer, type Call, endpoint, listAnswer, type Query } from "./endpoint.ts";

const root = "/api/2.0/secrets";

function required(body: Call["body"], field: string): string {
  const value = body[field];
  if (typeof value !== "string" || value === "") throw invalid(`Missing required field: ${field}`);
  return value;
}

function asked(query: Query, field: string): string {
  return required({ [field]: query.text(field) }, field);
}

function createScope(secrets: Secrets, auth: Auth): Answer {
  return ({ body, request }) => {
    const { initial_manage_principal: manager, scope_backend_type: backend, backend_azure_keyvault: keyvault } = body;
    if (manager !== undefined && manager !== "users") {
      throw new ApiError(400, "BAD_REQUEST", 'initial_manage_principal can only be "users"');
    }
    if (backend === "AZURE_KEYVAULT" && !keyvault) throw invalid("Missing required field: backend_azure_keyvault");
    secrets.addScope(required(body, "scope"), { backend, keyvault, manager: manager ?? auth.user(request) });
  };
}

function readValue({ string_value: text, bytes_value: bytes }: Call["body"]): string | Uint8Array {
  if ((text === undefined) === (bytes === undefined)) {
    throw malformed("Exactly one of string_value and bytes_value must be specified");
  }
  if (text !== undefined) return String(text);
  try {
    return decodeBase64(bytes);
  } catch {
    throw malformed("bytes_value is not base64");
  }
}

function getSecret(secrets: Secrets): Answer {
  return ({ query }) => {
    const [scope, key] = [asked(query, "scope"), asked(query, "key")];
    secrets.keys(scope); // An unknown scope and an unknown key have different errors.
    const value = secrets.value(scope, key);
    if (!value) throw notFound(`Failed to find secret ${key} in scope ${scope}`);
    return { key, value: encodeBase64(value) };
  };
}

/** A scope in the list's format. */
function shown({ backend_type, keyvault_metadata, ...rest }: Scope, doubts: Doubts): Record<string, unknown> {
  const isTold = doubts.scopeBackend === "yes" || backend_type !== "DATABRICKS";
  const { tenant_id, ...vault } = (keyvault_metadata ?? {}) as Record<string, unknown>;
  const tenant = doubts.keyVaultTenant === "yes" && tenant_id !== undefined ? { tenant_id } : {};
  return {
    ...rest,
    ...(isTold && { backend_type }),
    ...(keyvault_metadata !== undefined && { keyvault_metadata: { ...vault, ...tenant } }),
  };
}

function scopeHandlers(secrets: Secrets, auth: Auth, doubts: Doubts): HttpHandler[] {
  return [
    endpoint("get", `${root}/scopes/list`, () => {
      const scopes = inOrder(secrets.scopes(), doubts, (scope) => scope.name);
      return listAnswer("scopes", scopes.map((scope) => shown(scope, doubts)), doubts);
    }),
    endpoint("post", `${root}/scopes/create`, createScope(secrets, auth)),
    endpoint("post", `${root}/scopes/delete`, ({ body }) => secrets.removeScope(required(body, "scope"))),
  ];
}

function secretHandlers(secrets: Secrets, doubts: Doubts): HttpHandler[] {
  return [
    endpoint("get", `${root}/list`, ({ query }) => {
      return listAnswer("secrets", inOrder(secrets.keys(asked(query, "scope")), doubts, ({ key }) => key), doubts);
    }),
    endpoint("get", `${root}/get`, getSecret(secrets)),
    endpoint("post", `${root}/put`, ({ body }) => {
      secrets.put(required(body, "scope"), required(body, "key"), readValue(body));
    }),
    endpoint("post", `${root}/delete`, ({ body }) => secrets.remove(required(body, "scope"), required(body, "key"))),
  ];
}

function aclHandlers(secrets: Secrets, doubts: Doubts): HttpHandler[] {
  return [
    endpoint("get", `${root}/acls/list`, ({ query }) => {
      const acls = inOrder(secrets.acls(asked(query, "scope")), doubts, ({ principal }) => principal);
      return listAnswer("items", acls, doubts);
    }),
    endpoint("get", `${root}/acls/get`, ({ query }) => {
      const [scope, principal] = [asked(query, "scope"), asked(query, "principal")];
      const acl = secrets.acls(scope).find((item) => item.principal === principal);
      if (!acl) throw notFound(`No ACL of ${principal} for scope ${scope}`);
      return acl;
    }),
    endpoint("post", `${root}/acls/put`, ({ body }) => {
      secrets.putAcl(required(body, "scope"), required(body, "principal"), body.permission);
    }),
    endpoint("post", `${root}/acls/delete`, ({ body }) => {
      secrets.removeAcl(required(body, "scope"), required(body, "principal"));
    }),
  ];
}

/** The handlers of the Secrets API. */
export function secretsHandlers(secrets: Secrets, auth: Auth, doubts: Doubts): HttpHandler[] {
  return [
    ...scopeHandlers(secrets, auth, doubts),
    ...secretHandlers(secrets, doubts),
    ...aclHandlers(secrets, doubts),
  ];
}
