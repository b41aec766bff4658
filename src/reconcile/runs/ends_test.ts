import assert from "node:assert/strict";
import { FakeClock } from "../../base/clock_fake.ts";
import type { KnownRun, Run } from "../../resource.ts";
import { RunEnds } from "./ends.ts";

function run(runId: string, endedAt?: number): Run {
  const isOver = endedAt !== undefined;
  return { jobId: "1", runId, startedAt: 1, isOver, isRepairable: false, shown: {}, ...(isOver ? { endedAt } : {}) };
}

function world(known?: () => KnownRun | undefined): { ends: RunEnds; told: string[] } {
  const told: string[] = [];
  const clock = new FakeClock();
  const onEnded = ({ runId, endedAt }: Run) => void told.push(`${runId} ${endedAt}`);
  return { told, ends: new RunEnds({ clock, onEnded, known }) };
}

Deno.test("an end is reported once, however often the run is read", () => {
  const { ends, told } = world();
  for (let poll = 0; poll < 3; poll++) ends.note(run("1", 100), 50);
  assert.deepEqual(told, ["1 100"]);
});

Deno.test("of the runs that ended before the first poll, those that the status does not show are reported once", () => {
  const rows: [KnownRun, Run, string[]][] = [
    [{ runId: "", startedAt: 0 }, run("1", 100), ["1 100"]],
    [{ runId: "1", startedAt: 1 }, run("1", 100), ["1 100"]],
    [{ runId: "1", startedAt: 1, endedAt: 100 }, run("1", 100), []],
    [{ runId: "1", startedAt: 1, endedAt: 50 }, run("1", 100), ["1 100"]],
    [{ runId: "2", startedAt: 2, endedAt: 100 }, run("1", 90), []],
    [{ runId: "0", startedAt: 0, endedAt: 1 }, run("1", 90), ["1 90"]],
    [{ runId: "0", startedAt: 0, endedAt: 1 }, run("1"), []],
  ];
  for (const [known, seen, expected] of rows) {
    const { ends, told } = world(() => known);
    for (const from of [undefined, undefined, 50]) ends.note(seen, from);
    assert.deepEqual(told, expected, JSON.stringify(known));
  }
});

Deno.test("runs that ended before the first poll are not reported if the status shows no run", () => {
  const { ends, told } = world();
  ends.note(run("1", 100), undefined);
  ends.note(run("1", 100), 50);
  ends.note(run("2", 40), 50);
  assert.deepEqual(told, []);
});

Deno.test("a run that was active is reported however long ago it ended", () => {
  const { ends, told } = world();
  ends.replaceActive(new Map([["1", run("1")]]));
  assert.deepEqual(ends.replaceActive(new Map()).map(({ runId }) => runId), ["1"]);
  assert.ok(ends.isActive(run("1")), "until its end was read");
  ends.note(run("1", 40), 50);
  assert.deepEqual([told, ends.isActive(run("1"))], [["1 40"], false]);
});

Deno.test("the end of a repair is a separate end", () => {
  const { ends, told } = world();
  ends.note(run("1", 100), 50);
  ends.note(run("1", 200), 50);
  assert.deepEqual(told, ["1 100", "1 200"]);
});

Deno.test("reported ends that no list can contain any more are forgotten", () => {
  const { ends, told } = world();
  for (let id = 0; id < 5000; id++) ends.note(run(String(id), id), id - 10);
  assert.equal(told.length, 5000);
  ends.note(run("4999", 4999), 4990);
  assert.equal(told.length, 5000);
});
