import assert from "node:assert/strict";
import { fixedToken } from "./sign_in/token_source.ts";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import {
  answer,
  clientOf,
  clientOver,
  failure,
  inTime,
  over,
  type Scripted,
  scripted,
} from "../../tests/support/clients.ts";
import { FakeClock } from "../base/clock_fake.ts";
import { type Endpoint, endpoint } from "../resource.ts";
import { databricksJob } from "../resources/databricks_job.ts";
import { ConnectionError, InvalidRequestError, NotFoundError, UnavailableError } from "./errors.ts";
import { httpTransport } from "./call/transport.ts";

const { get: read, reset } = databricksJob.endpoints as { get: Endpoint; reset: Endpoint };
const list = endpoint("GET /api/{jobs_api_version}/jobs/list", { items: "jobs" });
const create = endpoint("POST /api/{jobs_api_version}/jobs/create");
const repo = endpoint("DELETE /api/2.0/repos/{repo_id}");

const cut = new TypeError("error sending request: connection closed before message completed");

// --- Requests ---

Deno.test("an id beyond 2^53 stays exact in the path, the query, the body and the response", async () => {
  const id = 9007199254740993n;
  const { client, transport } = over(() => new Response(`{"job_id":${id}}`));
  await client.call(repo, { repo_id: id });
  assert.equal((await client.call(read, { job_id: id })).job_id, id);
  await client.call(create, { job_id: id });
  assert.deepEqual(transport.requests.map(({ url }) => new URL(url).pathname + new URL(url).search), [
    `/api/2.0/repos/${id}`,
    `/api/2.2/jobs/get?job_id=${id}`,
    "/api/2.2/jobs/create",
  ]);
  assert.deepEqual(transport.bodies, ["", "", `{"job_id":${id}}`]);
});

Deno.test("a path parameter is escaped and is not repeated in the query", async () => {
  const { client, transport } = over("{}");
  await client.call(repo, { repo_id: "a/b ?c", force: true, gone: undefined });
  assert.equal(transport.requests[0]?.url, "https://prod.example.com/api/2.0/repos/a%2Fb%20%3Fc?force=true");
});

Deno.test("a request has the token, the user agent, and a content type if it has a body", async () => {
  const { client, transport } = over("{}");
  await client.call(read, { job_id: 1 });
  await client.call(create, { name: "etl" });
  const [get, post] = transport.requests as [Request, Request];
  for (const { headers } of [get, post]) {
    assert.equal(headers.get("authorization"), "Bearer token");
    assert.equal(headers.get("user-agent"), "databricks-kube-operator/test");
  }
  assert.deepEqual([get.method, get.headers.get("content-type")], ["GET", null]);
  assert.deepEqual([post.method, post.headers.get("content-type")], ["POST", "application/json"]);
});

Deno.test("the Jobs API is called in the version of the settings, and errors name it", async () => {
  const transport = scripted(answer(403, { error_code: "PERMISSION_DENIED", message: "no" }));
  const error = await failure(clientOver(transport, { jobsApiVersion: "2.1" }).call(read, { job_id: 1 }));
  assert.match(transport.requests[0]?.url ?? "", /\/api\/2\.1\/jobs\/get/);
  assert.equal(error.failure.endpoint, "GET /api/2.1/jobs/get");
});

Deno.test("every response is counted by endpoint and status, with status 0 without a response", async () => {
  const calls: [string, number, number][] = [];
  const clock = new FakeClock();
  const transport = scripted("{}", answer(404, { error_code: "NOT_FOUND" }), cut);
  const observer = { apiCalled: (...call: [string, number, number]) => void calls.push(call), limited: () => {} };
  const client = clientOver(transport, { clock, observer });
  await client.call(create);
  await client.tryCall(create);
  await failure(client.call(create));
  const line = "POST /api/{jobs_api_version}/jobs/create";
  assert.deepEqual(calls, [[line, 200, 0], [line, 404, 0], [line, 0, 0]]);
});

// --- Answers ---

Deno.test("an empty response to a repeatable call is an empty object", async () => {
  for (const line of [reset, repo]) {
    for (const text of ["", "  \n", "{}"]) assert.deepEqual(await over(text).client.call(line, { repo_id: 1 }), {});
  }
});

