import assert from "node:assert/strict";
import { asker } from "../ask.ts";
import { MockWorkspace } from "../workspace.ts";

const me = "GET /api/2.0/preview/scim/v2/Me";

async function requestToken(
  { transport, host }: MockWorkspace,
  form: Record<string, string>,
  headers: Record<string, string> = {},
  // deno-lint-ignore no-explicit-any
): Promise<{ status: number; body: any }> {
  const body = new URLSearchParams(form);
  const response = await transport.send(new Request(`${host}/oidc/v1/token`, { method: "POST", body, headers }));
  return { status: response.status, body: await response.json() };
}

Deno.test("a client's token is valid for an hour of the workspace's clock", async () => {
  let now = 0;
  const workspace = new MockWorkspace({ now: () => now, clients: { sp: "secret" } });
  const basic = { authorization: `Basic ${btoa("sp:secret")}` };
  const { body } = await requestToken(workspace, { grant_type: "client_credentials", scope: "all-apis" }, basic);
  assert.deepEqual([body.token_type, body.expires_in], ["Bearer", 3600]);
  const ask = asker(workspace, body.access_token);
  assert.equal((await ask(me)).body.userName, "sp");
  now += 3_599_999;
  assert.equal((await ask(me)).status, 200);
  now += 1;
  assert.equal((await ask(me)).status, 401);
});

Deno.test("a wrong client is rejected with an OAuth error", async () => {
  const workspace = new MockWorkspace({ clients: { sp: "secret" } });
  for (const pair of ["sp:wrong", "toString:", "no"]) {
    const basic = { authorization: `Basic ${btoa(pair)}` };
    const { status, body } = await requestToken(workspace, { grant_type: "client_credentials" }, basic);
    assert.deepEqual([status, body.error], [401, "invalid_client"]);
  }
  const other = await requestToken(workspace, { grant_type: "password" });
  assert.deepEqual([other.status, other.body.error], [400, "unsupported_grant_type"]);
});

Deno.test("a federated token is exchanged for a token of its client", async () => {
  const workspace = new MockWorkspace({ subjectTokens: { jwt: "sp" } });
  const form = {
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    subject_token: "jwt",
    client_id: "sp",
  };
  const { body } = await requestToken(workspace, form);
  assert.equal((await asker(workspace, body.access_token)(me)).body.userName, "sp");
  for (const wrong of [{ subject_token: "x" }, { client_id: "other" }, { subject_token_type: "x" }]) {
    assert.equal((await requestToken(workspace, { ...form, ...wrong })).status, 400);
  }
});

Deno.test("discovery returns the token endpoint", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace, "");
  const { body } = await ask("GET /.well-known/databricks-config");
  const path = new URL(body.oidc_endpoint).pathname;
  const found = await ask(`GET ${path}/.well-known/oauth-authorization-server`);
  assert.equal(found.body.token_endpoint, `${workspace.host}/oidc/v1/token`);
});
