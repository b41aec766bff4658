/**
 * Refusals of token endpoints, and invalid endpoints: each is named in the error, and nothing secret is sent or shown.
 */
import assert from "node:assert/strict";
import type { JSONWebKeySet } from "jose";
import { listen } from "../mock/served.ts";
import { settle } from "../src/base/clock_fake.ts";
import { DatabricksError, UnauthenticatedError } from "../src/databricks/errors.ts";
import type { Method } from "../src/databricks/sign_in/method.ts";
import { OWN_TOKEN } from "../src/databricks/sign_in/token_source.ts";
import { httpTransport } from "../src/databricks/call/transport.ts";
import { inTime } from "./support/clients.ts";
import { failure, federated, M2M, Stage } from "./support/sign_in_stage.ts";

/** Defects of a federated token, and the errors of the endpoint. */
const refusals: readonly [string, (stage: Stage) => Promise<Method>, RegExp][] = [
  ["another audience", async (stage) => {
    await stage.trust("sp-1", "etl", "another");
    return federated();
  }, /aud is not as the policy says/],
  ["a policy that was removed", () => Promise.resolve(federated()), /No federation policy of client sp-1/],
  ["keys that were rotated", async (stage) => {
    await stage.trust("sp-1", "etl");
    const [policy] = stage.workspace.auth.policies.splice(0);
    const { publicKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
      "sign",
      "verify",
    ]) as CryptoKeyPair;
    const key = { ...await crypto.subtle.exportKey("jwk", publicKey), kid: "new", alg: "ES256" };
    stage.workspace.auth.policies.push({ ...policy!, jwks: { keys: [key as JSONWebKeySet["keys"][number]] } });
    return federated();
  }, /signature is not by a key of the policy/],
  ["an issuer that no policy names", async (stage) => {
    await stage.trust("sp-1", "etl");
    const [policy] = stage.workspace.auth.policies.splice(0);
    stage.workspace.auth.policies.push({ ...policy!, issuer: "https://another.example" });
    return federated();
  }, /No federation policy fits issuer https:\/\/kubernetes\.default\.svc\.cluster\.local/],
  ["a token that has ended", async (stage) => {
    await stage.trust("sp-1", "operator");
    stage.files.set(OWN_TOKEN, await stage.serviceAccountToken("operator", ["databricks"]));
    await stage.clock.advance(3_600_001);
    return federated({ serviceAccount: undefined });
  }, /The token has expired/],
];

for (const [what, set, said] of refusals) {
  Deno.test(`federation is rejected for ${what}, with OAuth's error, and the token is not shown`, async () => {
    const stage = new Stage();
    const error = await failure(stage.source(await set(stage)));
    assert.ok(error instanceof UnauthenticatedError, String(error));
    assert.match(error.message, said);
    assert.ok(!/eyJ/.test(`${error.message} ${error.failure.remedy}`), error.message);
  });
}

for (const refusedSignIn of ["OAuth's error", "Databricks' error", "401 without a message"] as const) {
  Deno.test(`a rejection in the form of ${refusedSignIn} is recognized, with its remedy, and is not retried`, async () => {
    const stage = new Stage({ clients: { "sp-1": "another" }, doubts: { refusedSignIn } });
    const errors = [await failure(stage.source(M2M)), await failure(stage.source(federated()))];
    for (const error of errors) assert.ok(error instanceof UnauthenticatedError, String(error));
    const [wrong, untrusted] = errors.map((error) => (error as UnauthenticatedError).failure.remedy ?? "");
    assert.match(wrong ?? "", /is the secret of this service principal, and not expired/);
    assert.match(untrusted ?? "", /has a federation policy with issuer/);
    assert.equal(stage.signIns(), 2);
  });
}

