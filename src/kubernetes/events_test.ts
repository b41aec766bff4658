import assert from "node:assert/strict";
import { FakeClock, settle } from "../base/clock_fake.ts";
import { KubeConnectionError, KubeError } from "./client.ts";
import { cleanMessage, EventRecorder } from "./events.ts";
import type { KubeObject } from "./object.ts";

const job: KubeObject = {
  apiVersion: "com.dstancu.databricks/v1",
  kind: "DatabricksJob",
  metadata: { namespace: "data", name: "etl", uid: "u1", resourceVersion: "7" },
};

/** A recorder, its clock, and what it wrote; `refuse` makes the next write fail. */
function recorder() {
  const clock = new FakeClock(Date.UTC(2024, 0, 1));
  const writes: { verb: string; namespace: string | undefined; name: string | undefined; body: KubeObject }[] = [];
  const refusals: Error[] = [];
  const write = (verb: string, namespace: string | undefined, name: string | undefined, body: unknown) => {
    writes.push({ verb, namespace, name, body: body as KubeObject });
    const refusal = refusals.shift();
    return refusal ? Promise.reject(refusal) : Promise.resolve(body as KubeObject);
  };
  const events = new EventRecorder({
    client: {
      create: (path, object) => write("create", path.namespace, object.metadata.name, object),
      patch: (path, name, patch) => write("patch", path.namespace, name, patch),
    },
    component: "databricks-kube-operator",
    instance: "pod-1",
    clock,
  });
  return { clock, events, writes, refuse: (error: Error) => refusals.push(error) };
}

Deno.test("event recorder writes the fields that kubectl describe reads", async () => {
  const { events, writes } = recorder();
  events.record(job, "Warning", "DriftCorrected", "spec.job.settings.name");
  await events.flush();
  const { namespace, name, body } = writes[0]!;
  assert.equal(namespace, "data");
  assert.match(name!, /^etl\.[0-9a-f]{12}$/);
  const { metadata: _, ...event } = body;
  assert.deepEqual(JSON.parse(JSON.stringify(event)), {
    apiVersion: "v1",
    kind: "Event",
    type: "Warning",
    reason: "DriftCorrected",
    message: "spec.job.settings.name",
    involvedObject: {
      apiVersion: "com.dstancu.databricks/v1",
      kind: "DatabricksJob",
      namespace: "data",
      name: "etl",
      uid: "u1",
      resourceVersion: "7",
    },
    source: { component: "databricks-kube-operator", host: "pod-1" },
    reportingComponent: "databricks-kube-operator",
    reportingInstance: "pod-1",
    count: 1,
    firstTimestamp: "2024-01-01T00:00:00Z",
    lastTimestamp: "2024-01-01T00:00:00Z",
  });
});

Deno.test("event recorder counts a repeated message on the same Event, with one write per ten seconds", async () => {
  const { clock, events, writes } = recorder();
  for (let second = 0; second < 25; second++) {
    events.record(job, "Normal", "Updated", "again");
    await clock.advance(1000);
  }
  await clock.advance(10_000);
  const counts = writes.map(({ verb, body }) => `${verb} ${body.count}`);
  assert.deepEqual(counts, ["create 1", "patch 10", "patch 20", "patch 25"]);
  assert.equal(new Set(writes.map(({ name }) => name)).size, 1);
  assert.equal(writes[1]!.body.lastTimestamp, "2024-01-01T00:00:09Z");
  assert.equal(clock.pending, 0);
});

Deno.test("event recorder keeps Events apart that differ in object, reason or message", async () => {
  const { events, writes } = recorder();
  events.record(job, "Normal", "Updated", "x");
  events.record(job, "Normal", "Updated", "y");
  events.record(job, "Normal", "Created", "x");
  events.record({ ...job, metadata: { ...job.metadata, uid: "u2" } }, "Normal", "Updated", "x");
  await events.flush();
  assert.deepEqual(writes.map(({ verb }) => verb), ["create", "create", "create", "create"]);
});

Deno.test("event recorder creates a new Event when the old one has expired", async () => {
  const { clock, events, writes, refuse } = recorder();
  events.record(job, "Normal", "Updated", "x");
  await settle();
  await clock.advance(3_600_000);
  refuse(new KubeError("gone", { status: 404, reason: "NotFound" }));
  events.record(job, "Normal", "Updated", "x");
  await settle();
  assert.deepEqual(writes.map(({ verb, body }) => [verb, body.count]), [["create", 1], ["patch", 2], ["create", 2]]);
});

Deno.test("event recorder retries while the API server is down, but not a rejected Event", async () => {
  const { clock, events, writes, refuse } = recorder();
  refuse(new KubeConnectionError("away"));
  events.record(job, "Normal", "Updated", "x");
  await clock.advance(9999);
  assert.equal(writes.length, 1);
  await clock.advance(1);
  assert.deepEqual(writes.map(({ verb }) => verb), ["create", "create"]);
  refuse(new KubeError("no", { status: 403, reason: "Forbidden" }));
  events.record(job, "Normal", "Created", "x");
  await clock.advance(60_000);
  assert.equal(writes.length, 3);
});

Deno.test("event recorder's flush ends while the API server is down", async () => {
  const { clock, events, writes, refuse } = recorder();
  refuse(new KubeConnectionError("away"));
  for (const message of ["x", "y", "z"]) events.record(job, "Normal", "Updated", message);
  await events.flush();
  assert.deepEqual([writes.length, clock.pending], [1, 0]);
});

Deno.test("messages that always differ become one Event after ten, and separate Events again later", async () => {
  const { clock, events, writes } = recorder();
  const say = async (times: number, reason = "Unavailable") => {
    for (let time = 0; time < times; time++) {
      events.record(job, "Warning", reason, `request ${writes.length}-${time} failed`);
      await clock.advance(11_000);
    }
  };
  await say(30);
  const created = () => writes.filter(({ verb }) => verb === "create").map(({ body }) => body.message);
  assert.equal(created().length, 11);
  assert.match(String(created().at(-1)), /^\(combined from similar events\): request/);
  const { body } = writes.at(-1)!;
  assert.deepEqual([body.count, body.message], [20, "(combined from similar events): request 29-29 failed"]);
  await say(1, "Other");
  assert.match(String(created().at(-1)), /^request/);
  await clock.advance(600_000);
  await say(1);
  assert.match(String(created().at(-1)), /^request/);
});

Deno.test("event recorder remembers at most 1000 Events", async () => {
  const { events, writes } = recorder();
  for (let i = 0; i < 1001; i++) events.record(job, "Normal", `Updated${i}`, "");
  await events.flush();
  for (const number of [1, 1000]) events.record(job, "Normal", `Updated${number}`, "");
  await events.flush();
  assert.deepEqual(writes.slice(-2).map(({ verb, body }) => [verb, body.count]), [["patch", 2], ["patch", 2]]);
  assert.ok(writes.length <= 1003);
});

Deno.test("event messages contain no control characters, direction marks or half characters", () => {
  assert.equal(cleanMessage("a\r\nb\u202e\u2028\u007f"), "a\\u000d\\u000ab\\u202e\\u2028\\u007f");
  assert.equal(cleanMessage("\ud800"), "\ufffd");
  for (const length of [1020, 1021, 1022, 1023, 1024, 1025]) {
    const message = cleanMessage(`${"x".repeat(length - 3)}😀😀`);
    assert.ok(new TextEncoder().encode(message).length <= 1024);
    assert.ok(!message.includes("\ufffd"));
  }
});
