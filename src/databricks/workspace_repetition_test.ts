import assert from "node:assert/strict";
import { fixedToken } from "./sign_in/token_source.ts";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { answer, clientOf, clientOver, failure, inTime, over, scripted } from "../../tests/support/clients.ts";
import { FakeClock, settle } from "../base/clock_fake.ts";
import { type Endpoint, endpoint } from "../resource.ts";
import { databricksJob } from "../resources/databricks_job.ts";
import { InvalidRequestError, RateLimitedError, UnavailableError } from "./errors.ts";
import { Limiter } from "./call/limiter.ts";

const { get: read, reset } = databricksJob.endpoints as { get: Endpoint; reset: Endpoint };
const list = endpoint("GET /api/{jobs_api_version}/jobs/list", { items: "jobs" });
const create = endpoint("POST /api/{jobs_api_version}/jobs/create");

const busy = answer(503, { error_code: "TEMPORARILY_UNAVAILABLE", message: "back soon" });
const cut = new TypeError("error sending request: connection closed before message completed");

Deno.test("501 is not an outage: a repeatable call is not repeated", async () => {
  const { clock, client, transport } = over(answer(501, { error_code: "NOT_IMPLEMENTED", message: "Not here" }));
  const error = await failure(inTime(clock, client.call(read)));
  assert.ok(error instanceof InvalidRequestError);
  assert.equal(transport.requests.length, 1);
});

for (const [what, script] of [["503", busy], ["a connection that breaks", cut], ["half a body", brokenBody]] as const) {
  Deno.test(`after ${what}, a repeatable call is repeated`, async () => {
    for (const repeatable of [read, reset]) {
      const { clock, client, transport } = over(script, script, '{"job_id":1}');
      assert.deepEqual(await inTime(clock, client.call(repeatable, { job_id: 1 })), { job_id: 1 });
      assert.equal(transport.requests.length, 3);
    }
  });

  Deno.test(`after ${what}, a create is not repeated, and its error says that it may have had its effect`, async () => {
    const { clock, client, transport } = over(script);
    const error = await failure(inTime(clock, client.call(create, { name: "etl" })));
    assert.equal(transport.requests.length, 1);
    assert.deepEqual([error.refused, error.transient], [false, true]);
  });
}

Deno.test("a create whose response is lost makes one job", async () => {
  const workspace = new MockWorkspace();
  workspace.faults.add({ match: "jobs/create", cut: "before-headers", effect: "kept" });
  await failure(clientOf(workspace).call(create, { name: "etl" }));
  assert.equal(workspace.ledger.count("POST"), 1);
  assert.equal(workspace.jobs.ids().length, 1);
});

Deno.test("every repetition sends the whole body", async () => {
  const { clock, client, transport } = over(busy, busy, "{}");
  await inTime(clock, client.call(reset, { job_id: 2n ** 60n }));
  assert.deepEqual(transport.bodies, Array(3).fill('{"job_id":1152921504606846976}'));
});

Deno.test("a call is tried at most four times, with growing pauses", async () => {
  const { clock, client, transport } = over(busy);
  const sentAt: number[] = [];
  const send = transport.send;
  transport.send = (request) => {
    sentAt.push(clock.now());
    return send.call(transport, request);
  };
  const error = await failure(inTime(clock, client.call(read)));
  assert.ok(error instanceof UnavailableError);
  const pauses = sentAt.slice(1).map((at, index) => at - (sentAt[index] ?? 0));
  assert.deepEqual(pauses, [750, 1500, 2250]);
});

Deno.test("an invalid request is not repeated", async () => {
  for (const status of [400, 401, 403, 409]) {
    const { client, transport } = over(answer(status));
    await failure(client.call(read));
    assert.equal(transport.requests.length, 1, String(status));
  }
});

Deno.test("a call with 429 is repeated after the time in Retry-After, also a create", async () => {
  for (const line of [read, create]) {
    const { clock, client, transport } = over(answer(429, {}, { "retry-after": "7" }), '{"job_id":1}');
    const call = client.call(line);
    await clock.advance(6999);
    assert.equal(transport.requests.length, 1);
    await clock.advance(1);
    assert.deepEqual(await inTime(clock, call), { job_id: 1 });
    assert.equal(transport.requests.length, 2);
  }
});

Deno.test("a 429 holds all calls to the workspace", async () => {
  const { clock, client, transport } = over(answer(429, {}, { "retry-after": "5" }), "{}");
  const first = client.call(create);
  await settle();
  const others = [client.call(read), client.background().call(list)];
  await clock.advance(4999);
  assert.equal(transport.requests.length, 1);
  await clock.advance(1);
  await Promise.all([first, ...others]);
  assert.equal(transport.requests.length, 4);
});

Deno.test("a 429 without Retry-After holds the workspace for a second", async () => {
  const { clock, client, transport } = over(answer(429), "{}");
  const call = client.call(create);
  await clock.advance(999);
  assert.equal(transport.requests.length, 1);
  await inTime(clock, call);
  assert.equal(transport.requests.length, 2);
});

