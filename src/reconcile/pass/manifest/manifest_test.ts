import assert from "node:assert/strict";
import { MockWorkspace } from "../../../../mock/databricks/workspace.ts";
import { connectionTo, object, type ObjectBuilder, UID } from "../../../../tests/support/passes.ts";
import type { KubeObject } from "../../../kubernetes/client.ts";
import { databricksJob } from "../../../resources/databricks_job.ts";
import { databricksSecret } from "../../../resources/databricks_secret.ts";
import { databricksSecretScope } from "../../../resources/databricks_secret_scope.ts";
import { gitCredential } from "../../../resources/git_credential.ts";
import { repo } from "../../../resources/repo.ts";
import { readManifest, readWithoutValues } from "./manifest.ts";
import { BlockedError } from "../../object/outcome.ts";
import type { Secrets } from "../../connect/secrets.ts";

const USER = "gitcredentials/team/etl";

/** The Secrets of namespace `team`: base64 texts by name. */
function secretsOf(data: Record<string, Record<string, string>>): Secrets & { released: string[]; asked: string[] } {
  const released: string[] = [];
  const asked: string[] = [];
  const get = (user: string, namespace: string, name: string): Promise<KubeObject | undefined> => {
    asked.push(`${user} ${namespace}/${name}`);
    const metadata = { name, uid: `uid-${name}`, resourceVersion: "3" };
    return Promise.resolve(data[name] && { metadata, data: data[name] });
  };
  return { released, asked, get, release: (user: string) => released.push(user) } as unknown as Secrets & {
    released: string[];
    asked: string[];
  };
}

async function read(builder: ObjectBuilder, secrets: Secrets = secretsOf({})) {
  return await readManifest(
    builder.pass(),
    connectionTo(new MockWorkspace()),
    { secrets, configMaps: secretsOf({}) },
    USER,
  );
}

/** The reason and message with which a manifest is refused. */
async function refusal(builder: ObjectBuilder, secrets?: Secrets): Promise<string> {
  try {
    await read(builder, secrets);
  } catch (error) {
    assert.ok(error instanceof BlockedError, String(error));
    assert.equal(error.wait, "change");
    return `${error.reason}: ${error.message}`;
  }
  return "it was accepted";
}

const job = (settings: unknown) => object(databricksJob, { job: { settings } });
const credential = (more: Record<string, unknown> = {}) =>
  object(gitCredential, { credential: { git_provider: "gitHub" }, secret_name: "token", ...more });
const notebook = { notebook_task: { notebook_path: "/x" } };
const onBig = { ...notebook, job_cluster_key: "big" };
const task = (task_key: string, more: Record<string, unknown> = notebook) => ({ task_key, ...more });

Deno.test("a manifest becomes the desired state of its object", async () => {
  const { intent, values } = await read(job({ tasks: [task("a")], tags: { cost_center: 4711 } }));
  assert.deepEqual(intent.desired, { name: "etl", tasks: [task("a")], tags: { cost_center: "4711" } });
  assert.deepEqual(intent.owner, { uid: UID, name: "etl", tag: "databricks-kube-operator" });
  assert.deepEqual([intent.values, intent.changes, values], [{}, [], undefined]);
});

const refused: [name: string, builder: ObjectBuilder, message: RegExp][] = [
  ["no spec", object(databricksJob, {}), /^InvalidSpec: spec\.job: /],
  ["no settings", object(databricksJob, { job: {} }), /^InvalidSpec: spec\.job\.settings: is missing: say/],
  [
    "a field of a wrong type",
    job({ max_concurrent_runs: "many" }),
    /spec\.job\.settings\.max_concurrent_runs: must be/,
  ],
  [
    "a wrong type in a list",
    job({ tasks: [task("a"), { task_key: 1 }] }),
    /spec\.job\.settings\.tasks\[1\]\.task_key: /,
  ],
  ["a task key twice", job({ tasks: [task("a"), task("a")] }), /tasks\[1\]\.task_key: "a" is used twice: give/],
  ["a task that does nothing", job({ tasks: [task("a", {})] }), /tasks\[0\]: task "a" does nothing: add its type/],
  [
    "a dependency on a task that is not there",
    job({ tasks: [task("a"), task("b", { ...notebook, depends_on: [{ task_key: "a" }, { task_key: "zz" }] })] }),
    /^InvalidSpec: spec\.job\.settings\.tasks\[1\]\.depends_on\[1\]\.task_key: there is no task "zz": name one/,
  ],
  [
    "a job cluster that is not there",
    job({ tasks: [task("a", onBig)], job_clusters: [{ job_cluster_key: "small" }] }),
    /tasks\[0\]\.job_cluster_key: there is no job cluster "big": add it to job_clusters$/,
  ],
  [
    "a job cluster of a loop where there are none",
    job({ tasks: [task("a", { for_each_task: { inputs: "[]", task: task("b", onBig) } })] }),
    /tasks\[0\]\.for_each_task\.task\.job_cluster_key: there is no job cluster "big": add/,
  ],
  [
    "a cron expression of five fields",
    job({ schedule: { quartz_cron_expression: "0 3 * * *", timezone_id: "UTC" } }),
    /schedule\.quartz_cron_expression: "0 3 \* \* \*" is not a Quartz expression/,
  ],
  ["a repo without a path", object(repo, { repository: { url: "https://x", provider: "gitHub" } }), /repository\.path/],
  [
    "a scope with an impossible name",
    object(databricksSecretScope, { scope: { name: "a b" } }),
    /scope\.name: must be/,
  ],
  [
    "a principal twice",
    object(databricksSecretScope, {
      scope: { name: "a" },
      acls: [{ principal: "x", permission: "READ" }, { principal: "x", permission: "WRITE" }],
    }),
    /spec\.acls\[1\]\.principal: "x" is named twice: keep one/,
  ],
  ["a credential without a provider", credential({ credential: {} }), /spec\.credential\.git_provider: is missing/],
  ["keys without a scope", object(databricksSecret, { secret_name: "s" }), /spec\.scope: is missing/],
];

