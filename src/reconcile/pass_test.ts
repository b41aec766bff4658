/** Whether the operator is being uninstalled: the answer that keeps what is in Databricks. */
import assert from "node:assert/strict";
import { scriptedServer } from "../kubernetes/server_fake.ts";
import { databricksJob } from "../resources/databricks_job.ts";
import { FakeClock } from "../clock_fake.ts";
import type { EventRecorder } from "../kubernetes/events.ts";
import { Pass } from "./pass.ts";

const forbidden = { kind: "Status", code: 403, reason: "Forbidden", message: "no" };
const served = (...verbs: string[]) => ({ resources: [{ name: "databricksjobs", verbs }] });
const crd = (metadata: Record<string, unknown>) => ({ metadata: { name: "databricksjobs", ...metadata } });

const cases: Record<string, { answers: [unknown, number][]; isUninstalling: boolean }> = {
  "a CRD that stays": { answers: [[crd({}), 200]], isUninstalling: false },
  "a CRD that is being deleted": {
    answers: [[crd({ deletionTimestamp: "2026-01-01T00:00:00Z" }), 200]],
    isUninstalling: true,
  },
  "a CRD that may not be looked at, of a kind that takes new objects": {
    answers: [[forbidden, 403], [served("create", "delete", "patch"), 200]],
    isUninstalling: false,
  },
  "a CRD that may not be looked at, of a kind that takes no new objects": {
    answers: [[forbidden, 403], [served("delete", "get", "list", "watch"), 200]],
    isUninstalling: true,
  },
};

for (const [what, { answers, isUninstalling }] of Object.entries(cases)) {
  Deno.test(`${what} is ${isUninstalling ? "an" : "no"} uninstall`, async () => {
    await using server = scriptedServer();
    const metadata = { name: "etl", namespace: "team" };
    const pass = new Pass({
      key: "team/etl",
      object: { metadata },
      resource: databricksJob,
      client: server.client,
      clock: new FakeClock(),
      events: {} as EventRecorder,
      observeWrite: () => {},
    });
    const answer = pass.isUninstalling();
    for (const [body, status] of answers) (await server.next()).json(body, status);
    assert.equal(await answer, isUninstalling);
  });
}
