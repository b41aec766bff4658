import assert from "node:assert/strict";
import { CredentialsError } from "../auth.ts";
import { type Method, readSignIn } from "./method.ts";

const HOST = "https://x.cloud.databricks.com";

function bytes(data: Record<string, string>): Record<string, Uint8Array> {
  return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, new TextEncoder().encode(text)]));
}

function methodOf(secret: Record<string, string>, configMap: Record<string, string> = {}): Method {
  return readSignIn({ secret: bytes({ databricks_url: HOST, ...secret }), configMap }).method;
}

const none = { clientId: undefined, resourceId: undefined };
const ways: readonly [string, Record<string, string>, Record<string, string>, Method][] = [
  ["the predecessor's token", { access_token: "t" }, {}, { type: "pat", token: "t" }],
  ["the SDK's token", { token: "t\n" }, {}, { type: "pat", token: "t" }],
  [
    "a client and its secret",
    { client_id: "id", client_secret: "s" },
    {},
    { type: "oauth-m2m", clientId: "id", clientSecret: "s" },
  ],
  [
    "a client in the ConfigMap, and its secret in the Secret",
    { client_secret: "s" },
    { client_id: "id" },
    { type: "oauth-m2m", clientId: "id", clientSecret: "s" },
  ],
  [
    "a ServiceAccount of the namespace",
    {},
    { client_id: "id", service_account: "etl", audience: "databricks" },
    { type: "file-oidc", clientId: "id", serviceAccount: "etl", audience: "databricks" },
  ],
  [
    "the operator's own identity, by name",
    {},
    { client_id: "id", auth_type: "file-oidc" },
    { type: "file-oidc", clientId: "id", serviceAccount: undefined, audience: undefined },
  ],
  [
    "an Entra application and its secret",
    { azure_client_secret: "s" },
    { azure_client_id: "id", azure_tenant_id: "t", azure_workspace_resource_id: "/r" },
    { type: "azure-client-secret", clientId: "id", tenantId: "t", clientSecret: "s", resourceId: "/r" },
  ],
  [
    "Entra Workload ID, by name",
    {},
    { auth_type: "azure-workload-identity" },
    { type: "azure-workload-identity", tenantId: undefined, ...none },
  ],
  ["a managed identity", {}, { azure_use_msi: "true" }, { type: "azure-msi", ...none }],
  [
    "auth_type, where two ways are there",
    { token: "t", client_id: "id", client_secret: "s" },
    { auth_type: "pat" },
    { type: "pat", token: "t" },
  ],
];

for (const [what, secret, configMap, method] of ways) {
  Deno.test(`sign-in: ${what}`, () => assert.deepEqual(methodOf(secret, configMap), method));
}

const mistakes: readonly [string, Record<string, string>, Record<string, string>, RegExp][] = [
  ["nothing", {}, {}, /key "access_token" is missing: add it$/],
  [
    "two ways, and no auth_type",
    { token: "t", client_id: "id", client_secret: "s" },
    {},
    /more than one way to sign in is configured: pat \(token\) and oauth-m2m \(client_id, client_secret\): keep .*auth_type/,
  ],
  [
    "a client without a secret",
    { client_id: "id" },
    {},
    /key "client_secret" is missing: add it, or set auth_type: "file-oidc"/,
  ],
  [
    "a secret in the ConfigMap",
    {},
    { client_secret: "s3cret" },
    /"client_secret" stands in the ConfigMap.*move it to the Secret/,
  ],
  [
    "two hosts",
    { host: "https://y.cloud.databricks.com" },
    {},
    /"host" \(Secret\) and "databricks_url" \(Secret\) say different/,
  ],
  [
    "another auth_type",
    { token: "t" },
    { auth_type: "basic" },
    /auth_type: "basic" is no way to sign in .*use one of pat, oauth-m2m/,
  ],
  [
    "an auth_type without its keys",
    { token: "t" },
    { auth_type: "oauth-m2m" },
    /"oauth-m2m" needs "client_id", "client_secret"/,
  ],
  ["an empty token", { token: " " }, {}, /key "token" is empty: fill it in/],
  ["a token of several lines", { access_token: "a\nb" }, {}, /key "access_token" holds characters that no token has/],
];

for (const [what, secret, configMap, message] of mistakes) {
  Deno.test(`sign-in refuses ${what}, and says what to do`, () => {
    assert.throws(() => methodOf(secret, configMap), (error) => {
      assert.ok(error instanceof CredentialsError);
      assert.match(error.message, message);
      assert.ok(!/s3cret|a\nb/.test(error.message), "the value is not repeated");
      return true;
    });
  });
}

Deno.test("sign-in: the address may stand in the ConfigMap, so that no Secret is needed", () => {
  const configMap = { host: HOST, client_id: "id", service_account: "etl" };
  assert.equal(readSignIn({ configMap }).host, HOST);
});
