/** Manifests of users: this project's examples, the predecessor's forms, and what the API server must refuse. */
import assert from "node:assert/strict";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { kinds as all } from "../../src/kinds.ts";
import { exampleFiles } from "../support/documents.ts";
import { clusterTest, condition, eventually, problem } from "../support/harness.ts";

const kinds = new Set(all.map(({ kind }) => kind));

/** The managed kinds' objects in YAML text. */
function ours(text: string): KubeObject[] {
  return parseAllDocuments(text).map((document) => document.toJS() as KubeObject).filter(({ kind }) =>
    kinds.has(kind ?? "")
  );
}

clusterTest("every manifest in examples/ becomes Ready under kubectl apply", async (world) => {
  const objects: KubeObject[] = [];
  for (const file of await exampleFiles()) {
    if (file === "examples/settings.yaml") continue;
    await world.kubectl(["apply", "-f", file]);
    objects.push(...ours(await Deno.readTextFile(file)));
  }
  assert.ok(objects.length >= 7);
  for (const { kind = "", metadata } of objects) await world.ready(kind, metadata.name ?? "");
  assert.deepEqual(world.workspace.unhandled, []);
}, { needs: ["kubectl"], mock: { runSeconds: 1 } });

for await (const { name } of Deno.readDir("examples/illegal")) {
  clusterTest(`the API server rejects examples/illegal/${name}, and says why`, async (world) => {
    const text = await Deno.readTextFile(`examples/illegal/${name}`);
    const why = text.match(/^# Refused: (.*)$/m)?.[1] ?? "?";
    await assert.rejects(
      world.kubectl(["create", "-f", `examples/illegal/${name}`]),
      (error: Error) => error.message.includes(why),
    );
  }, { start: false, needs: ["kubectl"] });
}

for (const args of [["apply"], ["apply", "--server-side", "--force-conflicts"]]) {
  clusterTest(`crdgen | kubectl ${args.join(" ")} -f - works, also a second time`, async (world) => {
    const crdgen = new Deno.Command(Deno.execPath(), { args: ["task", "--quiet", "crdgen"], stdout: "piped" });
    const input = new TextDecoder().decode((await crdgen.output()).stdout);
    for (let time = 0; time < 2; time++) {
      assert.equal((await world.kubectl([...args, "-f", "-"], { input })).trim().split("\n").length, all.length);
    }
    assert.match(
      await world.kubectl(["explain", "databricksjob.spec.job.settings.tasks.notebook_task"]),
      /notebook_path/,
    );
    assert.match(await world.kubectl(["get", "dbj,gitcred,dbrepo,dbscope,dbsecret", "-o", "name"]), /^$/);
  }, { start: false, needs: ["kubectl"] });
}

/** A job in the form of the predecessor's example: scalars of other types in maps, run parameters, a continuous job. */
const PREDECESSOR_JOB = `
apiVersion: com.dstancu.databricks/v1
kind: DatabricksJob
metadata:
  name: word-count
spec:
  run:
    notebook_params: { foo: bar, abc: 2 }
    spark_submit_params: [--conf spark.executor.extraJavaOptions="-Dkeepalive.timeout=120"]
  job:
    settings:
      email_notifications: { no_alert_for_skipped_runs: false }
      format: MULTI_TASK
      job_clusters:
        - job_cluster_key: word-count-cluster
          new_cluster:
            aws_attributes: { availability: SPOT_WITH_FALLBACK, ebs_volume_count: 1, ebs_volume_size: 32, first_on_demand: 1 }
            custom_tags: { ResourceClass: SingleNode, cost: 12.5 }
            driver_node_type_id: m4.large
            enable_elastic_disk: false
            node_type_id: m4.large
            num_workers: 0
            spark_conf: { spark.databricks.cluster.profile: singleNode, spark.master: "local[*, 4]", spark.speculation: true }
            spark_env_vars: { PYSPARK_PYTHON: /databricks/python3/bin/python3, WORKERS: 4 }
            spark_version: 10.4.x-scala2.12
      max_concurrent_runs: 1
      name: word-count
      git_source: { git_branch: master, git_provider: gitHub, git_url: "https://github.com/example/word-count" }
      tasks:
        - email_notifications: {}
          job_cluster_key: word-count-cluster
          notebook_task: { notebook_path: examples/job, source: GIT }
          task_key: word-count
          timeout_seconds: 0
      timeout_seconds: 0
      continuous: { pause_status: UNPAUSED }
`;

clusterTest(
  "a job manifest of the predecessor is accepted unchanged, and scalars in maps become strings",
  async (world) => {
    await world.kubectl(["apply", "-f", "-"], { input: PREDECESSOR_JOB });
    const object = await world.ready("DatabricksJob", "word-count");
    const settings: Record<string, unknown> = world.workspace.jobs.get(String(object.status?.id))?.settings ?? {};
    const [{ new_cluster }] = settings.job_clusters as [{ new_cluster: Record<string, Record<string, string>> }];
    assert.equal(new_cluster.spark_env_vars?.WORKERS, "4");
    assert.equal(new_cluster.spark_conf?.["spark.speculation"], "true");
    assert.equal(new_cluster.custom_tags?.cost, "12.5");
    const refused = await eventually("the run request was answered", async () => {
      return condition(await world.get("DatabricksJob", "word-count"), "RunSubmitted") ?? problem("no condition");
    });
    assert.equal(refused.reason, "ContinuousJob");
  },
  { needs: ["kubectl"] },
);

const PREDECESSOR_OTHERS = `
apiVersion: com.dstancu.databricks/v1
kind: DatabricksSecretScope
metadata: { name: my-secret-scope }
spec: { scope: { name: my-scope } }
---
apiVersion: v1
kind: Secret
metadata: { name: my-secret }
type: Opaque
data: { hello: d29ybGQ=, foo: YmFy }
---
apiVersion: com.dstancu.databricks/v1
kind: DatabricksSecret
metadata: { name: my-databricks-secret }
spec: { scope: my-scope, secret_name: my-secret }
---
apiVersion: v1
kind: Secret
metadata: { name: my-git-secret }
data: { personal_access_token: c2VjcmV0 }
---
apiVersion: com.dstancu.databricks/v1
kind: GitCredential
metadata: { name: example-credential, annotations: { databricks-operator/owner: operator } }
spec: { secret_name: my-git-secret, credential: { git_username: octocat, git_provider: gitHub } }
---
apiVersion: com.dstancu.databricks/v1
kind: Repo
metadata: { name: example-repo, annotations: { databricks-operator/owner: operator } }
spec: { repository: { path: /Repos/Test/example, provider: gitHub, url: "https://github.com/example/example.git" } }
`;

clusterTest("the predecessor's other manifests are accepted unchanged", async (world) => {
  await world.kubectl(["apply", "-f", "-"], { input: PREDECESSOR_OTHERS });
  for (const { kind = "", metadata } of ours(PREDECESSOR_OTHERS)) await world.ready(kind, metadata.name ?? "");
  assert.equal(new TextDecoder().decode(world.workspace.secrets.value("my-scope", "hello")), "world");
  const [credential] = world.workspace.credentials.all();
  assert.equal(world.workspace.credentials.token(String(credential?.credential_id)), "secret");
}, { needs: ["kubectl"] });

clusterTest("server fields in a manifest are accepted and ignored", async (world) => {
  await world.apply({
    apiVersion: "com.dstancu.databricks/v1",
    kind: "DatabricksJob",
    metadata: { name: "etl" },
    spec: {
      job: {
        created_time: 1700000000000,
        creator_user_name: "somebody@example.com",
        settings: { tasks: [{ task_key: "a", notebook_task: { notebook_path: "/a" } }] },
      },
    },
  });
  await world.ready("DatabricksJob", "etl");
  assert.equal(world.workspace.ledger.count("POST"), 1);
});

clusterTest("kubectl describe shows Events and the failure", async (world) => {
  await world.kubectl(["apply", "-f", "-"], {
    input:
      "apiVersion: com.dstancu.databricks/v1\nkind: DatabricksSecret\nmetadata: { name: lost }\nspec: { scope: s, secret_name: nowhere }\n",
  });
  await world.blocked("DatabricksSecret", "lost", "SecretMissing");
  await world.event("lost", "SecretMissing");
  const text = await world.kubectl(["describe", "databrickssecret", "lost"]);
  assert.match(text, /spec\.secret_name: Secret ".*\/nowhere" does not exist: create it/);
}, { needs: ["kubectl"] });
