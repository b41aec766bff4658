/** What every kind promises (`src/resource.ts`), for each of its examples, against the mock workspace. */
import assert from "node:assert/strict";
import { MockWorkspace } from "../mock/databricks/workspace.ts";
import { FakeClock } from "../src/base/clock_fake.ts";
import { AlreadyExistsError, DatabricksError, UnavailableError } from "../src/databricks/errors.ts";
import type { WorkspaceClient } from "../src/databricks/workspace.ts";
import { disagreements } from "../src/reconcile/plan/diff.ts";
import { isObject, stringifyJson } from "../src/base/json.ts";
import { unknownFields, without } from "../src/reconcile/plan/fields.ts";
import {
  appliedFingerprint,
  type Baseline,
  BASELINE_VERSION,
  observedFingerprint,
} from "../src/reconcile/plan/baseline.ts";
import { comparedOf } from "../src/reconcile/pass/baseline.ts";
import { plan } from "../src/reconcile/plan/plan.ts";
import type { Example, External, Intent, Owner, Resource } from "../src/resource.ts";
import { databricksJob } from "../src/resources/databricks_job.ts";
import { resources } from "../src/resources/mod.ts";
import { repo } from "../src/resources/repo.ts";
import { isListed } from "../src/reconcile/pass/absence.ts";
import { clientOf, inTime } from "./support/clients.ts";
import { doubtsFor, tellingDoubts } from "./support/doubts.ts";

type Fields = Record<string, unknown>;

const owner: Owner = { uid: "uid-1", name: "example", tag: "databricks-kube-operator" };
const subject = { name: "example", namespace: "team" };
const versions = ["2.2", "2.1"];

/** A kind, one of its examples, and a workspace for the two. */
class Bench {
  readonly mock: MockWorkspace;
  readonly workspace: WorkspaceClient;

  constructor(readonly resource: Resource, readonly example: Example, { version = "2.2", test = example.title } = {}) {
    // A law is about one state of the workspace. That lists lag behind it is the reconciler's business, and an unknown field
    // that is refused cannot be looked for.
    const doubts = doubtsFor(test, { listLag: "none" });
    if (doubts.unknownFields === "refused") doubts.unknownFields = "dropped";
    this.mock = new MockWorkspace({ doubts });
    this.workspace = clientOf(this.mock, { jobsApiVersion: version });
    if (example.needs?.scope !== undefined) this.mock.secrets.addScope(example.needs.scope);
  }

  /** What a manifest with this spec asks for. */
  intent(spec: Fields): Intent {
    const parsed = this.resource.spec.parse(spec) as Fields;
    const secret = Object.entries(this.example.secret ?? {});
    return {
      desired: this.resource.desired(parsed, subject),
      owner,
      values: Object.fromEntries(secret.map(([key, text]) => [key, new TextEncoder().encode(text)])),
      changes: [],
    };
  }

  /** Creates what the example asks for and gives its id; a kind that cannot create fills what is there. */
  async create(): Promise<string> {
    const { external } = this.resource;
    const intent = this.intent(this.example.spec);
    const id = await external.create?.(this.workspace, intent) ?? await this.idOfExisting(intent);
    await this.putParts(id, intent);
    return id;
  }

  async idOfExisting(intent: Intent): Promise<string> {
    const [external] = await this.resource.external.find(this.workspace, intent, {});
    assert.ok(external !== undefined, "there is something to fill");
    return external.id;
  }

  /** Writes the parts that are wanted and takes away those that are not. */
  async putParts(id: string, intent: Intent): Promise<void> {
    const { parts } = this.resource;
    const wanted = parts?.desired(intent);
    if (parts === undefined || wanted === undefined) return;
    for (const [name, value] of Object.entries(wanted)) await parts.put(this.workspace, id, name, value);
    const held = parts.observed(await this.observe(id, intent));
    for (const name of Object.keys(held)) {
      if (parts.exclusive && !Object.hasOwn(wanted, name)) await parts.delete(this.workspace, id, name);
    }
  }