for (const [hours, said] of [[-1, /the token is not valid yet/], [2, /the token has ended/]] as const) {
  Deno.test(`a clock that is ${hours} h ahead at the token endpoint is named as the cause`, async () => {
    const stage = new Stage({ aheadMs: hours * 3_600_000 });
    await stage.trust("sp-1", "etl");
    const error = await failure(stage.source(federated()));
    assert.ok(error instanceof UnauthenticatedError, String(error));
    assert.match(error.failure.remedy ?? "", said);
    assert.match(error.failure.remedy ?? "", /set the clock of the cluster's control plane right/);
  });
}

Deno.test("the lifetime of a token is measured by elapsed time, whatever both clocks show", async () => {
  const stage = new Stage({
    aheadMs: 86_400_000,
    clients: { "sp-1": "s3cret-of-the-client" },
  });
  const source = stage.source(M2M);
  for (let minute = 0; minute < 120; minute++) {
    assert.equal(await stage.ask(await source.headers()), 200, `minute ${minute}`);
    await settle();
    await stage.clock.advance(60_000);
  }
  assert.equal(stage.signIns(), 3);
});

Deno.test("a redirect of a token endpoint is not followed", async () => {
  const elsewhere: string[] = [];
  const thief = await listen(async (request) => {
    elsewhere.push(`${request.method} ${request.url} ${await request.text()}`);
    return Response.json({ access_token: "t", token_type: "bearer" });
  }, { hostname: "127.0.0.1" });
  await using _thief = { [Symbol.asyncDispose]: thief.close };
  for (const status of [302, 307, 308]) {
    const location = `http://127.0.0.1:${thief.port}/oidc/v1/token`;
    const answer = () => Promise.resolve(new Response(null, { status, headers: { location } }));
    const served = await listen(answer, { hostname: "127.0.0.1" });
    await using _served = { [Symbol.asyncDispose]: served.close };
    const host = `http://127.0.0.1:${served.port}`;
    const stage = new Stage();
    const options = { transport: () => httpTransport(), allowLoopback: true };
    assert.match((await failure(stage.source(M2M, options, host))).message, /no answer of a token endpoint/);
  }
  assert.deepEqual(elsewhere, []);
});

Deno.test("a workspace with TLS cannot lead the sign-in to an endpoint without it", async () => {
  const stage = new Stage({ clients: { "sp-1": "s3cret-of-the-client" } });
  const body = { issuer: "x", token_endpoint: "http://login.example/token" };
  stage.workspace.faults.add({ match: /oauth-authorization-server/, body });
  assert.match((await failure(stage.source(M2M))).message, /names a token endpoint at "login\.example", without TLS/);
  assert.equal(stage.signIns(), 0);
});

Deno.test("an endless response of a token endpoint does not fill the memory", async () => {
  const chunk = new Uint8Array(65_536).fill(32);
  let sent = 0;
  const send = () =>
    Promise.resolve(
      new Response(
        new ReadableStream<Uint8Array>({
          pull(controller) {
            sent += chunk.length;
            if (sent > 64 * 2 ** 20) controller.error(new Error("it was read on and on"));
            else controller.enqueue(chunk);
          },
        }),
      ),
    );
  const stage = new Stage();
  const error = await inTime(stage.clock, failure(stage.source(M2M, { transport: () => ({ send }) })));
  assert.match(error.message, /the answer is longer than 1048576 bytes/);
  assert.ok(sent < 32 * 2 ** 20, `${sent} bytes were read`);
});

Deno.test("a token that cannot be a header value is rejected, and is not shown", async () => {
  const stage = new Stage({ clients: { "sp-1": "s3cret-of-the-client" } });
  const body = { access_token: "t0k3n-of\nsomebody", token_type: "bearer" };
  stage.workspace.faults.add({ match: /oidc\/v1\/token/, body });
  const error = await failure(stage.source(M2M));
  assert.match(error.message, /its token holds characters that no token has/);
  assert.doesNotMatch(error.message, /t0k3n/);
});

Deno.test("a wrong secret is rejected immediately with OAuth's error, and is not shown", async () => {
  const stage = new Stage({ clients: { "sp-1": "another" } });
  const error = await failure(stage.source(M2M));
  assert.ok(error instanceof UnauthenticatedError);
  assert.match(error.message, /401 invalid_client: Client authentication failed/);
  assert.ok(!error.message.includes("s3cret"));
  assert.equal(stage.signIns(), 1);
});

Deno.test("a workspace cannot lead the sign-in to a cloud's metadata service", async () => {
  const stage = new Stage({ clients: { "sp-1": "s3cret-of-the-client" } });
  const body = { issuer: "x", token_endpoint: "http://169.254.169.254/token" };
  stage.workspace.faults.add({ match: /oauth-authorization-server/, body });
  assert.match((await failure(stage.source(M2M))).message, /names a token endpoint at "169\.254\.169\.254"/);
});

/** Servers that never answer, or stop after the headers. */
const SILENT = {
  "does not answer": ({ signal }: Request) =>
    new Promise<Response>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  "stalls in its answer": () => Promise.resolve(new Response(new ReadableStream())),
};

for (const [what, send] of Object.entries(SILENT)) {
  Deno.test(`a sign-in does not hang when the token endpoint ${what}, and says why it failed`, async () => {
    const stage = new Stage();
    const source = stage.source(M2M, { transport: () => ({ send }) });
    assert.match((await given(stage, failure(source), 200_000)).message, /no answer within 30 s/);
  });

  Deno.test(`a sign-in does not hang when the machine's metadata service ${what}, and says why it failed`, async () => {
    const stage = new Stage();
    const method: Method = { type: "azure-msi", clientId: undefined, resourceId: undefined };
    const source = stage.source(method, { transport: () => ({ send }), allowManagedIdentity: true });
    assert.match((await given(stage, failure(source), 20_000)).message, /no answer within 10 s/);
  });
}

Deno.test("an unreachable token endpoint is reported without a minute of retries", async () => {
  const stage = new Stage();
  const send = () => Promise.reject(new TypeError("client error (Connect): dns error: no such host"));
  const error = await given(stage, failure(stage.source(M2M, { transport: () => ({ send }) })), 10_000);
  assert.ok(error instanceof DatabricksError && error.transient, String(error));
  assert.match(error.failure.remedy ?? "", /check the spelling of host/);
});

/** Returns the result of a promise within this much fake time (ms). */
async function given<T>(stage: Stage, result: Promise<T>, ms: number): Promise<T> {
  let isOver = false;
  void result.finally(() => isOver = true);
  for (let passed = 0; passed < ms && !isOver; passed += 1000) await stage.clock.advance(1000);
  assert.ok(isOver, "it hangs");
  return await result;
}
