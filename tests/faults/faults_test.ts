/** Tests the parts of a campaign: points, plans, and their choice. */
import assert from "node:assert/strict";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { baselineText } from "../../src/reconcile/plan/baseline.ts";
import { resources } from "../../src/resources/mod.ts";
import { choose } from "./choice.ts";
import { mask } from "./mask.ts";
import { type Point, Striker } from "./plan.ts";
import { plansFor, plansOf } from "./plans.ts";
import { isSettled } from "./settled.ts";
import { ofPeople } from "./people.ts";
import { ofRuns } from "./runs.ts";
import { stories } from "./stories.ts";
import { faultyWatch } from "./watch_stream.ts";

const create: Point = { phase: "create", side: "databricks", point: "POST /api/2.2/jobs/create", occurrence: 1 };
const status: Point = { phase: "create", side: "kubernetes", point: "PATCH databricksjobs/status", occurrence: 2 };
const list: Point = { phase: "create", side: "kubernetes", point: "LIST databricksjobs", occurrence: 1 };
const watch: Point = { phase: "create", side: "kubernetes", point: "WATCH databricksjobs", occurrence: 1 };
const other: Point = { ...list, point: "LIST repos" };
const job = stories.find(({ name }) => name === "job")!;

Deno.test("a striker strikes only the occurrences of its plan, in its phase and on its side", () => {
  const strike = { how: "lost" } as const;
  const striker = new Striker([{ ...create, occurrence: 2, times: 2, strike }]);
  const hits = Array.from({ length: 4 }, () => striker.at(create).strike !== undefined);
  assert.deepEqual(hits, [false, true, true, false]);
  assert.equal(striker.at({ ...create, phase: "update" }).strike, undefined);
  assert.deepEqual(striker.missed, []);
  assert.equal(new Striker([{ ...create, strike }]).missed.length, 1);
});

Deno.test("every write gets kills before and after its effect and a lost answer; other kinds' points get nothing", () => {
  const plans = plansFor(job, [create, status, list, watch, other, { ...status, phase: "delete" }]);
  const names = plans.map(({ name }) => name);
  for (const point of ["POST /api/2.2/jobs/create#1", "PATCH databricksjobs/status#2"]) {
    for (const fault of ["kill before", "kill after", "lost answer", "500 kept", "kill after, stale list"]) {
      assert.ok(names.includes(`job/create/${point}/${fault}`), `${point} ${fault}`);
    }
  }
  for (const fault of ["404", "429 Retry-After", "truncated", "hang", "stale"]) {
    assert.ok(names.includes(`job/create/LIST databricksjobs#1/${fault}`), fault);
  }
  assert.ok(names.includes("job/delete/EVENT databricksjobs#1/half-open"));
  assert.equal(new Set(names).size, names.length, "names are unique");
  assert.ok(!names.some((name) => name.includes("repos")));
});

Deno.test("faults strike only the story's own kind, also for one named object, and settings and Secrets", () => {
  const struck = (what: string) =>
    ["LIST", "WATCH", "PATCH"].some((verb) => plansFor(job, [{ ...list, point: `${verb} ${what}` }]).length > 0);
  assert.deepEqual(resources.map(({ plural }) => plural).filter(struck), ["databricksjobs"]);
  for (const own of ["databricksjobs[x]", "databricksjobs/status", "databricksconnections", "secrets[api]"]) {
    assert.ok(struck(own), own);
  }
  for (const other of ["repos[x]", "databricksruns/status"]) assert.ok(!struck(other), other);
});

/** The phases in which a story is struck at a point of the API server that is about its kind. */
function phasesOf(name: string, verb = "PATCH"): string[] {
  const all = [...stories, ...ofPeople, ...ofRuns];
  const story = all.find((one) => one.name === name)!;
  const phases = ["start", ...story.steps.map(({ phase }) => phase), "delete"];
  const pointsOf = ({ plural }: typeof story) =>
    phases.map((phase): Point => ({ ...status, phase, point: `${verb} ${plural}` }));
  return [...new Set(plansOf([story], { all, pointsOf }).flatMap(({ blows }) => blows.map(({ phase }) => phase)))];
}

Deno.test("what stories share at their beginning is struck in the first of them, however many are played", () => {
  assert.deepEqual(phasesOf("job"), ["start", "create", "update", "repair", "delete"]);
  assert.deepEqual(phasesOf("cloned"), ["update", "repair", "delete"]);
  assert.deepEqual(phasesOf("run-repaired"), ["fail", "repair once", "fail again", "repair twice", "delete"]);
  assert.deepEqual(phasesOf("run-now"), ["create", "delete"], "another manifest than that of the story before it");
  assert.deepEqual(phasesOf("update-failed"), ["create", "fail", "delete"]);
  assert.deepEqual(phasesOf("update-stopped"), ["delete"]);
});