for (const [name, builder, message] of refused) {
  Deno.test(`${name} is rejected with the field and the remedy`, async () => {
    assert.match(await refusal(builder), message);
  });
}

Deno.test("references within a job are accepted in any order, also from loops; Databricks checks environments", async () => {
  const cluster = { new_cluster: { spark_version: "15.4.x-scala2.12", num_workers: 1 } };
  const { intent } = await read(job({
    tasks: [
      task("b", { ...onBig, depends_on: [{ task_key: "a" }] }),
      task("a", { for_each_task: { inputs: "[]", task: task("c", { ...onBig, environment_key: "base" }) } }),
    ],
    job_clusters: [{ job_cluster_key: "big", ...cluster }],
  }));
  assert.equal((intent.desired.tasks as unknown[]).length, 2);
});

Deno.test("the first five of many mistakes are named, with the number of further ones", async () => {
  const tasks = Array.from({ length: 9 }, (_, index) => task(`t${index}`, {}));
  const message = await refusal(job({ tasks }));
  assert.equal(message.match(/does nothing/g)?.length, 5);
  assert.match(message, /; and 4 more$/);
});

Deno.test("values that Databricks wrote into an api-owned object are not rejected", async () => {
  const { intent } = await read(job({ tasks: [task("a", {})], format: 7 }).annotated({ owner: "api" }));
  assert.equal((intent.desired as { format: unknown }).format, 7);
});

Deno.test("a referenced Secret is read, and its change queues the object", async () => {
  const secrets = secretsOf({ token: { personal_access_token: btoa("ghp_1"), other: btoa("x") } });
  const { values, intent } = await read(credential(), secrets);
  assert.deepEqual(secrets.asked, [`${USER} team/token`]);
  assert.deepEqual(secrets.released, []);
  assert.deepEqual(values?.source, { name: "token", uid: "uid-token", resourceVersion: "3" });
  assert.deepEqual(intent.values, { personal_access_token: new TextEncoder().encode("ghp_1") });
});

Deno.test("a kind that sends all keys gets them as bytes, text or not", async () => {
  const secrets = secretsOf({ s: { text: btoa("a"), binary: btoa("\xff\x00"), empty: "" } });
  const { intent } = await read(object(databricksSecret, { scope: "team", secret_name: "s" }), secrets);
  assert.deepEqual(intent.values, {
    text: new Uint8Array([97]),
    binary: new Uint8Array([255, 0]),
    empty: new Uint8Array(),
  });
});

Deno.test("a manifest that no longer refers to a Secret ends its watch", async () => {
  for (const builder of [job({ tasks: [] }), credential({ secret_name: undefined })]) {
    const secrets = secretsOf({});
    assert.equal((await read(builder, secrets)).values, undefined);
    assert.deepEqual([secrets.asked, secrets.released], [[], [USER]]);
  }
});

Deno.test("an api-owned object needs no Secret", async () => {
  const secrets = secretsOf({});
  assert.equal((await read(credential().annotated({ owner: "api" }), secrets)).values, undefined);
  assert.deepEqual(secrets.asked, []);
});

const wrongSecrets: [name: string, data: Record<string, Record<string, string>>, message: RegExp][] = [
  ["is missing", {}, /^SecretMissing: spec\.secret_name: Secret "team\/token" does not exist: create it$/],
  ["has no such key", { token: { other: btoa("x") } }, /has no key "personal_access_token": add it$/],
  ["has no data", { token: {} }, /^SecretInvalid: .* has no key/],
  ["has an empty key", { token: { personal_access_token: "" } }, /has no key "personal_access_token"/],
  ["is not text", { token: { personal_access_token: btoa("\xff\xfe") } }, /^SecretInvalid: .* is not UTF-8 text/],
];

for (const [name, data, message] of wrongSecrets) {
  Deno.test(`a Secret that ${name} is reported, without its values`, async () => {
    assert.match(await refusal(credential(), secretsOf(data)), message);
  });
}

Deno.test("a deletion reads the manifest without its Secret", () => {
  const pass = credential().pass();
  const { intent, values } = readWithoutValues(pass, connectionTo(new MockWorkspace()));
  assert.deepEqual([intent.values, values], [{}, undefined]);
  assert.deepEqual(intent.desired, { git_provider: "gitHub" });
});