  async observe(id: string, intent: Intent = this.intent(this.example.spec)): Promise<Fields> {
    const observed = await this.resource.external.observe(this.workspace, id, intent);
    assert.ok(observed !== undefined, `${this.resource.noun} ${id} is there`);
    return observed;
  }

  /** What is compared of an observed resource, as the reconciler does it. */
  compared(observed: Fields, intent: Intent): Fields {
    return comparedOf(this.resource, intent, observed);
  }

  /** What is compared of a manifest. */
  asked({ desired }: Intent): Fields {
    return without(desired, this.resource.parts?.field === undefined ? [] : [this.resource.parts.field]);
  }

  /** Where Databricks holds something else than was asked for, apart from fields that cannot show. */
  differences(observed: Fields, intent: Intent, except: readonly string[] = []): string[] {
    const { fields } = this.resource;
    const hidden = [...fields.createOnly ?? [], ...fields.unread ?? [], ...except];
    return disagreements(without(this.asked(intent), hidden), this.compared(observed, intent), fields);
  }

  /** What the reconciler would do about the resource. */
  plan(observed: Fields, intent: Intent, baseline: Baseline | undefined, generation = 1) {
    const { fields, external } = this.resource;
    return plan({
      desired: this.asked(intent),
      observed: this.compared(observed, intent),
      baseline,
      api: this.resource.apiVersion(this.workspace),
      generation,
      rules: fields,
      updatable: external.update !== undefined,
      rotated: false,
    });
  }

  baseline(intent: Intent, observed?: Fields): Baseline {
    const { fields } = this.resource;
    return {
      version: BASELINE_VERSION,
      api: this.resource.apiVersion(this.workspace),
      generation: 1,
      words: true,
      applied: appliedFingerprint(this.asked(intent), fields),
      ...(observed === undefined ? {} : { observed: observedFingerprint(this.compared(observed, intent), fields) }),
    };
  }

  async list(): Promise<External[]> {
    const all: External[] = [];
    for await (const page of this.resource.external.list?.(this.workspace) ?? []) all.push(...page);
    return all;
  }
}

for (const resource of resources) {
  const isVersioned = Object.values(resource.endpoints).some(({ path }) => path.includes("{jobs_api_version}"));
  for (const version of isVersioned ? versions : ["2.2"]) {
    for (const example of resource.examples) testExample(resource, example, version);
  }
  testKind(resource);
}

/** A spec with an unknown field in each object that the kind's schema knows, and where each stands. */
function withStrangers(resource: Resource, spec: Fields): { spec: Fields; paths: [path: string, name: string][] } {
  const mark = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(mark);
    if (!isObject(value)) return value;
    return { ...Object.fromEntries(Object.entries(value).map(([name, field]) => [name, mark(field)])), stranger: 1 };
  };
  const paths: [string, string][] = [];
  const unknown = new Set(unknownFields(resource.spec, mark(spec), "spec"));
  const place = (value: unknown, path: string): unknown => {
    if (Array.isArray(value)) return value.map((element, index) => place(element, `${path}[${index}]`));
    if (!isObject(value)) return value;
    const placed = Object.entries(value).map(([name, field]) => [name, place(field, `${path}.${name}`)]);
    if (!unknown.has(`${path}.stranger`)) return Object.fromEntries(placed);
    const name = `stranger_${paths.length}_`;
    paths.push([path, name]);
    return { ...Object.fromEntries(placed), [name]: 1 };
  };
  return { spec: place(spec, "spec") as Fields, paths };
}

