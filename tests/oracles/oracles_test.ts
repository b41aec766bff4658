/** Every oracle finds its violations, and finds nothing in a run in which nothing happened. */
import assert from "node:assert/strict";
import type { Condition } from "../../src/reconcile/object/conditions.ts";
import { judge, oracles } from "./all.ts";
import type { Evidence, Life, Sent } from "./evidence.ts";

const sent: Sent = {
  side: "databricks",
  at: 0,
  ended: 1,
  phase: "create",
  process: 1,
  method: "POST",
  path: "/api/2.2/jobs/create",
  point: "POST /api/2.2/jobs/create",
  body: "{}",
  authorization: "Bearer token",
  status: 200,
  effect: 200,
};
const patch: Sent = { ...sent, side: "kubernetes", method: "PATCH", point: "PATCH repos/status", authorization: "" };
const life: Life = { log: "boot!", errors: "", end: "term", code: 0, seconds: 1 };
const quiet: Evidence = {
  sent: [],
  lives: [life],
  history: [],
  snapshots: { create: { a: 1 } },
  reference: { create: { a: 1 } },
  referenceCounts: {},
  seconds: { create: 1 },
  restless: [],
  foreign: ["42", "theirs"],
  secrets: ["canary/+"],
  token: "token",
  told: "",
  granted: { "repos/status": ["patch"] },
};

function states(...conditions: Partial<Condition>[][]): Evidence["history"] {
  return conditions.map((list) => ({ metadata: {}, status: { conditions: list } }));
}

const ready = (
  status: string,
  lastTransitionTime: string,
) => ({ type: "Ready", status, lastTransitionTime } as Condition);

/** Evidence with a violation that each oracle must find. */
const violations: Record<string, Partial<Evidence>[]> = {
  O1: [{ snapshots: { create: { a: 2 } } }, { snapshots: {} }],
  O2: [{ sent: [sent] }, { referenceCounts: { "POST /api/2.0/repos": 1 } }],
  O3: [{ sent: [{ ...sent, alive: 2 }, { ...sent, at: 2, ended: 3, alive: 0 }] }],
  O4: [{ sent: [{ ...sent, alive: 1 }] }, { left: 1 }],
  O5: [{ sent: [{ ...sent, body: '{"job_id":42}' }] }, { sent: [{ ...sent, path: "/api/2.0/repos/42" }] }],
  O6: [{ restless: ["PATCH"] }],
  O7: [{ seconds: { create: 1000 } }],
  O8: [{ sent: [{ ...patch, holds: false }] }],
  O9: [
    { history: states([ready("True", "1")], [ready("True", "2")]) },
    { history: states([ready("True", "1"), ready("True", "1")]) },
  ],
  O10: [{ sent: [{ ...sent, ended: 5 }, { ...sent, at: 4, ended: 6 }] }],
  O12: [150, 1000].map((at) => ({
    sent: [{ ...sent, status: 429, retryAfter: 2 }, { ...sent, at, ended: at + 1 }],
  })).concat({
    sent: [{ ...sent, status: 429, retryAfter: 2 }, { ...sent, point: "GET /api/2.0/repos", at: 700, ended: 701 }],
  }),
  O14: [{ told: "canary/+" }, { lives: [{ ...life, log: btoa("canary/+") }] }, {
    sent: [{ ...patch, body: encodeURIComponent("canary/+") }],
  }],
  O15: [{ sent: [{ ...sent, authorization: "Bearer another" }] }],
  O16: [{ sent: [{ ...patch, point: "PATCH secrets" }] }],
  O17: [{ sent: [{ ...patch, aliveAtRelease: 1 }] }],
  O18: [{ lives: [{ ...life, end: "itself", code: 1 }] }, { lives: [{ ...life, log: "Unhandled: x" }] }, {
    lives: [{ ...life, errors: "panic" }],
  }],
  O19: [{ lives: [{ ...life, descriptors: 500 }] }],
  O20: [{ lives: [{ ...life, code: 1 }] }, { lives: [{ ...life, seconds: 11 }] }],
};

for (const { id, title } of oracles) {
  Deno.test(`${id} finds a violation of "${title}"`, () => {
    const cases = violations[id] ?? [];
    assert.ok(cases.length > 0, "there is a case");
    for (const change of cases) {
      const found = judge({ ...quiet, ...change }).map(({ oracle }) => oracle);
      assert.ok(found.includes(id), `${JSON.stringify(change)} gives ${found.join()}`);
    }
  });
}

Deno.test("no oracle finds a violation in an empty run", () => {
  assert.deepEqual(judge(quiet), []);
});

Deno.test("a resource that ended by itself after the last write is not a leftover", () => {
  const put = { ...sent, point: "POST /api/2.2/jobs/run-now", alive: 1 };
  assert.deepEqual(judge({ ...quiet, sent: [put], left: 0 }), []);
});

Deno.test("a transition, a repeated part and a request after the pause are not violations", () => {
  const put = { ...sent, point: "POST /api/2.0/secrets/put" };
  const evidence = {
    ...quiet,
    history: states([ready("False", "1")], [ready("True", "2")]),
    sent: [{ ...put, status: 429, retryAfter: 2 }, { ...put, at: 2500, ended: 2501 }],
  };
  assert.deepEqual(judge(evidence), []);
});
