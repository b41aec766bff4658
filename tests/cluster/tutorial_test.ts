/** The steps of the predecessor's tutorial, with its forms of manifests and its commands. */
import assert from "node:assert/strict";
import { clusterTest, eventually } from "../support/harness.ts";

/** The settings of the tutorial: only the Secret's name, and a URL without /api. */
const settings = (host: string) => `
apiVersion: v1
kind: Secret
type: Opaque
metadata: { name: databricks-api-secret }
data:
  access_token: ${btoa("token")}
  databricks_url: ${btoa(host)}
---
apiVersion: v1
kind: ConfigMap
metadata: { name: databricks-kube-operator }
data: { api_secret_name: databricks-api-secret }
`;

const GIT_CREDENTIAL = `
apiVersion: v1
kind: Secret
type: Opaque
metadata: { name: my-git-credential }
data: { personal_access_token: ${btoa("ghp_tutorial")} }
---
apiVersion: com.dstancu.databricks/v1
kind: GitCredential
metadata: { name: example-credential, annotations: { databricks-operator/owner: operator } }
spec:
  secret_name: my-git-credential
  credential: { git_username: my-user-name, git_provider: gitHub }
`;

const REPO = `
apiVersion: com.dstancu.databricks/v1
kind: Repo
metadata: { name: word-count-source, annotations: { databricks-operator/owner: operator } }
spec:
  repository: { path: /Repos/Test/word-count, provider: gitHub, url: "https://github.com/example/word-count.git" }
`;

/** A job with a notebook from Git or from the workspace. */
const job = (task: string, more = "") => `
apiVersion: com.dstancu.databricks/v1
kind: DatabricksJob
metadata: { name: my-word-count }
spec:
  job:
    settings:
      name: my-word-count
      format: MULTI_TASK
      max_concurrent_runs: 1
      timeout_seconds: 0
      email_notifications: { no_alert_for_skipped_runs: false }
      job_clusters:
        - job_cluster_key: word-count-cluster
          new_cluster:
            spark_version: 10.4.x-scala2.12
            node_type_id: m4.large
            num_workers: 0
            custom_tags: { ResourceClass: SingleNode }
            spark_conf: { spark.databricks.cluster.profile: singleNode }
${more}
      tasks:
        - task_key: my-word-count
          job_cluster_key: word-count-cluster
          timeout_seconds: 0
          email_notifications: {}
          notebook_task: ${task}
`;

clusterTest("the predecessor's tutorial works, step by step", async (world) => {
  const apply = (input: string) => world.kubectl(["apply", "-f", "-"], { input });
  await apply(settings(world.workspace.host));
  await apply(GIT_CREDENTIAL);
  await world.ready("GitCredential", "example-credential");
  const [credential] = world.workspace.credentials.all();
  assert.equal(world.workspace.credentials.token(String(credential?.credential_id)), "ghp_tutorial");

  const git =
    "      git_source: { git_branch: main, git_provider: gitHub, git_url: 'https://github.com/example/word-count' }";
  await apply(job("{ notebook_path: examples/job.py, source: GIT }", git));
  const id = String((await world.ready("DatabricksJob", "my-word-count")).status?.id);
  assert.equal((world.workspace.jobs.get(id)?.settings.git_source as Record<string, unknown>).git_branch, "main");

  await apply(REPO);
  await world.ready("Repo", "word-count-source");
  await apply(job("{ notebook_path: /Repos/Test/word-count/examples/job, source: WORKSPACE }"));
  await eventually("the job runs from the workspace", () => {
    return world.workspace.jobs.get(id)?.settings.git_source === undefined;
  });
  await world.ready("DatabricksJob", "my-word-count");
  assert.deepEqual(world.workspace.jobs.ids(), [id]);

  await world.kubectl(["delete", "databricksjob,repo,gitcredential", "--all", "--wait"]);
  assert.deepEqual([world.workspace.jobs.ids(), world.workspace.repos.all(), world.workspace.credentials.all()], [
    [],
    [],
    [],
  ]);
}, { settings: null, needs: ["kubectl"] });