Deno.test("an empty 200 is neither the result of a get nor the confirmation of a create", async () => {
  for (const line of [read, list, create]) {
    for (const text of ["", "  \n"]) {
      const { clock, client } = over(...Array.from({ length: 9 }, () => text));
      const error = await failure(inTime(clock, client.call(line)));
      assert.ok(error instanceof UnavailableError, line.path);
      assert.match(error.message, /the answer is empty/);
      assert.equal(error.refused, false);
    }
  }
});

Deno.test("a 404 that is not from Databricks neither ends a deletion nor makes a resource absent", async () => {
  const pages = ["<html><h1>404 Not Found</h1></html>", "", "404 page not found", { message: "no Route matched" }];
  for (const line of [read, reset, repo]) {
    for (const page of pages) {
      const { clock, client } = over(...Array.from({ length: 9 }, () => answer(404, page)));
      const error = await failure(inTime(clock, client.tryCall(line, { repo_id: 1 })));
      assert.ok(error instanceof UnavailableError, `${line.method} ${JSON.stringify(page)}`);
    }
  }
});

Deno.test("a 200 without a JSON object is an error that may have had its effect", async () => {
  for (const text of ["<html><body>Log in</body></html>", "OK", "[1]", '"text"', '{"job_id":']) {
    const error = await failure(over(() => new Response(text)).client.call(create));
    assert.ok(error instanceof UnavailableError, text);
    assert.equal(error.refused, false);
    assert.ok(!error.message.includes("<"), "tags are left out");
  }
});

Deno.test("an error that is not JSON is shown as text, cut and without tags", async () => {
  const page = `<html><head><title>Forbidden</title></head>${"<p>filler</p>".repeat(500)}</html>`;
  const error = await failure(over(answer(403, page)).client.call(read));
  assert.equal(error.name, "PermissionDeniedError");
  assert.match(error.message, /gave 403: Forbidden filler/);
  assert.ok(error.message.length < 400);
});

Deno.test("the content type of a response does not matter, only its content", async () => {
  const typed = (body: BodyInit, type: string) => () => new Response(body, { headers: { "content-type": type } });
  assert.deepEqual(await over(typed('{"job_id":1}', "text/html")).client.call(read), { job_id: 1 });
  assert.deepEqual(await over(typed('{"job_id":1}', "application/octet-stream")).client.call(read), { job_id: 1 });
  const page = await failure(over(typed("<html>Log in</html>", "application/json")).client.call(create));
  assert.ok(page instanceof UnavailableError);
});

Deno.test("a response with invalid UTF-8 does not fail", async () => {
  const bytes = new Uint8Array([
    ...new TextEncoder().encode('{"name":"'),
    0xff,
    0xfe,
    ...new TextEncoder().encode('"}'),
  ]);
  assert.deepEqual(await over(() => new Response(bytes)).client.call(read), { name: "\ufffd\ufffd" });
});