function testExample(resource: Resource, example: Example, version: string): void {
  const { external, parts } = resource;
  const law = (claim: string, test: (bench: Bench) => Promise<void> | void) => {
    const api = resource.hasRuns ? ` (Jobs API ${version})` : "";
    const name = `${resource.kind}, "${example.title}"${api}: ${claim}`;
    Deno.test(name, async () => {
      const bench = new Bench(resource, example, { version, test: name });
      await tellingDoubts(name, bench.mock.doubts, () => test(bench));
      assert.deepEqual(bench.mock.unhandled, []);
    });
  };

  law("the manifest and its edit are accepted", () => {
    for (const spec of [example.spec, example.edited ?? example.spec]) {
      const parsed = resource.spec.parse(spec) as Fields;
      assert.deepEqual(resource.validate?.(parsed) ?? [], []);
    }
  });

  law("what is created is what the manifest asks for", async (bench) => {
    const intent = bench.intent(example.spec);
    const observed = await bench.observe(await bench.create());
    assert.deepEqual(bench.differences(observed, intent, resource.fields.updateOnly), []);
    assert.doesNotThrow(() => resource.observed.parse(observed));
  });

  law("a field that the schema does not know is sent where the kind says so, and nowhere else", async (bench) => {
    const { spec, paths } = withStrangers(resource, example.spec);
    const intent = bench.intent(spec);
    const id = await external.create?.(bench.workspace, intent) ?? await bench.idOfExisting(intent);
    await bench.putParts(id, intent);
    const sent = bench.mock.ledger.writes().map(({ body }) => stringifyJson(body)).join();
    for (const [path, name] of paths) {
      const isPassedOn = (resource.passesOn ?? [resource.desiredPath]).some((root) => path.startsWith(root));
      assert.equal(sent.includes(name), isPassedOn, path);
    }
  });

  law("after the create, and once the baseline is taken, there is nothing to write", async (bench) => {
    const intent = bench.intent(example.spec);
    const id = await bench.create();
    if (resource.fields.updateOnly !== undefined) await external.update?.(bench.workspace, id, intent);
    const observed = await bench.observe(id);
    assert.deepEqual(bench.plan(observed, intent, bench.baseline(intent)), { action: "bind" });
    assert.deepEqual(bench.plan(observed, intent, bench.baseline(intent, observed)), { action: "none" });
  });

  law("what is created is found again, once and with its id", async (bench) => {
    const intent = bench.intent(example.spec);
    const id = await bench.create();
    const found = await external.find(bench.workspace, intent, { since: Date.now() });
    assert.deepEqual(found.map((one) => one.id), [id]);
  });

  law("nothing is found before the create", async (bench) => {
    if (external.create === undefined) return;
    assert.deepEqual(await external.find(bench.workspace, bench.intent(example.spec), { since: Date.now() }), []);
  });

  law("a second create of a natural key is refused as existing", async (bench) => {
    if (external.create === undefined || resource.identity !== "natural") return;
    await bench.create();
    await assert.rejects(external.create(bench.workspace, bench.intent(example.spec)), AlreadyExistsError);
  });

  law("what is absent is undefined, before it was made and after it was deleted", async (bench) => {
    const absent = resource.naturalKey !== undefined && resource.specId === undefined ? "absent" : "7";
    assert.equal(await external.observe(bench.workspace, absent), undefined);
    if (external.delete === undefined) return;
    const id = await bench.create();
    for (const _time of ["first", "again"]) {
      await external.delete(bench.workspace, id);
      assert.equal(await external.observe(bench.workspace, id), undefined);
    }
    await external.delete(bench.workspace, absent);
  });

  law(
    "a second source holds what is there and not what was deleted, and what it cannot be asked is no answer",
    async (bench) => {
      const intent = bench.intent(example.spec);
      const id = await bench.create();
      const { workspace } = bench;
      for (const question of [{ workspace, id, intent }, ...external.list === undefined ? [] : [{ workspace, id }]]) {
        assert.equal(await isListed(resource, question), true, "it is there");
      }
      const down = bench.mock.faults.add({ match: /GET .*(list|repos|git-credentials|get-status)$/, status: 400 });
      await assert.rejects(isListed(resource, { workspace, id, intent }), DatabricksError);
      down.remove();
      if (external.delete === undefined) return;
      await external.delete(workspace, id);
      for (const question of [{ workspace, id, intent }, { workspace, id }]) {
        assert.equal(await isListed(resource, question), false, "it was deleted");
      }
    },
  );

  law("a gateway's 404 makes nothing absent, found or deleted", async (bench) => {
    const intent = bench.intent(example.spec);
    const id = await bench.create();
    const clock = new FakeClock();
    const workspace = clientOf(bench.mock, { clock, jobsApiVersion: bench.workspace.jobsApiVersion });
    const down = bench.mock.faults.add({ match: "/api/", status: 404, body: "<html><h1>Not Found</h1></html>" });
    const asked: (() => Promise<unknown>)[] = [
      () => external.observe(workspace, id, intent),
      () => external.find(workspace, intent, { since: Date.now() }),
      () => isListed(resource, { workspace, id, intent }),
      ...external.delete === undefined ? [] : [() => external.delete?.(workspace, id) ?? Promise.resolve()],
    ];
    for (const ask of asked) await assert.rejects(inTime(clock, ask()), UnavailableError);
    down.remove();
    await bench.observe(id);
  });

  law("an update leads to what the edited manifest asks for, also when it is repeated", async (bench) => {
    if (external.update === undefined || example.edited === undefined) return;
    const id = await bench.create();
    const intent = bench.intent(example.edited);
    for (const _time of ["first", "again"]) {
      await external.update(bench.workspace, id, intent);
      assert.deepEqual(bench.differences(await bench.observe(id, intent), intent), []);
    }
    const observed = await bench.observe(id, intent);
    assert.deepEqual(bench.plan(observed, intent, bench.baseline(intent)), { action: "bind" });
  });

  law("a kind with an update shows one in its example", () => {
    if (external.update !== undefined) assert.ok(example.edited !== undefined);
  });

  law("parts are put, read, changed and deleted, each as often as one likes", async (bench) => {
    if (parts === undefined) return;
    for (const spec of [example.spec, example.edited ?? example.spec]) {
      const intent = bench.intent(spec);
      const wanted = parts.desired(intent);
      if (wanted === undefined) continue;
      const id = await bench.create().catch(() => bench.idOfExisting(intent));
      await bench.putParts(id, intent);
      const held = parts.observed(await bench.observe(id, intent));
      assert.deepEqual(Object.keys(held).sort(), Object.keys(wanted).sort());
      for (const [name, { value, stamp }] of Object.entries(held)) {
        if (parts.writeOnly) assert.ok(stamp, "a time tells when a value was put");
        else assert.deepEqual(value, wanted[name]);
      }
      for (const name of [...Object.keys(wanted), ...Object.keys(wanted)]) {
        await parts.delete(bench.workspace, id, name);
      }
      assert.deepEqual(parts.observed(await bench.observe(id, intent)), {});
    }
  });

  law("a list holds it, and shows of it what a get shows", async (bench) => {
    if (external.list === undefined) return;
    const intent = bench.intent(example.spec);
    const id = await bench.create();
    const listed = (await bench.list()).filter((one) => one.id === id);
    assert.equal(listed.length, 1);
    const [{ observed, partial }] = listed as [External];
    const got = await bench.observe(id);
    // What a list cuts is confirmed by a get; all else must give the same fingerprints, or each sweep would see drift.
    if (partial !== true || parts !== undefined) {
      assert.deepEqual(
        observedFingerprint(bench.compared(observed, intent), resource.fields),
        observedFingerprint(bench.compared(got, intent), resource.fields),
      );
    }
  });

  law(
    "an ingested object's spec is accepted, is about the same resource, and asks for what is there",
    async (bench) => {
      if (resource.toSpec === undefined) return;
      const id = await bench.create();
      const observed = await bench.observe(id);
      const spec = resource.toSpec(observed, owner);
      const parsed = resource.spec.parse(spec) as Fields;
      assert.deepEqual(resource.validate?.(parsed) ?? [], []);
      const intent = bench.intent(spec);
      assert.deepEqual(bench.differences(observed, intent), []);
      if (resource.specId !== undefined) assert.equal(resource.specId(parsed), id);
      if (resource.naturalKey !== undefined) {
        assert.equal(resource.naturalKey(intent.desired), resource.naturalKey(observed));
      }
      assert.notEqual(resource.displayName?.(observed), "");
    },
  );

  law("our mark is neither compared nor ingested", async (bench) => {
    const id = await bench.create();
    const intent = bench.intent(example.spec);
    const observed = await bench.observe(id);
    assert.equal(resource.ownerUid?.(observed, owner.tag), resource.identity === "tag" ? owner.uid : undefined);
    const shown = [bench.compared(observed, intent), resource.toSpec?.(observed, owner)];
    assert.ok(!Deno.inspect(shown, { depth: 20 }).includes(owner.uid));
  });

  law("what is released stays, without our mark and otherwise as it was", async (bench) => {
    if (external.release === undefined) return;
    const id = await bench.create();
    const before = await bench.observe(id);
    for (const _time of ["first", "again"]) await external.release(bench.workspace, id, owner);
    const after = await bench.observe(id);
    assert.equal(resource.ownerUid?.(after, owner.tag), undefined);
    assert.deepEqual(resource.comparable(after, owner), resource.comparable(before, owner));
  });

  law("write-only values are in nothing that is read", async (bench) => {
    const id = await bench.create();
    const observed = await bench.observe(id);
    const shown = Deno.inspect([observed, resource.toSpec?.(observed, owner), await bench.list()], { depth: 20 });
    for (const value of Object.values(example.secret ?? {})) {
      if (value.length > 4) assert.ok(!shown.includes(value));
    }
  });
}

