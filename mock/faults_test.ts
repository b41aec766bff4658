import assert from "node:assert/strict";
import { asker } from "./databricks/ask.ts";
import { MockWorkspace } from "./databricks/workspace.ts";
import { gatewayPages } from "./faults.ts";

const list = "GET /api/2.2/jobs/list";
const create = "POST /api/2.2/jobs/create";

Deno.test("a fault returns its status and the matching error code", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  workspace.faults.add({ match: "jobs/create", status: 503, headers: { "retry-after": "9" } });
  const { status, body, headers } = await ask(create, { name: "a" });
  assert.deepEqual([status, body.error_code, headers.get("retry-after")], [503, "TEMPORARILY_UNAVAILABLE", "9"]);
  assert.deepEqual(workspace.jobs.ids(), []);
  assert.equal((await ask(list)).status, 200);
  assert.deepEqual([workspace.ledger.calls[0]?.fault, workspace.ledger.calls[1]?.fault], ["503", undefined]);
});

Deno.test("a fault skips, strikes and ends according to its rule", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  const fault = workspace.faults.add({ match: /jobs\/list$/g, after: 1, times: 2, status: 500 });
  const statuses = [];
  for (let index = 0; index < 5; index++) statuses.push((await ask(list)).status);
  assert.deepEqual(statuses, [200, 500, 500, 200, 200]);
  assert.equal(fault.hits, 2);
});

Deno.test("a removed fault no longer strikes, nor does one whose block ended", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  const fault = workspace.faults.add({ match: "jobs", status: 500 });
  fault.remove();
  {
    using _fault = workspace.faults.add({ match: "jobs", status: 502 });
    assert.equal((await ask(list)).status, 502);
  }
  workspace.faults.add({ match: "jobs", status: 500 });
  workspace.faults.clear();
  assert.equal((await ask(list)).status, 200);
});

Deno.test("a text body represents a proxy's page", async () => {
  const workspace = new MockWorkspace();
  workspace.faults.add({ match: "jobs", body: "<html>Sign in</html>" });
  const { status, text, headers } = await asker(workspace)(list);
  assert.deepEqual([status, text, headers.get("content-type")], [200, "<html>Sign in</html>", "text/html"]);
});

Deno.test("a kept effect happens although the response reports an error", async () => {
  const workspace = new MockWorkspace();
  workspace.faults.add({ match: "create", status: 504, effect: "kept", times: 1 });
  assert.equal((await asker(workspace)(create, { name: "a" })).status, 504);
  assert.equal(workspace.jobs.ids().length, 1);
});

for (const effect of ["none", "kept"] as const) {
  Deno.test(`a cut before the headers is a TypeError, with its effect ${effect}`, async () => {
    const workspace = new MockWorkspace();
    workspace.faults.add({ match: "create", cut: "before-headers", effect });
    await assert.rejects(asker(workspace)(create, { name: "a" }), TypeError);
    assert.equal(workspace.jobs.ids().length, effect === "kept" ? 1 : 0);
    assert.deepEqual([workspace.ledger.calls[0]?.status, workspace.ledger.calls[0]?.fault?.slice(0, 3)], [0, "cut"]);
  });

  Deno.test(`a cut in the body breaks it halfway, with its effect ${effect}`, async () => {
    const workspace = new MockWorkspace();
    workspace.faults.add({ match: "create", cut: "mid-body", effect });
    await assert.rejects(asker(workspace)(create, { name: "a" }), TypeError);
    assert.equal(workspace.jobs.ids().length, effect === "kept" ? 1 : 0);
  });

  Deno.test(`a request that hangs ends with the caller's signal, with its effect ${effect}`, async () => {
    const workspace = new MockWorkspace();
    const controller = new AbortController();
    workspace.faults.add({ match: "create", hang: true, effect });
    const asked = asker(workspace)(create, { name: "a" }, { signal: controller.signal });
    const tooLate = assert.rejects(asked, /enough/);
    while (effect === "kept" && workspace.jobs.ids().length === 0) await Promise.resolve();
    controller.abort(new Error("enough"));
    await tooLate;
    assert.equal(workspace.jobs.ids().length, effect === "kept" ? 1 : 0);
  });
}

