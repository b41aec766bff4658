import assert from "node:assert/strict";
import fc from "fast-check";
import { MockWorkspace } from "../../../mock/databricks/workspace.ts";
import { clientOf } from "../../../tests/support/clients.ts";
import { FakeClock, settle } from "../../base/clock_fake.ts";
import { Mutex } from "../../base/mutex.ts";
import { defaults } from "../connect/settings.ts";
import {
  type KubeClient,
  KubeError,
  type KubeObject,
  type ResourcePath,
  type Selectors,
} from "../../kubernetes/client.ts";
import type { External } from "../../resource.ts";
import { databricksJob } from "../../resources/databricks_job.ts";
import { databricksSecretScope } from "../../resources/databricks_secret_scope.ts";
import { ingest, objectName, objectNames, Refusals } from "./ingest.ts";

/** Ingests a workspace's jobs into an empty namespace, apart from what the test says. */
class World {
  readonly workspace = new MockWorkspace();
  readonly created: KubeObject[] = [];
  readonly paths: ResourcePath[] = [];
  /** Names that objects have already. */
  readonly names = new Set<string>();
  /** Objects that the API server has, but the store does not show yet. */
  readonly unseen = new Map<string, KubeObject>();
  isTaken = (_external: External): boolean => false;
  isStale = (_id: string): boolean => false;
  isCopy = (_id: string): boolean => false;
  /** The API server's answer to a create, instead of the object. */
  failure: Error | undefined;

  /** The same, by the object. */
  refuse = (_object: KubeObject): Error | undefined => undefined;

  readonly clock = new FakeClock();
  readonly refusals = new Refusals(this.clock);
  readonly lock = new Mutex();
  /** Holds back creates that are not refused. */
  gate: Promise<void> = Promise.resolve();
  /** The creates that the API server has not answered yet. */
  underWay = 0;

  readonly #client = {
    create: async (path: ResourcePath, object: KubeObject) => {
      this.paths.push(path);
      const failure = this.failure ?? this.refuse(object);
      if (failure !== undefined) return Promise.reject(failure);
      this.underWay++;
      await this.gate;
      this.underWay--;
      if (this.names.has(object.metadata.name ?? "")) {
        return Promise.reject(new KubeError("taken", { status: 409, reason: "AlreadyExists" }));
      }
      this.names.add(object.metadata.name ?? "");
      return Promise.resolve({ ...object, metadata: { ...object.metadata, uid: "uid" } });
    },
    list: (_path: ResourcePath, { fieldSelector = "" }: Selectors) => {
      const object = this.unseen.get(fieldSelector.replace("metadata.name=", ""));
      return Promise.resolve({ metadata: {}, items: object === undefined ? [] : [object] });
    },
  } as unknown as KubeClient;

  async ingest(): Promise<KubeObject[]> {
    const settings = { apiSecretName: "api", ...defaults };
    const workspace = clientOf(this.workspace);
    const listed: External[] = [];
    for await (const page of databricksJob.external.list?.(workspace) ?? []) listed.push(...page);
    await ingest(listed, {
      resource: databricksJob,
      client: this.#client,
      connection: { place: "team", namespace: "team", settings, workspace },
      taken: () => (external) => this.isTaken(external),
      locked: (section) => this.lock.run(section),
      isStale: (id) => this.isStale(id),
      isCopy: (id) => this.isCopy(id),
      observeWrite: (object) => this.created.push(object),
      refusals: this.refusals,
    });
    return this.created;
  }
}

const task = (task_key: string) => ({ task_key, notebook_task: { notebook_path: "/x" } });

Deno.test("a job without an object gets one with owner api", async () => {
  const world = new World();
  const id = world.workspace.jobs.add({ name: "Nightly Report", tasks: [task("a")] });
  const [object] = await world.ingest();
  assert.deepEqual(world.paths, [
    { group: "com.dstancu.databricks", version: "v1", plural: "databricksjobs", namespace: "team" },
  ]);
  assert.deepEqual(object?.metadata, {
    name: "nightly-report",
    namespace: "team",
    uid: "uid",
    annotations: { "databricks-operator/owner": "api" },
  });
  assert.deepEqual([object?.apiVersion, object?.kind], ["com.dstancu.databricks/v1", "DatabricksJob"]);
  const { job } = object?.spec as { job: { job_id: unknown; settings: { name: string } } };
  assert.deepEqual([job.job_id, job.settings.name], [BigInt(id), "Nightly Report"]);
});