function testKind(resource: Resource): void {
  const { external, fields, endpoints } = resource;

  Deno.test(`${resource.kind}: without an update every field that is compared is immutable, and the plan says so`, async () => {
    if (external.update !== undefined) return;
    for (const example of resource.examples) {
      const bench = new Bench(resource, example);
      const intent = bench.intent(example.spec);
      const observed = await bench.observe(await bench.create());
      const names = Object.keys({ ...bench.asked(intent), ...bench.compared(observed, intent) });
      assert.deepEqual(names.filter((field) => !fields.immutable?.includes(field)), []);
      for (const field of Object.keys(bench.asked(intent))) {
        const edited = { ...intent, desired: { ...intent.desired, [field]: "another" } };
        const decided = bench.plan(observed, edited, bench.baseline(intent, observed), 2);
        assert.deepEqual(decided, { action: "immutable", field });
      }
    }
  });

  Deno.test(`${resource.kind}: the rules name fields that there are`, () => {
    const known = Object.keys((resource.comparableSchema.def as unknown as { shape: Fields }).shape);
    const examples = resource.examples.flatMap(({ spec, edited = spec }) =>
      [spec, edited].flatMap((one) => Object.keys(resource.desired(resource.spec.parse(one) as Fields, subject)))
    );
    const all = new Set([...known, ...examples, "initial_manage_principal"]);
    const { immutable = [], createOnly = [], updateOnly = [], outputOnly = [], unread = [] } = fields;
    const { keyedBy = {}, spelling = {}, answers = {}, unordered = [], irremovable = [] } = fields;
    const { onlyIfAsked = {}, defaults = {} } = fields;
    const followed = Object.entries(onlyIfAsked).flatMap(([field, askers]) => [field, ...askers]);
    const lists = [...immutable, ...createOnly, ...updateOnly, ...outputOnly, ...unread, ...irremovable];
    const named = [...lists, ...followed, ...Object.keys(defaults)];
    const paths = [...unordered, ...[keyedBy, spelling, answers].flatMap((rules) => Object.keys(rules))].map((path) =>
      path.split(".")[0] as string
    );
    assert.deepEqual([...named, ...paths].filter((field) => !all.has(field)), []);
  });

  for (const [name, endpoint] of Object.entries(endpoints)) {
    Deno.test(`${resource.kind}: the mock knows endpoint ${name}, ${endpoint.method} ${endpoint.path}`, async () => {
      for (const version of versions) {
        const mock = new MockWorkspace();
        const workspace = clientOf(mock, { jobsApiVersion: version });
        const input = Object.fromEntries([...endpoint.path.matchAll(/\{(\w+)\}/g)].map(([, field]) => [field, 7]));
        await workspace.call(endpoint, input).catch(() => {});
        assert.deepEqual([mock.unhandled, mock.ledger.calls.length], [[], 1]);
        if (!endpoint.path.includes("{jobs_api_version}")) break;
      }
    });
  }

  Deno.test(`${resource.kind}: a list is read to its last page`, async () => {
    if (resource.external.list === undefined) return;
    const example = resource.examples[0] as Example;
    const bench = new Bench(resource, example);
    const ids = Array.from({ length: 130 }, (_, index) => addOne(resource, bench.mock, index));
    assert.deepEqual((await bench.list()).map(({ id }) => id).sort(), ids.sort());
  });
}

