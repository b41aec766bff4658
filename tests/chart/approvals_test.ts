/** deploy/approvals: on a real API server only approvers can approve, and nobody else can turn approvals off. */
import assert from "node:assert/strict";
import { stringify } from "yaml";
import { connect } from "../../src/kubernetes/kubeconfig.ts";
import { startProcess } from "../support/api_servers.ts";
import { installCrds, job } from "../support/harness.ts";
import { isInstalled, runKubectl } from "../support/programs.ts";
import { eventually } from "../support/waiting.ts";

const binary = Deno.env.get("K3S_BINARY");
const needs = [...binary === undefined ? ["K3S_BINARY"] : [], ...isInstalled("kubectl") ? [] : ["kubectl on the PATH"]]
  .join(" and ");

/** Rights to edit, which both groups have. */
const rights = ["editors", "databricks-approvers"].map((name) =>
  stringify({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name }],
  })
).join("---\n");
const settings = (data: Record<string, string>) =>
  stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "databricks-kube-operator" }, data });

Deno.test({
  name: `only approvers approve, or change what waits${needs && ` (needs ${needs})`}`,
  ignore: needs !== "",
  fn: async () => {
    await using server = await startProcess(binary ?? "");
    const { client } = await connect({ kubeconfig: server.kubeconfig });
    await installCrds(client);
    client.close();
    const kubectl = (group: string | undefined, args: readonly string[], input?: string) => {
      const as = group === undefined ? [] : ["--as", `one-of-${group}`, "--as-group", group];
      return runKubectl(server.kubeconfig, [...as, ...args], input);
    };
    const apply = (group: string | undefined, text: string) =>
      kubectl(group, ["apply", "--server-side", "--force-conflicts", "-f", "-"], text);
    const annotate = (group: string, annotation: string) =>
      kubectl(group, ["annotate", "--overwrite", "databricksjob", "etl", `databricks-operator/${annotation}`]);
    const refused = (what: Promise<unknown>, why: RegExp) => assert.rejects(what, why);
    await apply(undefined, rights);
    await apply(undefined, await Deno.readTextFile("deploy/approvals/policy.yaml"));
    await apply("editors", stringify(job("etl")));
    // Each attempt sets another value: repeating one that passed before the policy was in force would change nothing.
    let tries = 0;
    await eventually("the policy is in force", () => {
      return annotate("editors", `approve=${String(++tries).padStart(16, "0")}`).then(() => false, () => true);
    });
    await kubectl(undefined, ["annotate", "databricksjob", "etl", "databricks-operator/approve-"]);
    await refused(annotate("editors", "approve=0123456789abcdef"), /only members of databricks-approvers/);
    await refused(annotate("editors", "apply=auto"), /may set databricks-operator\/apply/);
    await refused(apply("editors", settings({ apply: "auto" })), /may set apply and drift/);
    await refused(apply("editors", stringify(job("new", {}, { approve: "0123456789abcdef" }))), /only members/);
    await apply("editors", settings({ rate_limit: "5" }));
    await apply("editors", stringify(job("etl", { timeout_seconds: 60 })));
    await annotate("databricks-approvers", "approve=0123456789abcdef");
    await apply("databricks-approvers", settings({ apply: "on-approval", rate_limit: "5" }));
    const both = job("etl", { timeout_seconds: 70 }, { approve: "fedcba9876543210" });
    await refused(apply("databricks-approvers", stringify(both)), /must be two requests/);
    await kubectl("editors", ["annotate", "databricksjob", "etl", "databricks-operator/approve-"]);
  },
});