Deno.test("before the first step, only the reads of the own kind differ between stories", () => {
  const all = [...stories, ...ofPeople, ...ofRuns];
  const settings: Point = { ...list, phase: "start", point: "LIST configmaps[x]" };
  const pointsOf = ({ plural }: typeof job): Point[] => [settings, { ...settings, point: `LIST ${plural}` }];
  const plans = plansOf(all, { all, pointsOf });
  const at = (what: string) => new Set(plans.filter(({ name }) => name.includes(what)).map(({ story }) => story));
  assert.deepEqual([...at("configmaps")], ["job"]);
  assert.deepEqual([...at("LIST databricksjobs")], ["job"]);
  assert.deepEqual([...at("LIST databricksruns")], ["run"]);
  assert.deepEqual([...at("LIST repos")], ["repo"]);
});

Deno.test("an event is struck only in phases that the story has", () => {
  const phases = plansFor(job, [watch, status]).filter(({ name }) => name.includes("/EVENT "))
    .map(({ blows: [blow] }) => blow?.phase);
  assert.deepEqual([...new Set(phases)], ["create"]);
});

Deno.test("a choice contains all kills around creation, and depends only on the seed", () => {
  const points = Array.from({ length: 30 }, (_, index) => ({ ...list, phase: `phase-${index}` }));
  const plans = plansFor(job, [create, ...points]);
  const names = (seed: number) => choose(plans, { seed }).map(({ name }) => name);
  for (const fault of ["kill before", "kill after", "lost answer"]) {
    assert.ok(names(1).includes(`job/create/POST /api/2.2/jobs/create#1/${fault}`));
  }
  assert.deepEqual(names(1), names(1));
  assert.notDeepEqual(names(1), names(2));
  assert.ok(names(1).length < plans.length);
  assert.ok(choose(plans, { perGroup: 20 }).length > names(1).length);
});

Deno.test("a mask hides only ids, times and the given texts", () => {
  const value = { id: 901234567890123456n, since: "2026-01-01", name: "f-1/x", runs: 3 };
  assert.deepEqual(mask(value, { "f-1": "namespace" }), { id: 0, name: "namespace/x", runs: 3, since: "…" });
});

/** The lines of a watch of two changes of one object, with a fault at the first. */
async function told(how: "cut" | "duplicated" | "withheld" | "gone" | "closed"): Promise<string[]> {
  const event = (version: string) => JSON.stringify({ type: "MODIFIED", object: { metadata: { name: "a", version } } });
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(`${event("1")}\n${event("2")}\n`));
      if (how !== "withheld") controller.close();
    },
  });
  let count = 0;
  const faulty = faultyWatch(body, () => ++count === 1 ? { how } : undefined, 1);
  const lines: string[] = [];
  const reader = faulty.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (let { value, done } = await reader.read(); !done; { value, done } = await reader.read()) {
      lines.push(value ?? "");
      if (how === "withheld") break;
    }
  } catch {
    lines.push("broken");
  }
  return lines.map((line) => line.match(/"version":"(\d)"/)?.[1] ?? line.match(/"code":410|broken/)?.[0] ?? "part");
}

Deno.test("a watch is cut, doubled, delayed, gone or closed at the struck event", async () => {
  assert.deepEqual(await told("cut"), ["part", "broken"]);
  assert.deepEqual(await told("duplicated"), ["1", "1", "2"]);
  assert.deepEqual(await told("gone"), ['"code":410']);
  assert.deepEqual(await told("closed"), []);
  assert.deepEqual(await told("withheld"), ["2"], "the last of several changes is reported");
});

Deno.test("a step is not settled until the look after a repair is recorded", () => {
  const conditions = ["Ready", "Synced"].map((type) => ({ type, status: "True", observedGeneration: 2 }));
  const withBaseline = (more: { repaired?: string[] }) => {
    const applied = { max_concurrent_runs: "hash" };
    const fingerprints = baselineText({ version: 1, api: "2.2", generation: 2, applied, observed: applied, ...more });
    return { metadata: { name: "x", generation: 2 }, status: { conditions, fingerprints } };
  };
  const step = { phase: "repair", generation: 2, act: () => {}, holds: () => true };
  const workspace = new MockWorkspace();
  assert.equal(isSettled(withBaseline({}), step, workspace), true);
  assert.equal(isSettled(withBaseline({ repaired: ["max_concurrent_runs"] }), step, workspace), false);
});
