import assert from "node:assert/strict";
import { CredentialsError, type CredentialsOptions } from "../auth.ts";
import { type Method, readSignIn, type SignIn } from "./method.ts";

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
    "an Entra application whose tenant the workspace names",
    { azure_client_secret: "s", azure_client_id: "id" },
    {},
    { type: "azure-client-secret", clientId: "id", tenantId: undefined, clientSecret: "s", resourceId: undefined },
  ],
  [
    "a token beside remaining Entra keys",
    { token: "t", azure_client_secret: "s", azure_client_id: "id" },
    {},
    { type: "pat", token: "t" },
  ],
  [
    "Entra Workload ID, by name",
    {},
    { auth_type: "azure-workload-identity" },
    { type: "azure-workload-identity", tenantId: undefined, ...none },
  ],
  ["a managed identity", {}, { azure_use_msi: "true" }, { type: "azure-msi", ...none }],
  [
    "auth_type, with two methods",
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
    "two methods without auth_type",
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
  Deno.test(`sign-in rejects ${what}, with a remedy`, () => {
    assert.throws(() => methodOf(secret, configMap), (error) => {
      assert.ok(error instanceof CredentialsError);
      assert.match(error.message, message);
      assert.ok(!/s3cret|a\nb/.test(error.message), "the value is not repeated");
      return true;
    });
  });
}

Deno.test("sign-in: with the address in the ConfigMap no Secret is needed", () => {
  const configMap = { host: HOST, client_id: "id", service_account: "etl" };
  assert.equal(readSignIn({ configMap }).host, HOST);
});

/** The data of an API Secret. */
function secret(url: string, token = "dapi123"): Record<string, Uint8Array> {
  return bytes({ databricks_url: url, access_token: token });
}

function read(data: Record<string, Uint8Array>, options: CredentialsOptions = {}): SignIn {
  return readSignIn({ secret: data }, options);
}

function tokenOf({ method }: SignIn): string {
  return method.type === "pat" ? method.token : assert.fail(method.type);
}

/** The message of the error that {@link readSignIn} throws. */
function problem(data: Record<string, Uint8Array>, options: CredentialsOptions = {}): string {
  try {
    read(data, options);
  } catch (error) {
    assert.ok(error instanceof CredentialsError, String(error));
    return error.message;
  }
  return "";
}

Deno.test("databricks_url is a workspace's origin, with or without a path or trailing slash", () => {
  const table: [url: string, host: string][] = [
    ["https://adb-1.azuredatabricks.net/api", "https://adb-1.azuredatabricks.net"],
    ["https://adb-1.azuredatabricks.net/api/", "https://adb-1.azuredatabricks.net"],
    ["https://adb-1.azuredatabricks.net/", "https://adb-1.azuredatabricks.net"],
    ["https://adb-1.azuredatabricks.net", "https://adb-1.azuredatabricks.net"],
    ["  https://dbc-a1.cloud.databricks.com \n", "https://dbc-a1.cloud.databricks.com"],
    ["HTTPS://DBC-A1.Cloud.Databricks.com", "https://dbc-a1.cloud.databricks.com"],
    ["https://proxy.example.com:8443/api", "https://proxy.example.com:8443"],
    ["http://localhost:8099/api", "http://localhost:8099"],
    ["http://127.0.0.1:8099", "http://127.0.0.1:8099"],
    ["http://[::1]:8099", "http://[::1]:8099"],
  ];
  for (const [url, host] of table) {
    assert.deepEqual(
      read(secret(url), { allowLoopback: true }),
      { host, method: { type: "pat", token: "dapi123" }, warnings: [] },
      url,
    );
  }
});

