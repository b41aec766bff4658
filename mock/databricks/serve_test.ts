import assert from "node:assert/strict";
import { stringifyJson } from "../../src/base/json.ts";
import { type Answer, readAnswer } from "./ask.ts";
import { serve } from "./serve.ts";
import { MockWorkspace } from "./workspace.ts";

type Ask = (line: string, body?: unknown, signal?: AbortSignal) => Promise<Answer>;

/** Sends requests to a served workspace over HTTP. */
function asker(url: string): Ask {
  return async (line, body, signal) => {
    const [method = "GET", path = "/"] = line.split(" ");
    const init = { method, headers: { authorization: "Bearer token", "user-agent": "test/1" } };
    const more = { ...(body !== undefined && { body: stringifyJson(body) }), ...(signal && { signal }) };
    return await readAnswer(await fetch(url + path, { ...init, ...more }));
  };
}

Deno.test("a served workspace responds like one in the process", async () => {
  const workspace = new MockWorkspace();
  await using server = await serve(workspace);
  const ask = asker(server.url);
  const { body } = await ask("POST /api/2.2/jobs/create", { name: "é" });
  assert.equal(body.job_id, 901234567890123456n);
  assert.equal((await ask(`GET /api/2.2/jobs/get?job_id=${body.job_id}`)).body.settings.name, "é");
  assert.equal((await ask("DELETE /api/2.0/repos/1")).status, 404);
  assert.deepEqual([workspace.ledger.calls[0]?.userAgent, workspace.ledger.calls[0]?.body], ["test/1", { name: "é" }]);
});

Deno.test("a person's changes use the control endpoints, without a token", async () => {
  const workspace = new MockWorkspace();
  await using server = await serve(workspace);
  const ask = asker(server.url);
  const { job_id } = (await ask("POST /_/jobs", { name: "a", tags: { x: "1", y: "2" } })).body;
  assert.equal(job_id, "901234567890123456");
  const change = { tags: { x: null, z: "3" }, schedule: { quartz_cron_expression: "0 0 * * * ?" } };
  const patched = (await ask(`PATCH /_/jobs/${job_id}`, change)).body;
  assert.deepEqual(patched.settings.tags, { y: "2", z: "3" });
  assert.equal(workspace.jobs.get(job_id)?.settings.schedule.quartz_cron_expression, "0 0 * * * ?");
  const { run_id } = (await ask(`POST /_/jobs/${job_id}/runs`, { state: "PENDING" })).body;
  assert.equal(workspace.runs.get(run_id)?.state.life_cycle_state, "PENDING");
  await ask(`POST /_/runs/${run_id}/finish`, { result_state: "FAILED", state_message: "boom" });
  assert.equal(workspace.runs.get(run_id)?.state.state_message, "boom");
  assert.equal((await ask("GET /_/jobs")).body.jobs.length, 1);
  assert.equal((await ask(`DELETE /_/jobs/${job_id}`)).status, 200);
  assert.equal((await ask(`DELETE /_/jobs/${job_id}`)).status, 400);
  assert.equal((await ask("GET /_/ping")).body.host, workspace.host);
});

Deno.test("the ledger can be read, counted and cleared over HTTP", async () => {
  await using server = await serve(new MockWorkspace());
  const ask = asker(server.url);
  await ask("GET /api/2.2/jobs/list?limit=1");
  await ask("GET /api/2.2/jobs/list");
  assert.equal((await ask("GET /_/ledger")).body.calls[0].query.limit, "1");
  assert.deepEqual((await ask("GET /_/ledger?count=true")).body, { "GET /api/2.2/jobs/list": 2 });
  await ask("DELETE /_/ledger");
  assert.deepEqual((await ask("GET /_/ledger")).body, { calls: [] });
});

Deno.test("the state shows everything but values and tokens", async () => {
  const workspace = new MockWorkspace();
  await using server = await serve(workspace);
  workspace.secrets.addScope("s");
  workspace.secrets.put("s", "k", "hunter2");
  workspace.credentials.add({ git_provider: "gitHub", personal_access_token: "hunter2" });
  workspace.repos.add({ url: "https://github.com/acme/etl" });
  const { body, text } = await asker(server.url)("GET /_/state");
  assert.deepEqual([body.scopes[0].keys[0].key, body.credentials.length, body.repos.length], ["k", 1, 1]);
  assert.doesNotMatch(text, /hunter2/);
});

Deno.test("faults can be set, shown and cleared over HTTP", async () => {
  await using server = await serve(new MockWorkspace());
  const ask = asker(server.url);
  assert.equal((await ask("POST /_/faults", { match: "(" })).status, 400);
  await ask("POST /_/faults", { match: "^GET .*/jobs/list$", status: 502, times: 1 });
  assert.equal((await ask("GET /api/2.2/jobs/list")).status, 502);
  const { faults } = (await ask("GET /_/faults")).body;
  assert.deepEqual(faults, [{ match: "^GET .*/jobs/list$", status: 502, times: 1, name: "502", hits: 1 }]);
  await ask("DELETE /_/faults");
  assert.deepEqual((await ask("GET /_/faults")).body, { faults: [] });
});

for (const cut of ["before-headers", "mid-body"] as const) {
  Deno.test(`a served connection is really cut ${cut}`, async () => {
    const workspace = new MockWorkspace();
    await using server = await serve(workspace);
    workspace.faults.add({ match: "create", cut, effect: "kept" });
    await assert.rejects(asker(server.url)("POST /api/2.2/jobs/create", { name: "a" }), TypeError);
    assert.equal(workspace.jobs.ids().length, 1);
  });
}

Deno.test("a hanging request ends when the caller or the server ends", async () => {
  const workspace = new MockWorkspace();
  const server = await serve(workspace);
  workspace.faults.add({ match: "list", hang: true });
  const ask = asker(server.url);
  const arrived = async (count: number) => {
    while (workspace.ledger.count() < count) await ask("GET /_/ping");
  };
  const caller = new AbortController();
  const givenUp = assert.rejects(ask("GET /api/2.2/jobs/list", undefined, caller.signal), /enough/);
  await arrived(1);
  caller.abort(new Error("enough"));
  await givenUp;
  const hanging = assert.rejects(ask("GET /api/2.2/jobs/list"), TypeError);
  await arrived(2);
  await server.close();
  await hanging;
});

Deno.test("the program serves until a signal ends it", async () => {
  const program = new URL("../main.ts", import.meta.url).pathname;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const run = ["run", "--quiet", "--config", config, "--allow-net", "--allow-env", "--allow-read", program];
  const args = [...run, "--port", "0", "--token", "demo"];
  await using child = new Deno.Command(Deno.execPath(), { args, stdout: "piped", stderr: "inherit" }).spawn();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const line = (await output.read()).value ?? "";
  const [, url, token] = /^Mock Databricks workspace on (http:\/\/127\.0\.0\.1:\d+) \(token: (\w+)\)\n$/.exec(line)!;
  const response = await fetch(`${url}/api/2.2/jobs/list`, { headers: { authorization: `Bearer ${token}` } });
  assert.deepEqual(await response.json(), { has_more: false });
  child.kill("SIGTERM");
  assert.equal((await child.status).code, 0);
  await output.cancel();
});
