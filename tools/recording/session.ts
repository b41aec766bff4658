/**
 * The session in the README: commands that a person types, run against the embedded Kubernetes API, a mock workspace
 * and an operator. Each step states its expected output, so a session that no longer works fails.
 *
 * @module
 */
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { serve } from "../../mock/databricks/serve.ts";
import { toCrd } from "../../src/generate/crd.ts";
import { connect } from "../../src/kubernetes/kubeconfig.ts";
import { kinds } from "../../src/kinds.ts";
import { startCluster } from "../demo/cluster.ts";
import { demoOperator } from "../demo/operator.ts";

/** A step: the comment before it, the command, and its expected output. */
export interface Step {
  /** A comment in a person's words. */
  readonly says: string;
  readonly command: string;
  readonly shows: RegExp;
  /** True for a command that runs on after the expected output, and is then stopped as with Ctrl-C. */
  readonly isWatch?: boolean;
}

/** The steps. */
export const steps: readonly Step[] = [
  {
    says: "A job is a Kubernetes manifest",
    command: "cat nightly.yaml && kubectl apply -f nightly.yaml",
    shows: /databricksjob\S*nightly created/,
  },
  {
    says: "The operator creates it in Databricks and shows its runs",
    command: "kubectl get dbj --watch",
    shows: /nightly +TERMINATED +SUCCESS +True/,
    isWatch: true,
  },
  {
    says: "Somebody edits the job in the webapp: the operator reverts it, and an Event names both values",
    command: `job=$(kubectl get dbj nightly -o jsonpath={.status.id})
curl -sX PATCH $WEBAPP/jobs/$job -d '{"timeout_seconds": 99}' > /dev/null
kubectl get events --watch --field-selector reason=DriftCorrected -o custom-columns=:.message`,
    shows: /set back timeout_seconds/,
    isWatch: true,
  },
  {
    says: "A failed object says why, and what to do",
    command: `kubectl apply -f github.yaml && kubectl wait gitcred/github --for=condition=Stalled
kubectl databricks status`,
    shows: /SecretMissing +spec\.secret_name: Secret "data\/github" does not exist: create it/,
  },
  {
    says: "So:",
    command: `kubectl create secret generic github --from-literal=personal_access_token=ghp_example
kubectl wait gitcred/github --for=condition=Ready`,
    shows: /gitcredential\S*github condition met/,
  },
  {
    says: "Preview a change; a pull request shows the same plan",
    command: `sed -i 's/timeout_seconds: 3600/timeout_seconds: 600/' nightly.yaml
kubectl databricks plan -f nightly.yaml`,
    shows: /~ timeout_seconds: 3600 → 600[\s\S]*1 to update/,
  },
  {
    says: "In production, changes wait for approval",
    command: `kubectl patch cm databricks-kube-operator -p '{"data": {"apply": "on-approval"}}'
kubectl apply -f nightly.yaml && kubectl wait dbj/nightly --for=condition=Synced=false
kubectl get dbj`,
    shows: /nightly .*PlanPending/,
  },
  {
    says: "Approve exactly this change",
    command: `digest=$(kubectl get dbj nightly -o jsonpath={.status.plan.digest})
kubectl annotate dbj nightly "databricks-operator/approve=$digest by Ann"
kubectl wait dbj/nightly --for=condition=Ready && kubectl get dbj`,
    shows: /nightly .*Available/,
  },
];

const NAMESPACE = "data";

/** The files of the person's folder. */
const FILES: Readonly<Record<string, string>> = {
  "nightly.yaml": `apiVersion: com.dstancu.databricks/v1
kind: DatabricksJob
metadata:
  name: nightly
spec:
  job:
    settings:
      timeout_seconds: 3600
      tasks:
        - task_key: report
          notebook_task: { notebook_path: /Shared/report }
  run: {}
`,
  "github.yaml": `apiVersion: com.dstancu.databricks/v1
kind: GitCredential
metadata:
  name: github
spec:
  secret_name: github
  credential: { git_provider: gitHub, git_username: octocat }
`,
};

/** Runs one command in the session's shell, and returns its output. */
export type Play = (step: Step, shell: Shell) => Promise<string>;

/** The working directory and environment of commands. */
export interface Shell {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Sets everything up, plays each step with `play`, and cleans up.
 *
 * @throws if a step's output is not as expected.
 */
export async function playSession(play: Play): Promise<void> {
  await using cluster = await startCluster("embedded", NAMESPACE);
  const workspace = new MockWorkspace({ token: "demo", runSeconds: 3 });
  await using served = await serve(workspace);
  const folder = await Deno.makeTempDir({ prefix: "session-" });
  const { client } = await connect({ kubeconfig: cluster.kubeconfig });
  const operator = demoOperator(client, NAMESPACE);
  try {
    for (const [name, text] of Object.entries(FILES)) await Deno.writeTextFile(`${folder}/${name}`, text);
    await putPlugin(folder);
    const shell = shellIn(folder, { kubeconfig: cluster.kubeconfig, url: served.url });
    await prepare(shell);
    await operator.start();
    for (const step of steps) {
      const output = await play(step, shell);
      if (!step.shows.test(output)) throw new Error(`${step.command}\ndoes not show ${step.shows}:\n${output}`);
    }
  } finally {
    await operator.stop();
    client.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Installs the program, run from source, as a kubectl plugin. */
async function putPlugin(folder: string): Promise<void> {
  const main = new URL("../../src/main.ts", import.meta.url).pathname;
  const script = `#!/bin/sh\nexec "${Deno.execPath()}" run -qA --no-check "${main}" "$@"\n`;
  await Deno.mkdir(`${folder}/.bin`);
  await Deno.writeTextFile(`${folder}/.bin/kubectl-databricks`, script, { mode: 0o755 });
}

function shellIn(cwd: string, { kubeconfig, url }: { kubeconfig: string; url: string }): Shell {
  return {
    cwd,
    env: {
      PATH: `${cwd}/.bin:${Deno.env.get("PATH")}`,
      HOME: cwd,
      TERM: "xterm-256color",
      COLUMNS: "100",
      KUBECONFIG: kubeconfig,
      WEBAPP: `${url}/_`,
      DATABRICKS_HOST: url,
      DATABRICKS_TOKEN: "demo",
    },
  };
}

/** Creates the CRDs, the settings, and the namespace of the context. */
async function prepare({ cwd, env }: Shell): Promise<void> {
  const crds = { apiVersion: "v1", kind: "List", items: kinds.map(toCrd) };
  await Deno.writeTextFile(`${cwd}/.crds.json`, JSON.stringify(crds));
  const commands = `kubectl config set-context --current --namespace=${NAMESPACE}
kubectl create -f .crds.json
kubectl create secret generic databricks-api-secret --from-literal=databricks_url=$DATABRICKS_HOST --from-literal=access_token=demo
kubectl create configmap databricks-kube-operator --from-literal=api_secret_name=databricks-api-secret \
  --from-literal=ingest=false --from-literal=default_requeue_interval=2 --from-literal=status_poll_interval=1`;
  const { success, stderr } = await new Deno.Command("bash", { args: ["-ceu", commands], cwd, env, stdin: "null" })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
