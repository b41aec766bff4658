import assert from "node:assert/strict";
import { certificate } from "../../../mock/certificate.ts";
import { MockWorkspace } from "../../../mock/databricks/workspace.ts";
import { clientOver } from "../../../tests/support/clients.ts";
import { FakeClock } from "../../base/clock_fake.ts";
import { endpoint } from "../../resource.ts";
import { CredentialsError, type CredentialsOptions } from "../auth.ts";
import { readSignIn, type SignIn } from "./method.ts";
import { TokenEndpoints } from "./token_endpoint.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function read(
  { secret = {}, configMap = {} }: { secret?: Record<string, string>; configMap?: Record<string, string> },
  options?: CredentialsOptions,
): SignIn {
  const all = { host: "https://x.example", token: "t", ...secret };
  const data = Object.fromEntries(Object.entries(all).map(([key, text]) => [key, bytes(text)]));
  return readSignIn({ secret: data, configMap }, options);
}

function problem(...args: Parameters<typeof read>): string {
  try {
    read(...args);
    return "";
  } catch (error) {
    assert.ok(error instanceof CredentialsError, String(error));
    return error.message;
  }
}

Deno.test("a private CA is read from the ConfigMap and from the Secret, and without one nothing changes", async () => {
  const { ca } = await certificate();
  for (const where of ["secret", "configMap"]) {
    assert.deepEqual(read({ [where]: { "ca.crt": ca } }).network, { caCerts: [ca.trim()] });
  }
  assert.equal(read({}).network, undefined);
  assert.equal(read({ configMap: { "ca.crt": "", proxy: "" } }).network, undefined);
});

Deno.test("an unusable ca.crt is reported, and a private key in it is rejected", async () => {
  const { key, ca } = await certificate();
  const reasons: [string, RegExp][] = [
    ["MIIB...", /^key "ca.crt" holds no certificate: write it as PEM/],
    [
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
      /^key "ca.crt" holds a certificate that cannot be read/,
    ],
    [`${ca}${key}`, /^key "ca.crt" holds a private key: put only certificates there/],
  ];
  for (const [text, reason] of reasons) assert.match(problem({ configMap: { "ca.crt": text } }), reason);
});

Deno.test("a proxy with a password is read from the Secret, and rejected in the ConfigMap without repeating the password", () => {
  assert.deepEqual(read({ configMap: { proxy: "http://proxy.corp:3128" } }).network, {
    proxy: { url: "http://proxy.corp:3128/" },
  });
  assert.deepEqual(read({ secret: { proxy: "http://team:p%40ss@proxy.corp:3128" } }).network, {
    proxy: { url: "http://proxy.corp:3128/", basicAuth: { username: "team", password: "p@ss" } },
  });
  const message = problem({ configMap: { proxy: "http://team:hunter2@proxy.corp" } });
  assert.match(message, /^key "proxy" in the ConfigMap holds a user or password .*: move it to the Secret/);
  assert.ok(!message.includes("hunter2"));
});

Deno.test("a proxy's password that is not percent-encoded is rejected with this reason, without repeating it", () => {
  const message = problem({ secret: { proxy: "http://team:100%hunter2@proxy.corp:3128" } });
  assert.match(message, /^key "proxy" holds a user or password that is not percent-encoded: write % as %25/);
  assert.doesNotMatch(message, /hunter2/);
});

Deno.test("a proxy on the operator's own machine or a metadata service is rejected", () => {
  for (const proxy of ["http://169.254.169.254", "http://metadata.google.internal", "http://127.0.0.1:1"]) {
    assert.match(problem({ configMap: { proxy } }), /^key "proxy" is an address at which no proxy may be/, proxy);
  }
  for (const proxy of ["proxy.corp:3128", "ftp://proxy.corp", "nonsense"]) {
    assert.match(problem({ configMap: { proxy } }), /^key "proxy" is not the address of a proxy/, proxy);
  }
  assert.equal(problem({ configMap: { proxy: "http://127.0.0.1:1" } }, { allowLoopback: true }), "");
});

Deno.test("two workspaces of one host are kept apart, and each call names its workspace", async () => {
  const [one, other] = ["1234567890123456", "77"].map((workspace_id) => read({ configMap: { workspace_id } }).host);
  assert.equal(one, "https://x.example/?o=1234567890123456");
  assert.notEqual(one, other);
  assert.match(problem({ configMap: { workspace_id: "prod" } }), /^key "workspace_id" is no number: take the digits/);
  const sent: Request[] = [];
  const send = (request: Request) => {
    sent.push(request);
    return Promise.resolve(new Response("{}"));
  };
  await clientOver({ send }, { host: one! }).call(endpoint("GET /api/2.2/jobs/list"));
  await clientOver({ send }, { host: "https://x.example" }).call(endpoint("GET /api/2.2/jobs/list"));
  assert.deepEqual(sent.map(({ url, headers }) => [url, headers.get("x-databricks-workspace-id")]), [
    ["https://x.example/api/2.2/jobs/list", "1234567890123456"],
    ["https://x.example/api/2.2/jobs/list", null],
  ]);
});

/** The token endpoint of a workspace whose host gives these answers. */
async function endpointOf(host: string, answers: Record<string, unknown>): Promise<string> {
  const send = (request: Request) => {
    const found = answers[new URL(request.url).pathname];
    return Promise.resolve(found === undefined ? new Response("", { status: 404 }) : Response.json(found));
  };
  const endpoints = new TokenEndpoints({ transport: () => ({ send }), clock: new FakeClock(), userAgent: "test" });
  return (await endpoints.ofWorkspace(host)).href;
}

Deno.test("a host of several workspaces is asked for its account's token endpoint; another host is not", async () => {
  const root = "https://x.example/oidc/accounts/{account_id}";
  const token_endpoint = "https://x.example/oidc/accounts/acc-1/v1/token";
  const answers = {
    "/.well-known/databricks-config": { oidc_endpoint: root, account_id: "acc-1" },
    "/oidc/accounts/acc-1/.well-known/oauth-authorization-server": { token_endpoint },
  };
  assert.equal(await endpointOf("https://x.example/?o=7", answers), token_endpoint);
  assert.equal(await endpointOf("https://x.example/?o=7", {}), "https://x.example/oidc/v1/token");
  assert.equal(await endpointOf("https://x.example", answers), "https://x.example/oidc/v1/token");
  const workspace = new MockWorkspace();
  const endpoints = new TokenEndpoints({
    transport: () => workspace.transport,
    clock: new FakeClock(),
    userAgent: "test",
  });
  assert.equal((await endpoints.ofWorkspace(`${workspace.host}/?o=7`)).href, `${workspace.host}/oidc/v1/token`);
});

Deno.test("no secret is sent to a token endpoint on a metadata service", async () => {
  await assert.rejects(
    endpointOf("https://x.example/?o=7", {
      "/.well-known/databricks-config": { oidc_endpoint: "http://169.254.169.254/latest" },
    }),
    /names a token endpoint at "169\.254\.169\.254", where no Databricks is/,
  );
});