function addOne({ kind, plain }: Resource, mock: MockWorkspace, index: number): string {
  const id = plain === undefined
    ? many[kind]?.(mock, index)
    : mock.plain.of(kind)?.add({ [plain.name]: `other ${index}` });
  assert.ok(id !== undefined, `this test knows how others make a ${kind}: add a row to "many"`);
  return id;
}

/** Adds one of a kind as others would; a kind of the plain sort needs no row. */
const many: Record<string, (mock: MockWorkspace, index: number) => string> = {
  DatabricksJob: (mock, index) => mock.jobs.add({ name: `job ${index}` }),
  Repo: (mock, index) => mock.repos.add({ url: "https://x/y", path: `/Repos/team/r${index}` }),
  GitCredential: (mock, index) => mock.credentials.add({ git_provider: "gitHub", git_username: `u${index}` }),
  DatabricksSecretScope: (mock, index) => {
    mock.secrets.addScope(`scope-${index}`);
    return `scope-${index}`;
  },
};

Deno.test("a repo's path may be written as the webapp shows it, with /Workspace in front", async () => {
  for (const path of ["/Workspace/Users/me/lib", "/Repos/team/lib/", "/Users/me/lib"]) {
    const spec = { repository: { path, url: "https://github.com/example/lib.git", provider: "github" } };
    const bench = new Bench(repo, { title: path, spec });
    const intent = bench.intent(spec);
    const id = await bench.create();
    const observed = await bench.observe(id);
    assert.deepEqual(bench.differences(observed, intent), []);
    assert.equal(repo.naturalKey?.(intent.desired), repo.naturalKey?.(observed));
    const withoutList = bench.mock.faults.add({ match: "GET /api/2.0/repos", times: 1, edit: () => ({}) });
    for (const _way of ["by its path's status", "by the list"]) {
      const found = await repo.external.find(bench.workspace, intent, {});
      assert.deepEqual(found.map((one) => one.id), [id]);
      withoutList.remove();
    }
  }
});