Deno.test("a response of 100,000 nested levels or 100,000 elements is read", async () => {
  const deep = `{"job_id":9012345678901234567,"settings":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
  assert.equal((await over(() => new Response(deep)).client.call(read)).job_id, 9012345678901234567n);
  const wide = `{"jobs":[${Array.from({ length: 100_000 }, (_, index) => `{"job_id":${index}}`).join()}]}`;
  assert.equal(((await over(() => new Response(wide)).client.call(list)).jobs as unknown[]).length, 100_000);
});

Deno.test("an endless response is rejected before it fills the memory", async () => {
  const chunk = new Uint8Array(1 << 20);
  let cancelled = false;
  let pulled = 0;
  const body = () =>
    new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled++;
        controller.enqueue(chunk);
      },
      cancel: () => void (cancelled = true),
    }, { highWaterMark: 0 });
  const error = await failure(over(() => new Response(body())).client.call(create));
  assert.match(error.message, /the answer broke off: the answer is longer than 67108864 bytes/);
  assert.deepEqual([cancelled, pulled], [true, 65]);
});

Deno.test("tryCall returns undefined for a missing resource, and throws every other error", async () => {
  const missing = answer(400, { error_code: "INVALID_PARAMETER_VALUE", message: "Job 7 does not exist." });
  assert.equal(await over(missing).client.tryCall(read, { job_id: 7 }), undefined);
  assert.ok(await failure(over(missing).client.call(read, { job_id: 7 })) instanceof NotFoundError);
  const denied = await failure(over(answer(403)).client.tryCall(read, { job_id: 7 }));
  assert.equal(denied.name, "PermissionDeniedError");
});

Deno.test("the token appears in no error", async () => {
  const token = "dapi-secret-token";
  const scripts: Scripted[] = [
    cut,
    answer(403, { error_code: "PERMISSION_DENIED", message: "no" }),
    answer(500, "<html>oops</html>"),
    () => new Response("not JSON"),
    new Error("time ran out"),
  ];
  for (const script of scripts) {
    const error = await failure(
      clientOver(scripted(script), { tokens: fixedToken(token) }).call(create, { name: "etl" }),
    );
    for (const text of [error.message, String(error.stack), Deno.inspect(error, { depth: 9 })]) {
      assert.ok(!text.includes(token), text);
    }
  }
});

Deno.test("a request without a response ends after the time limit", async () => {
  const workspace = new MockWorkspace();
  workspace.faults.add({ match: "jobs/create", hang: true });
  const clock = new FakeClock();
  const call = failure(clientOf(workspace, { timeoutMs: 20_000, clock }).call(create, { name: "etl" }));
  await clock.advance(20_000);
  const error = await call;
  assert.ok(error instanceof ConnectionError);
  assert.match(error.message, /gave no answer: no answer within 20 s$/);
  assert.equal(clock.pending, 0);
});

Deno.test("redirects are not followed, so the token is sent only to the workspace", async () => {
  const elsewhere: string[] = [];
  await using other = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    elsewhere.push(request.url);
    return new Response("{}");
  });
  const location = `http://127.0.0.1:${other.addr.port}/stolen`;
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response(null, { status: 307, headers: { location } }),
  );
  const client = clientOver(httpTransport(), { host: `http://127.0.0.1:${server.addr.port}` });
  const error = await failure(client.call(create, { name: "etl" }));
  assert.ok(error instanceof UnavailableError, "the other host's state is unknown");
  assert.equal(error.failure.status, 307);
  assert.deepEqual(elsewhere, []);
});

// --- Pages ---

Deno.test("pages yields every item of every page exactly once", async () => {
  const workspace = new MockWorkspace();
  const ids = Array.from({ length: 45 }, () => workspace.jobs.add({ name: "etl" }));
  const seen: string[] = [];
  for await (const page of clientOf(workspace).pages(list, { limit: 20 })) {
    seen.push(...page.map((job) => String(job.job_id)));
  }
  assert.deepEqual(seen.sort(), ids.sort());
  assert.deepEqual(workspace.ledger.calls.map(({ query }) => query.limit), ["20", "20", "20"]);
});

Deno.test("pages requests the next page with the endpoint's own parameter", async () => {
  const { client, transport } = over('{"repos":[{"id":1}],"next_page_token":"t"}', '{"repos":[{"id":2}]}');
  const repos = endpoint("GET /api/2.0/repos", { items: "repos", pageToken: "next_page_token" });
  const seen: unknown[] = [];
  for await (const page of client.pages(repos)) seen.push(...page.map(({ id }) => id));
  assert.deepEqual(seen, [1, 2]);
  assert.equal(new URL(transport.requests[1]?.url ?? "").search, "?next_page_token=t");
});

Deno.test("an empty list, which Databricks omits, is one empty page", async () => {
  for (const text of ["{}", '{"jobs":null}', '{"next_page_token":""}']) {
    const pages: unknown[] = [];
    for await (const page of over(text).client.pages(list)) pages.push(page);
    assert.deepEqual(pages, [[]], text);
  }
});

Deno.test("a repeated page token is an error, not an endless list", async () => {
  const page = (id: number, token: string) => `{"jobs":[{"job_id":${id}}],"next_page_token":"${token}"}`;
  const { client, transport } = over(page(1, "a"), page(2, "b"), page(3, "a"), page(4, "c"));
  const seen: unknown[] = [];
  await assert.rejects(async () => {
    for await (const items of client.pages(list)) seen.push(...items.map(({ job_id }) => job_id));
  }, /the list gave the same page token twice/);
  assert.deepEqual([seen, transport.requests.length], [[1, 2, 3], 3]);
});

Deno.test("a list that breaks off is an error, not a short list", async () => {
  const workspace = new MockWorkspace();
  for (let count = 0; count < 30; count++) workspace.jobs.add({ name: "etl" });
  workspace.faults.add({ match: "jobs/list", after: 1, status: 400 });
  await assert.rejects(async () => {
    for await (const _page of clientOf(workspace).pages(list, { limit: 20 }));
  }, InvalidRequestError);
});