Deno.test("ingest skips jobs that an object holds, that were just written, or that have a tag", async () => {
  const world = new World();
  const [taken, stale] = [world.workspace.jobs.add({ name: "taken" }), world.workspace.jobs.add({ name: "stale" })];
  world.workspace.jobs.add({ name: "tagged", tags: { "databricks-kube-operator": "uid-of-another-cluster" } });
  world.workspace.jobs.add({ name: "free", tags: { team: "data" } });
  world.isTaken = ({ id }) => id === taken;
  world.isStale = (id) => id === stale;
  assert.deepEqual((await world.ingest()).map(({ metadata }) => metadata.name), ["free"]);
});

Deno.test("jobs of the same name get objects of different names, and none is lost", async () => {
  const world = new World();
  const ids = Array.from({ length: 3 }, () => world.workspace.jobs.add({ name: "etl" }));
  const names = (await world.ingest()).map(({ metadata }) => metadata.name);
  // The list begins with the newest, and the first one gets the plain name.
  assert.deepEqual(names, ["etl", `etl-${ids[1]}`, `etl-${ids[0]}`]);
});

Deno.test("when every name is taken the job is skipped, and the others are ingested", async () => {
  const world = new World();
  world.workspace.jobs.add({ name: "other" });
  const id = world.workspace.jobs.add({ name: "etl" });
  world.names.add("etl").add(`etl-${id}`);
  assert.deepEqual((await world.ingest()).map(({ metadata }) => metadata.name), ["other"]);
});

Deno.test("a job whose object another process just created gets no second object under the next name", async () => {
  const ahead = new World();
  const ids = ["etl", "report"].map((name) => ahead.workspace.jobs.add({ name }));
  const made = structuredClone(await ahead.ingest());
  const world = new World();
  for (const name of ["etl", "report"]) world.workspace.jobs.add({ name });
  assert.deepEqual(world.workspace.jobs.ids(), ids);
  for (const object of made) {
    world.names.add(object.metadata.name ?? "");
    world.unseen.set(object.metadata.name ?? "", object);
  }
  const names = (await world.ingest()).map(({ metadata }) => metadata.name).sort();
  assert.deepEqual(names, ["etl", "report"], "they are recorded unchanged");
  assert.deepEqual([...world.names].sort(), ["etl", "report"]);
});

Deno.test("a name that another job's object has taken does not keep a job from getting its own", async () => {
  const others = {
    "of another id": { status: { id: "999" } },
    "of another workspace": { status: { id: "1", workspace: "https://other.example.com" } },
    "that holds nothing": {},
  };
  for (const [what, fields] of Object.entries(others)) {
    const world = new World();
    const id = world.workspace.jobs.add({ name: "etl" });
    world.names.add("etl");
    const spec = { job: { settings: { name: "etl", tasks: [] } } };
    world.unseen.set("etl", { metadata: { name: "etl", namespace: "team" }, spec, ...fields });
    assert.deepEqual((await world.ingest()).map(({ metadata }) => metadata.name), [`etl-${id}`], what);
  }
});

Deno.test("a job whose object the API server rejects is skipped, and the others are ingested", async () => {
  const world = new World();
  const [bad] = ["bad", "good"].map((name) => world.workspace.jobs.add({ name }));
  world.refuse = ({ spec }) =>
    (spec?.job as { job_id: bigint }).job_id === BigInt(bad ?? 0)
      ? new KubeError("invalid", { status: 422, reason: "Invalid" })
      : undefined;
  assert.deepEqual((await world.ingest()).map(({ metadata }) => metadata.name), ["good"]);
});

for (
  const [what, status, message] of [
    ["a quota", 403, 'databricksjobs "x" is forbidden: exceeded quota: team'],
    ["an admission webhook", 400, 'admission webhook "policy.example" denied the request'],
    ["its size", 500, "etcdserver: request is too large"],
  ] as const
) {
  Deno.test(`eight jobs that ${what} rejects do not keep later ones from getting objects`, async () => {
    const world = new World();
    for (let index = 0; index < 12; index++) world.workspace.jobs.add({ name: `good ${index}` });
    for (let index = 0; index < 9; index++) world.workspace.jobs.add({ name: `bad ${index}` });
    world.refuse = ({ metadata }) =>
      metadata.name?.startsWith("bad") ? new KubeError(message, { status, reason: "Unknown" }) : undefined;
    assert.equal((await world.ingest()).length, 12);
  });
}

