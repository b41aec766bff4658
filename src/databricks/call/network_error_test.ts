/** Why a workspace cannot be reached, with real sockets: the message names the cause and the remedy. */
import assert from "node:assert/strict";
import { certificate, make } from "../../../mock/certificate.ts";
import { clientOver } from "../../../tests/support/clients.ts";
import { freePort } from "../../../tests/support/ports.ts";
import { systemClock } from "../../base/clock.ts";
import { outcome } from "../../reconcile/object/outcome.ts";
import { endpoint } from "../../resource.ts";
import { tokenSource } from "../sign_in/token_source.ts";
import { httpTransport, type Network } from "./transport.ts";

const create = endpoint("POST /api/{jobs_api_version}/jobs/create");

/** The message in the condition for a failed call. */
async function told(host: string, network?: Network, timeoutMs = 60_000): Promise<string> {
  const http = httpTransport(host, network);
  try {
    await clientOver(http, { host, clock: systemClock, timeoutMs }).call(create);
  } catch (error) {
    return outcome(error, "Cannot create job").message;
  } finally {
    http.close?.();
  }
  return "it succeeded";
}

async function tlsServer(): Promise<{ host: string; ca: string } & AsyncDisposable> {
  const { chain, key, ca } = await certificate();
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", cert: chain, key, onListen: () => {} },
    () => new Response("{}"),
  );
  return {
    host: `https://127.0.0.1:${server.addr.port}`,
    ca,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("the error for a misspelt host says that its name has no address, not that a fetch failed", async () => {
  const message = await told("https://no-such-host.invalid");
  assert.match(message, /gave no answer to POST .*: dns error: .*; check the spelling of host \(databricks_url\)/);
  assert.doesNotMatch(message, /fetch failed|client error/);
});

Deno.test("the error for a closed port appears once, and names proxies and firewalls as possible causes", async () => {
  const message = await told(`http://127.0.0.1:${freePort()}`);
  assert.match(message, /Connection refused \(os error 111\); check the host and port.*network policies/);
});

Deno.test("the error for a certificate of an unknown authority names its issuer, and the remedy", async () => {
  await using server = await tlsServer();
  const message = await told(server.host);
  assert.match(message, /invalid peer certificate: UnknownIssuer, "CN=stand-in authority"; if that is your company's/);
  assert.match(message, /put its certificate \(PEM\) as ca\.crt into the ConfigMap or the API Secret/);
  assert.equal(await told(server.host, { caCerts: [server.ca] }), "it succeeded", "the advice works");
});

Deno.test("an authority that did not sign the certificate does not help, and does not make other ones trusted", async () => {
  await using server = await tlsServer();
  const { ca } = await make();
  assert.match(await told(server.host, { caCerts: [ca] }), /UnknownIssuer|BadSignature/);
});

Deno.test("a server without a certificate gets a message without an issuer, and does not hang the call", async () => {
  await using plain = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => new Response("{}"));
  assert.match(await told(`https://127.0.0.1:${plain.addr.port}`), /check the port, and that TLS is spoken there/);
});

Deno.test("the error for a silent host contains the time limit", async () => {
  using silent = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const message = await told(`http://127.0.0.1:${silent.addr.port}`, undefined, 200);
  assert.match(message, /no answer within 0\.2 s; check the host and port/);
});

Deno.test("the error for an unreachable token endpoint also names its cause", async () => {
  const host = `http://127.0.0.1:${freePort()}`;
  const stopping = new AbortController();
  const source = tokenSource({ host, method: { type: "oauth-m2m", clientId: "a", clientSecret: "b" }, warnings: [] }, {
    // The attempts follow each other without a wait.
    clock: { ...systemClock, monotonic: counter(), sleep: () => Promise.resolve() },
    transport: httpTransport,
    userAgent: "test",
    stopping: stopping.signal,
    readFile: () => Promise.reject(new Error("no file")),
    environment: () => undefined,
    serviceAccountToken: () => Promise.reject(new Error("no account")),
    ownIdentityProblem: () => "no",
  });
  const error = await source.headers().then(() => assert.fail("it signed in"), (error) => error);
  const { message } = outcome(error, "Cannot create job");
  assert.match(message, /Connection refused.*; check the host and port/);
  assert.doesNotMatch(message, /fetch failed/);
});

/** A clock that advances by a minute on each read. */
function counter(): () => number {
  let now = 0;
  return () => now += 60_000;
}

/** An HTTP proxy that answers plain requests, and refuses to tunnel. */
function proxyServer() {
  const asked: string[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    asked.push(`${request.method} ${request.url} ${request.headers.get("proxy-authorization")}`);
    return request.method === "CONNECT" ? new Response("no", { status: 407 }) : new Response("{}");
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  return { asked, url, [Symbol.asyncDispose]: () => server.shutdown() };
}

Deno.test("a connection's proxy gets its requests with its password, which appears in no message", async () => {
  await using proxy = proxyServer();
  const network = { proxy: { url: proxy.url, basicAuth: { username: "team", password: "s3cret-of-proxy" } } };
  assert.equal(await told("http://workspace.invalid", network), "it succeeded");
  assert.deepEqual(proxy.asked, [
    `POST http://workspace.invalid/api/2.2/jobs/create Basic ${btoa("team:s3cret-of-proxy")}`,
  ]);
  const message = await told("https://workspace.invalid", network);
  assert.match(message, /proxy auth.*; check the user and the password of proxy in the API Secret/);
  assert.doesNotMatch(message, /s3cret/);
});