Deno.test("a job of 250 tasks is observed whole, and drift in the last of them is seen", async () => {
  const tasks = Array.from({ length: 250 }, (_, index) => ({
    task_key: `t${index}`,
    notebook_task: { notebook_path: `/t${index}` },
  }));
  const spec = { job: { settings: { name: "large", tasks } } };
  const bench = new Bench(databricksJob, { title: "large", spec });
  const intent = bench.intent(spec);
  const id = await bench.create();
  const observed = await bench.observe(id);
  assert.deepEqual(bench.differences(observed, intent), []);
  assert.deepEqual((await bench.list()).map(({ partial }) => partial), [true], "the list says that it is cut");
  bench.mock.jobs.edit(id, (settings) => void (settings.tasks[249].notebook_task.notebook_path = "/other"));
  const baseline = bench.baseline(intent, observed);
  assert.deepEqual(bench.plan(await bench.observe(id), intent, baseline), {
    action: "update",
    cause: "drift",
    changes: ["tasks[t249].notebook_task.notebook_path"],
  });
});

Deno.test("a job with as many tags as Databricks allows is created without ours, and found by who made it and when", async () => {
  const tags = Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`t${index}`, "x"]));
  const spec = { job: { settings: { name: "tagged", tags } } };
  const bench = new Bench(databricksJob, { title: "tagged", spec });
  const id = await bench.create();
  bench.mock.jobs.add({ name: "tagged" }, { creator: "somebody@example.com" });
  assert.deepEqual(bench.mock.jobs.get(id)?.settings.tags, tags);
  const { external } = databricksJob;
  const intent = bench.intent(spec);
  const ours: string[] = [];
  for (const found of await external.find(bench.workspace, intent, {})) {
    const attempt = { since: Date.now(), until: Date.now() };
    if (await external.isOurs?.(bench.workspace, found, { intent, attempt })) ours.push(found.id);
  }
  assert.deepEqual(ours, [id]);
});