Deno.test("a rejected job is not retried at each sweep, but when it changes or after a while", async () => {
  const world = new World();
  const id = world.workspace.jobs.add({ name: "bad" });
  world.failure = new KubeError("no", { status: 422, reason: "Invalid" });
  const attempts = async () => {
    const before = world.paths.length;
    await world.ingest();
    return world.paths.length - before;
  };
  assert.deepEqual([await attempts(), await attempts()], [1, 0]);
  world.workspace.jobs.edit(id, (settings) => void (settings.description = "edited"));
  assert.deepEqual([await attempts(), await attempts()], [1, 0]);
  await world.clock.advance(30_000);
  assert.deepEqual([await attempts(), await attempts()], [1, 0]);
  await world.clock.advance(59_000);
  assert.equal(await attempts(), 0, "each refusal doubles the pause");
  await world.clock.advance(1000);
  world.failure = undefined;
  assert.equal((await world.ingest()).length, 1);
});

for (
  const [what, status, message] of [
    [
      "forbids all creates",
      403,
      'databricksjobs is forbidden: User "operator" cannot create resource "databricksjobs"',
    ],
    ["asks to be left alone", 429, "too many requests"],
  ] as const
) {
  Deno.test(`while the API server ${what}, not every job is tried`, async () => {
    const world = new World();
    for (let index = 0; index < 40; index++) world.workspace.jobs.add({ name: `job ${index}` });
    world.failure = new KubeError(message, { status, reason: "Forbidden" });
    await assert.rejects(world.ingest(), KubeError);
    assert.ok(world.paths.length <= 8, `${world.paths.length} paths were requested`);
  });
}

Deno.test("a failed ingest has no create in flight when its lock is free", async () => {
  const world = new World();
  for (let index = 0; index < 12; index++) world.workspace.jobs.add({ name: `job ${index}` });
  const { promise, resolve } = Promise.withResolvers<void>();
  let tried = 0;
  world.gate = promise;
  world.refuse = () => ++tried === 1 ? new KubeError("busy", { status: 429, reason: "TooManyRequests" }) : undefined;
  const failed = assert.rejects(world.ingest(), KubeError);
  while (world.underWay < 7) await settle();
  let leftOver: number | undefined;
  const next = world.lock.run(() => Promise.resolve(void (leftOver = world.underWay)));
  await settle();
  assert.equal(leftOver, undefined, "the lock is free");
  resolve();
  await Promise.all([failed, next]);
  assert.equal(leftOver, 0);
});

Deno.test("a job that the list truncates is ingested completely", async () => {
  const world = new World();
  world.workspace.jobs.add({ name: "large", tasks: Array.from({ length: 150 }, (_, index) => task(`t${index}`)) });
  const [object] = await world.ingest();
  const { job } = object?.spec as { job: { settings: { tasks: unknown[] } } };
  assert.equal(job.settings.tasks.length, 150);
});

Deno.test("a truncated job that is deleted before its get gets no object", async () => {
  const world = new World();
  world.workspace.jobs.add({ name: "large", tasks: Array.from({ length: 150 }, (_, index) => task(`t${index}`)) });
  world.workspace.faults.add({ match: "jobs/get", status: 404, body: { error_code: "RESOURCE_DOES_NOT_EXIST" } });
  assert.deepEqual(await world.ingest(), []);
});

Deno.test("objectName turns any job name into a valid object name", () => {
  const table: [text: string, name: string][] = [
    ["etl", "etl"],
    ["Nightly Report (EU)", "nightly-report-eu"],
    ["[dev jane_doe] etl", "dev-jane-doe-etl"],
    ["--a--", "a"],
    ["ÉCLAIR 2", "eclair-2"],
    ["naïve", "naive"],
    ["日本", "job"],
    ["", "job"],
    ["  ", "job"],
    ["a".repeat(300), "a".repeat(200)],
    [`${"a".repeat(199)} b`, "a".repeat(199)],
  ];
  for (const [text, name] of table) assert.equal(objectName(text, "job"), name, text);
});

Deno.test("every candidate name is a DNS subdomain of at most 253 characters, and the last one is unique", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", "B", "7", "é", "日", "🎉", " ", "-", "_", "."), maxLength: 300 }),
      fc.bigInt({ min: 0n, max: 2n ** 63n }),
      (name, id) => {
        const names = objectNames(databricksJob, String(id), { settings: { name } });
        for (const one of names) assert.match(one, /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
        assert.ok(names.at(-1)?.endsWith(`-${id}`));
      },
    ),
  );
});

Deno.test("a resource with a non-numeric id gets a hash of it in its object's name", () => {
  const [plain, unique] = objectNames(databricksSecretScope, "Team@Scope", { name: "Team@Scope" });
  assert.equal(plain, "team-scope");
  assert.match(unique ?? "", /^team-scope-[a-z0-9]{1,8}$/);
  const other = objectNames(databricksSecretScope, "team.scope", { name: "team.scope" });
  assert.notEqual(other[1], unique);
});