Deno.test("a databricks_url that is not a workspace is rejected with a remedy", () => {
  const table: [url: string, message: RegExp][] = [
    ["adb-1.azuredatabricks.net", /has no scheme/],
    ["ftp://adb-1.azuredatabricks.net", /has no scheme/],
    ["file:///etc/passwd", /has no scheme/],
    ["https://", /is not a URL/],
    ["https://a b", /is not a URL/],
    ["https://host:99999", /is not a URL/],
    ["https://host/?o=123", /more than a host name: write it as https:\/\/host$/],
    ["https://host/#job/1", /more than a host name/],
    ["https://host/api/2.0", /more than a host name/],
    ["https://host/apis", /more than a host name/],
    ["http://169.254.169.254/api", /link-local/],
    ["http://[fe80::1]", /link-local/],
    ["http://[feBF::1]", /link-local/],
    ["http://[::ffff:169.254.169.254]", /link-local/],
    ["http://[64:ff9b::169.254.169.254]", /link-local/],
    ["http://0xa9fea9fe", /link-local/],
    ["http://2852039166", /link-local/],
    ["https://[FEBF::1]", /link-local/],
    ["https://2852039166", /link-local/],
    ["https://0xa9.254.43518", /link-local/],
    ["https://[::ffff:169.254.169.254]", /link-local/],
    ["https://metadata.google.internal./api", /metadata service/],
    ["https://100.100.100.200", /metadata service/],
    ["https://[fd00:ec2:0::254]", /metadata service/],
    ["https://good@evil.example.com", /user or password before "@"/],
    ["https://adb-1.azuredatabricks.net\\@evil.example.com", /more than a host name/],
  ];
  for (const [url, message] of table) assert.match(problem(secret(url)), message, url);
});

Deno.test("the user and password of a URL appear in no error", () => {
  for (const url of ["https://user:hunter2@host", "https://user:hunter2@host/api/2.0", "https://hunter2@host:99999"]) {
    const message = problem(secret(url));
    assert.notEqual(message, "");
    assert.ok(!message.includes("hunter2"), message);
  }
  assert.match(problem(secret("https://user:hunter2@host")), /user or password before "@": remove it/);
});

Deno.test("plain http to another machine is accepted with a warning", () => {
  const { host, warnings } = read(secret("http://proxy.internal:8080/api"));
  assert.equal(host, "http://proxy.internal:8080");
  assert.deepEqual(warnings, [
    'databricks_url "http://proxy.internal:8080" is not https: the token travels unencrypted',
  ]);
});

Deno.test("access_token is read without a trailing newline", () => {
  assert.equal(tokenOf(read(secret("https://host", " dapi123\r\n"))), "dapi123");
});

Deno.test("an access_token that cannot be a token is rejected, and is not in the error", () => {
  for (const token of ["two words", "line\nbreak", "tökén", "a\u0000b", "“dapi”"]) {
    const message = problem(secret("https://host", token));
    assert.match(message, /^key "access_token" holds characters/);
    assert.ok(!message.includes(token));
  }
});

Deno.test("the error for a missing, empty or non-text key names it", () => {
  for (const key of ["databricks_url", "access_token"]) {
    const { [key]: _removed, ...rest } = secret("https://host");
    assert.match(problem(rest), new RegExp(`^key "${key}".* is missing: add it`));
    assert.equal(problem({ ...rest, ...bytes({ [key]: " \n" }) }), `key "${key}" is empty: fill it in`);
    assert.match(problem({ ...rest, [key]: new Uint8Array([0xff, 0xfe]) }), new RegExp(`^key "${key}" is not UTF-8`));
  }
});

Deno.test("a workspace on the operator's own machine is rejected unless a flag allows it", () => {
  const urls = [
    "http://localhost:8099",
    "http://LOCALHOST.:8099",
    "http://mock.localhost",
    "http://127.1",
    "http://2130706433",
    "http://0.0.0.0",
    "http://[::1]",
    "http://[::]",
    "http://[::ffff:127.0.0.1]",
  ];
  for (const url of urls) {
    assert.match(problem(secret(url)), /own machine: .* run with --allow-loopback$/, url);
    assert.equal(problem(secret(url), { allowLoopback: true }), "", url);
  }
});
