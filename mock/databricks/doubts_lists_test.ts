/** Tests every answer to the doubts about lists. */
import assert from "node:assert/strict";
import { asker } from "./ask.ts";
import { MockWorkspace } from "./workspace.ts";

/** The lists that share a behaviour: the request, the field of the rows, and a function that adds a row. */
const lists = {
  "/api/2.2/jobs/list": { rows: "jobs", add: ({ jobs }: MockWorkspace, n: number) => jobs.add({ name: `job ${n}` }) },
  "/api/2.0/repos": {
    rows: "repos",
    add: ({ repos }: MockWorkspace, n: number) => repos.add({ url: "https://x/y", path: `/Repos/team/r${n}` }),
  },
  "/api/2.0/git-credentials": {
    rows: "credentials",
    add: ({ credentials }: MockWorkspace, n: number) =>
      credentials.add({ git_provider: "gitHub", git_username: `u${n}` }),
  },
  "/api/2.2/jobs/runs/list": {
    rows: "runs",
    add: ({ jobs, runs }: MockWorkspace) => runs.start(jobs.ids()[0] ?? jobs.add({ name: "a" })),
  },
};

for (const [path, { rows, add }] of Object.entries(lists)) {
  Deno.test(`${path} lags behind writes for the given time, while get does not`, async () => {
    let now = 1_000_000;
    const workspace = new MockWorkspace({ doubts: { listLag: "seconds" }, listLagMs: 5000, now: () => now });
    const ask = asker(workspace);
    const count = async () => (await ask(`GET ${path}`)).body[rows]?.length ?? 0;
    add(workspace, 1);
    assert.equal(await count(), 0);
    now += 5001;
    assert.equal(await count(), 1);
    add(workspace, 2);
    now += 4000;
    assert.equal(await count(), 1);
    now += 2000;
    assert.equal(await count(), 2);
  });

  Deno.test(`${path} omits an empty list, or returns it`, async () => {
    assert.equal((await asker(new MockWorkspace())(`GET ${path}`)).body[rows], undefined);
    const workspace = new MockWorkspace({ doubts: { emptyLists: "an empty list" } });
    assert.deepEqual((await asker(workspace)(`GET ${path}`)).body[rows], []);
  });

  Deno.test(`${path} returns every row once, in any order and after an empty page`, async () => {
    const workspace = new MockWorkspace({ doubts: { listOrder: "any", emptyPages: "sometimes" } });
    const ids = Array.from({ length: 30 }, (_, index) => add(workspace, index));
    const parameter = path.endsWith("repos") ? "next_page_token" : "page_token";
    const seen: string[] = [];
    const pages: number[] = [];
    for (let token: string | undefined = ""; token !== undefined;) {
      const { body }: { body: Record<string, Record<string, unknown>[]> & { next_page_token?: string } } = await asker(
        workspace,
      )(`GET ${path}?${token && `${parameter}=${token}`}`);
      const page = body[rows] ?? [];
      pages.push(page.length);
      seen.push(...page.map((row) => String(row.run_id ?? row.job_id ?? row.credential_id ?? row.id)));
      token = body.next_page_token;
    }
    assert.deepEqual(seen.toSorted(), ids.toSorted());
    assert.notDeepEqual(seen, ids.toReversed());
    if (pages.length > 1) assert.equal(pages[0], 0);
  });
}

Deno.test("a list that lags still shows deleted rows, and edited rows with their old values", async () => {
  let now = 1_000_000;
  const workspace = new MockWorkspace({ doubts: { listLag: "seconds" }, listLagMs: 5000, now: () => now });
  const names = async () =>
    (await asker(workspace)("GET /api/2.2/jobs/list")).body.jobs?.map((job: { settings: { name: string } }) =>
      job.settings.name
    );
  const [edited, deleted] = [workspace.jobs.add({ name: "a" }), workspace.jobs.add({ name: "b" })];
  now += 6000;
  workspace.jobs.edit(edited, (settings) => ({ ...settings, name: "c" }));
  workspace.jobs.remove(deleted);
  assert.deepEqual(await names(), ["b", "a"]);
  now += 6000;
  assert.deepEqual(await names(), ["c"]);
});

Deno.test("runs/list accepts a limit of 25, or rejects it", async () => {
  for (const [runsListLimit, status] of [["yes", 200], ["no", 400]] as const) {
    const ask = asker(new MockWorkspace({ doubts: { runsListLimit } }));
    assert.equal((await ask("GET /api/2.2/jobs/runs/list?limit=25")).status, status);
    assert.equal((await ask("GET /api/2.2/jobs/runs/list?limit=24")).status, 200);
  }
});