Deno.test("a cut body returns its first half", async () => {
  const workspace = new MockWorkspace();
  workspace.jobs.add({ name: "a" });
  workspace.faults.add({ match: "list", cut: "mid-body" });
  const request = new Request(`${workspace.host}/api/2.2/jobs/list`, { headers: { authorization: "Bearer token" } });
  const reader = (await workspace.transport.send(request)).body!.getReader();
  assert.match(new TextDecoder().decode((await reader.read()).value), /^\{"has_more":false,"jobs"/);
  await assert.rejects(reader.read(), TypeError);
});

Deno.test("a stale read returns the state before the latest write", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  const names = async () =>
    (await ask(list)).body.jobs?.map((job: { settings: { name: string } }) => job.settings.name);
  await names();
  await ask(create, { name: "a" });
  assert.deepEqual(await names(), ["a"]);
  await ask(create, { name: "b" });
  {
    using _unread = workspace.faults.add({ match: "list", stale: true });
    assert.deepEqual(await names(), ["a"]);
  }
  assert.deepEqual(await names(), ["b", "a"]);
  using _read = workspace.faults.add({ match: "jobs", stale: true });
  assert.deepEqual(await names(), ["a"]);
  assert.equal((await ask(create, { name: "c" })).status, 200);
  assert.equal((await ask(`${list}?limit=1`)).body.jobs.length, 1);
});

Deno.test("a response can be edited, for example to remove its id", async () => {
  const workspace = new MockWorkspace();
  workspace.faults.add({ match: "create", edit: (body) => void delete body.job_id });
  assert.deepEqual((await asker(workspace)(create, { name: "a" })).body, {});
  assert.equal(workspace.jobs.ids().length, 1);
});

Deno.test("headers and latency alone do not change the response", async () => {
  const workspace = new MockWorkspace();
  const fault = workspace.faults.add({ match: "list", latencyMs: 1, headers: { "x-slow": "1" } });
  const { status, body, headers } = await asker(workspace)(list);
  assert.deepEqual([status, body, headers.get("x-slow"), fault.name], [200, { has_more: false }, "1", "1 ms"]);
});

for (const gateway of Object.keys(gatewayPages) as (keyof typeof gatewayPages)[]) {
  Deno.test(`a gateway's ${gateway} is not an answer of Databricks, for every request`, async () => {
    const workspace = new MockWorkspace();
    const ask = asker(workspace);
    workspace.faults.add({ match: / \/api\//, gateway });
    for (const line of [list, create, "GET /api/2.2/jobs/get?job_id=7"]) {
      const { status, body, text } = await ask(line, line === create ? { name: "a" } : undefined);
      assert.equal(status, gatewayPages[gateway].status);
      assert.equal(body, undefined);
      if (gateway !== "empty") assert.match(text, /^<!DOCTYPE html>/);
    }
    assert.deepEqual(workspace.jobs.ids(), []);
    assert.equal(workspace.ledger.calls[0]?.fault, `gateway ${gateway}`);
  });
}

Deno.test("a gateway's page can replace the response to a write that took effect", async () => {
  const workspace = new MockWorkspace();
  workspace.faults.add({ match: "jobs/create", gateway: "502", effect: "kept" });
  assert.equal((await asker(workspace)(create, { name: "a" })).status, 502);
  assert.equal(workspace.jobs.ids().length, 1);
});

Deno.test("a timed fault lasts exactly that long by the workspace's clock", async () => {
  let now = 1_000_000;
  const workspace = new MockWorkspace({ now: () => now });
  const ask = asker(workspace);
  workspace.faults.add({ match: "jobs", gateway: "404", forMs: 60_000 });
  now += 59_999;
  assert.equal((await ask(list)).status, 404);
  now += 1;
  assert.equal((await ask(list)).status, 200);
});

Deno.test("a refusal is not answered as a success, whose effect there is not", async () => {
  const workspace = new MockWorkspace();
  workspace.secrets.addScope("team");
  workspace.faults.add({ match: "scopes/create", status: 200, body: {}, effect: "kept" });
  const create = async (scope: string) =>
    (await workspace.fetch(
      new Request(`${workspace.host}/api/2.0/secrets/scopes/create`, {
        method: "POST",
        headers: { authorization: "Bearer token" },
        body: JSON.stringify({ scope }),
      }),
    )).status;
  assert.deepEqual([await create("team"), await create("other")], [400, 200]);
});
