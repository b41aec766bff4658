import assert from "node:assert/strict";
import { asker } from "./ask.ts";
import { MockWorkspace } from "./workspace.ts";

const list = "GET /api/2.2/jobs/list";

Deno.test("workspaces share nothing", async () => {
  const [one, two] = [new MockWorkspace(), new MockWorkspace({ token: "other" })];
  one.jobs.add({ name: "a" });
  assert.notEqual(one.host, two.host);
  assert.deepEqual((await asker(two, "other")(list)).body, { has_more: false });
  assert.equal(one.ledger.calls.length, 0);
});

Deno.test("a request without a token gets 401, one with a wrong token gets the configured status", async () => {
  for (const [status, code] of [["401", "UNAUTHENTICATED"], ["403", "PERMISSION_DENIED"]] as const) {
    const workspace = new MockWorkspace({ doubts: { wrongToken: status } });
    assert.equal((await asker(workspace, "")(list)).status, 401);
    const { status: answered, body } = await asker(workspace, "wrong")(list);
    assert.deepEqual([String(answered), body.error_code], [status, code]);
  }
});

Deno.test("a rotated token replaces the old one", async () => {
  const workspace = new MockWorkspace({ token: "old" });
  workspace.setToken("new");
  assert.equal((await asker(workspace, "old")(list)).status, 401);
  assert.equal((await asker(workspace, "new")(list)).status, 200);
});

Deno.test("the caller gets its own identity", async () => {
  const ask = asker(new MockWorkspace({ user: "ann@example.com" }));
  assert.equal((await ask("GET /api/2.0/preview/scim/v2/Me")).body.userName, "ann@example.com");
});

Deno.test("a doubled /api is accepted, and 2.1 works like 2.2", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  workspace.jobs.add({ name: "a" });
  for (const path of ["/api/api/2.2/jobs/list", "/api/2.1/jobs/list", "/api/api/2.1/jobs/list"]) {
    assert.equal((await ask(`GET ${path}`)).body.jobs.length, 1);
  }
  assert.deepEqual(Object.keys(workspace.ledger.counts()), [list, "GET /api/2.1/jobs/list"]);
});

Deno.test("a request without a handler fails loudly", async (test) => {
  const errors: unknown[] = [];
  const { error } = console;
  console.error = (...args: unknown[]) => errors.push(args);
  try {
    for (
      const line of ["GET /api/2.0/jobs/list", "GET /api/2.0/genie/spaces", "POST /api/2.2/jobs/list", "GET /"]
    ) {
      await test.step(line, async () => {
        const workspace = new MockWorkspace();
        const { status, body } = await asker(workspace)(line);
        assert.deepEqual([status, body.error_code], [501, "MOCK_UNHANDLED"]);
        assert.match(body.message, new RegExp(line));
        assert.deepEqual(workspace.unhandled, [line]);
      });
    }
  } finally {
    console.error = error;
  }
  assert.equal(errors.length, 4);
});

Deno.test("requests over the rate get 429 with Retry-After until the clock advances", async () => {
  let now = 0;
  const workspace = new MockWorkspace({ now: () => now, ratePerSecond: 2 });
  const ask = asker(workspace);
  const statuses = [];
  for (let index = 0; index < 3; index++) statuses.push((await ask(list)).status);
  assert.deepEqual(statuses, [200, 200, 429]);
  assert.equal((await ask(list)).headers.get("retry-after"), "1");
  now += 500;
  assert.equal((await ask(list)).status, 200);
});

Deno.test("a caller that aborts while waiting gets the signal's reason", async () => {
  const workspace = new MockWorkspace({ latencyMs: 60_000 });
  const reason = new Error("enough");
  const controller = new AbortController();
  const asked = asker(workspace)(list, undefined, { signal: controller.signal });
  queueMicrotask(() => controller.abort(reason));
  await assert.rejects(asked, (error) => error === reason);
  await assert.rejects(asker(workspace)(list, undefined, { signal: AbortSignal.abort(reason) }), /enough/);
});

Deno.test("the ledger contains requests and their results, but no control endpoints", async () => {
  const workspace = new MockWorkspace({ now: () => 7 });
  const ask = asker(workspace);
  await ask("GET /_/ping");
  await ask(`${list}?limit=5&name=a`);
  await ask("POST /api/2.2/jobs/delete", '{"job_id":901234567890123456}');
  const { ledger } = workspace;
  assert.deepEqual(ledger.calls[0]?.query, { limit: "5", name: "a" });
  const { at, method, path, body, status } = ledger.calls[1]!;
  assert.deepEqual([at, method, path, status], [7, "POST", "/api/2.2/jobs/delete", 400]);
  assert.deepEqual(body, { job_id: 901234567890123456n });
  assert.deepEqual([ledger.count(), ledger.count("GET"), ledger.count("GET", "/list")], [2, 1, 1]);
  assert.deepEqual([ledger.count(undefined, /jobs\/(list|delete)$/g), ledger.writes().length], [2, 1]);
  ledger.clear();
  assert.equal(ledger.count(), 0);
});