Deno.test("a 429 lowers the rate of all calls to the workspace for a while", async () => {
  const clock = new FakeClock();
  const limiter = new Limiter({ ratePerSecond: 10, clock });
  const client = clientOver(scripted(answer(429, {}), "{}"), { clock, limiter });
  const call = client.call(read);
  await clock.advance(5000);
  await call;
  assert.equal(limiter.rate, 8.5);
  await clock.advance(120_000);
  assert.equal(limiter.rate, 10);
});

Deno.test("a long Retry-After is returned to the caller with its seconds", async () => {
  const { clock, client, limiter, transport } = over(answer(429, {}, { "retry-after": "120" }), "{}");
  const error = await failure(client.call(create));
  assert.ok(error instanceof RateLimitedError);
  assert.deepEqual([error.failure.retryAfter, transport.requests.length], [120, 1]);
  let passed = false;
  limiter.acquire().then(() => passed = true);
  await clock.advance(119_999);
  assert.equal(passed, false, "the workspace is left alone meanwhile");
  await clock.advance(1);
  assert.equal(passed, true);
});

Deno.test("a Retry-After of years counts as ten minutes", async () => {
  for (const header of ["999999999", "9".repeat(400), "Thu, 31 Dec 9999 23:59:59 GMT"]) {
    const error = await failure(over(answer(503, {}, { "retry-after": header })).client.call(create));
    assert.ok([600, undefined].includes(error.failure.retryAfter), header);
  }
});

Deno.test("a secret that Databricks repeats in its error is hidden in every encoding", async () => {
  const token = "dapi-0123456789abcdef";
  const value = 'p4ss"w0rd/ü+x';
  const put = endpoint("POST /api/2.0/secrets/put", { secrets: ["string_value", "bytes_value"] });
  const bytes = btoa("\xffbinary-value");
  const echoes = [
    value,
    btoa(unescape(encodeURIComponent(value))),
    encodeURIComponent(value),
    JSON.stringify(value),
    bytes,
  ];
  for (const echo of [...echoes, "\ufffdbinary-value", token, `${value.slice(0, 9)}…`]) {
    for (
      const script of [
        answer(400, { error_code: "INVALID_PARAMETER_VALUE", message: `bad ${echo} here` }),
        answer(500, `<html><p>${echo}</p></html>`),
        () => new Response(`proxied: ${echo}`),
        answer(400, { error_code: echo, error: echo }),
      ]
    ) {
      const client = clientOver(scripted(script), { tokens: fixedToken(token) });
      const error = await failure(client.call(put, { key: "k", string_value: value, bytes_value: bytes }));
      const told = Deno.inspect(error, { depth: 9 });
      assert.equal(told.includes(echo), false, `${echo} in ${told}`);
      assert.match(told, /\*\*\*/);
    }
  }
});

Deno.test("Retry-After may be a date, and an invalid one is ignored", async () => {
  const inTenSeconds = new Date(new FakeClock().now() + 10_000).toUTCString();
  const dated = await failure(over(answer(503, {}, { "retry-after": inTenSeconds })).client.call(create));
  assert.ok(Math.abs((dated.failure.retryAfter ?? 0) - 10) < 3, String(dated.failure.retryAfter));
  for (const header of ["soon", "-5", "", "Thu, 01 Jan 1970 00:00:00 GMT"]) {
    const error = await failure(over(answer(503, {}, { "retry-after": header })).client.call(create));
    assert.equal(error.failure.retryAfter, undefined, header);
  }
});

Deno.test("calls of high priority pass before background calls", async () => {
  const clock = new FakeClock();
  const transport = scripted("{}");
  const limiter = new Limiter({ ratePerSecond: 1, clock });
  const client = clientOver(transport, { clock, limiter });
  const calls = [client.call(read), client.background().call(list), client.call(read)];
  await clock.advance(5000);
  await Promise.all(calls);
  assert.deepEqual(transport.requests.map(({ url }) => new URL(url).pathname.split("/").at(-1)), [
    "get",
    "get",
    "list",
  ]);
});

Deno.test("patient calls let calls of high priority pass first", async () => {
  const clock = new FakeClock();
  const transport = scripted("{}");
  const limiter = new Limiter({ ratePerSecond: 1, clock });
  const client = clientOver(transport, { clock, limiter });
  const calls = [client.call(read), client.patient().call(reset), client.call(list)];
  await clock.advance(5000);
  await Promise.all(calls);
  assert.deepEqual(transport.requests.map(({ url }) => new URL(url).pathname.split("/").at(-1)), [
    "get",
    "list",
    "reset",
  ]);
});

/** An answer whose body ends in the middle. */
function brokenBody(): Response {
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('{"job_id":')),
    pull: (controller) => controller.error(cut),
  });
  return new Response(body);
}
