/** The chart's output, and the values that it refuses. */
import assert from "node:assert/strict";
import { type PolicyRule, toEndRules, toRules } from "../../src/generate/rbac.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { checkTimes } from "../../src/kubernetes/election/times.ts";
import { allMetrics } from "../../tools/observability.ts";
import { readQuery } from "../support/promql.ts";
import { VERSION_TEXT } from "../../src/process/version.ts";
import { kinds } from "../../src/kinds.ts";
import {
  CHART,
  helm,
  helmTest,
  IMAGE,
  list,
  objectsOf,
  ofKind,
  type Pod,
  podOf,
  render,
  type Values,
  valueSets,
} from "./helm.ts";

/** The operator's ClusterRoles, without those for people. */
function operatorsClusterRoles(objects: readonly KubeObject[]): KubeObject[] {
  const aggregates = (label: string) => label.startsWith("rbac.authorization.k8s.io/aggregate-to-");
  return ofKind(objects, "ClusterRole").filter(({ metadata }) => !Object.keys(metadata.labels ?? {}).some(aggregates));
}

for (const [name, values] of Object.entries(valueSets)) {
  helmTest(`helm lint accepts the chart with ${name}`, async () => {
    assert.match(
      await helm(["lint", "--strict", CHART], { ...IMAGE, ...values }),
      /1 chart\(s\) linted, 0 chart\(s\) failed/,
    );
  });
}

helmTest("by default the operator's rights end at its namespace: cluster roles are for people only", async () => {
  assert.deepEqual(list(await render()), [
    "ClusterRole /ns-dko-databricks-kube-operator-edit",
    "ClusterRole /ns-dko-databricks-kube-operator-view",
    "Deployment ns/dko-databricks-kube-operator",
    "Role ns/dko-databricks-kube-operator",
    "Role ns/dko-databricks-kube-operator-leader-election",
    "RoleBinding ns/dko-databricks-kube-operator",
    "RoleBinding ns/dko-databricks-kube-operator-leader-election",
    "Service ns/dko-databricks-kube-operator",
    "ServiceAccount ns/dko-databricks-kube-operator",
  ]);
});

helmTest(
  "its rules are those of the registry, limited to the ConfigMap's name unless a kind uses others",
  async () => {
    const [role] = ofKind(await render({ configMapName: "settings" }), "Role");
    assert.deepEqual((role as { rules?: unknown }).rules, toRules(kinds, { configMap: "settings" }));
    const configMaps = ["code"];
    const [limited] = ofKind(await render({ configMapName: "settings", rbac: { configMapNames: configMaps } }), "Role");
    assert.deepEqual((limited as { rules?: unknown }).rules, toRules(kinds, { configMap: "settings", configMaps }));
    const [few] = ofKind(await render({ configMapName: "settings", kinds: ["DatabricksJob"] }), "Role");
    const rule = (few as unknown as { rules: PolicyRule[] }).rules.find(({ resources }) =>
      resources.includes("configmaps")
    );
    assert.deepEqual(rule?.resourceNames, ["settings"]);
  },
);

helmTest("with chosen kinds, no CRD or rule concerns another kind, and the operator gets --kinds", async () => {
  const chosen = kinds.filter(({ kind }) =>
    ["DatabricksConnection", "DatabricksRun", "DatabricksPipeline"].includes(kind)
  );
  for (
    const asked of [["DatabricksRun", "DatabricksPipeline"], ["DatabricksPipeline", "DatabricksRun", "DatabricksRun"]]
  ) {
    const objects = await render({ kinds: asked, watchNamespaces: ["team"] });
    assert.deepEqual(
      ofKind(objects, "CustomResourceDefinition").map(({ metadata }) => metadata.name).sort(),
      chosen.map(({ plural }) => `${plural}.com.dstancu.databricks`).sort(),
    );
    const [role] = ofKind(objects, "Role");
    const names = { configMap: "databricks-kube-operator" };
    assert.deepEqual((role as { rules?: unknown }).rules, toRules(chosen, names));
    const rules = (ofKind(objects, "ClusterRole") as unknown as { rules: PolicyRule[] }[]).flatMap(({ rules }) =>
      rules
    );
    const others = kinds.filter((kind) => !chosen.includes(kind)).map(({ plural }) => plural);
    const about = rules.flatMap(({ resources }) => resources.map((resource) => resource.split("/")[0] ?? ""));
    assert.deepEqual(about.filter((plural) => others.includes(plural)), []);
    const [container] = podOf(objects).spec.containers;
    assert.ok(container.args.includes(`--kinds=${[...new Set(asked)].join(",")}`), container.args.join(" "));
  }
  assert.equal(podOf(await render()).spec.containers[0].args.some((arg: string) => arg.startsWith("--kinds")), false);
});

helmTest("rbac.secretNames limits which Secrets may be read", async () => {
  const [role] = ofKind(await render({ rbac: { secretNames: ["api", "github"] } }), "Role");
  const names = { configMap: "databricks-kube-operator", secrets: ["api", "github"] };
  assert.deepEqual((role as { rules?: unknown }).rules, toRules(kinds, names));
});

helmTest("each watched namespace has a Role, and the lease is in the release's namespace", async () => {
  const objects = await render({ watchNamespaces: ["a", "b"] });
  assert.deepEqual(list(ofKind(objects, "Role")), [
    "Role a/dko-databricks-kube-operator",
    "Role b/dko-databricks-kube-operator",
    "Role ns/dko-databricks-kube-operator-leader-election",
  ]);
  assert.ok(podOf(objects).spec.containers[0].args.includes("--watch-namespaces=a,b"));
});

helmTest("a ClusterRole exists for all namespaces, or for the deletion of watched ones", async () => {
  for (const [name, values] of Object.entries(valueSets)) {
    const objects = await render(values);
    const isCluster = values.allNamespaces === true;
    const watchesOthers = values.watchNamespaces !== undefined;
    assert.equal(operatorsClusterRoles(objects).length, isCluster || watchesOthers ? 1 : 0, name);
    assert.equal(ofKind(objects, "ValidatingAdmissionPolicy").length, watchesOthers ? 1 : 0, name);
    assert.equal(podOf(objects).spec.containers[0].args.includes("--all-namespaces"), isCluster, name);
  }
});

helmTest("the ClusterRole for watched namespaces reads no Secrets, creates nothing, and can be left out", async () => {
  const watching = { watchNamespaces: ["a", "b"] };
  const [role] = operatorsClusterRoles(await render(watching));
  const { rules } = role as unknown as { rules: PolicyRule[] };
  const expected = toEndRules(kinds, { configMap: "databricks-kube-operator" });
  const namespaces = { apiGroups: [""], resources: ["namespaces"], resourceNames: ["a", "b"], verbs: ["get"] };
  assert.deepEqual(rules, [...expected.slice(0, -1), namespaces]);
  assert.equal(rules.some(({ resources, verbs }) => resources.includes("secrets") || verbs.includes("create")), false);
  for (const values of [{ ...watching, rbac: { namespaceDeletion: false } }, { watchNamespaces: ["ns"] }]) {
    const objects = await render(values);
    assert.deepEqual(operatorsClusterRoles(objects), []);
    for (const kind of ["ClusterRoleBinding", "ValidatingAdmissionPolicy"]) {
      assert.deepEqual(ofKind(objects, kind), []);
    }
  }
});

helmTest("CRDs are installed with the release and stay after it", async () => {
  const crds = ofKind(await render(), "CustomResourceDefinition");
  assert.deepEqual(
    crds.map(({ metadata }) => metadata.name).sort(),
    kinds.map(({ plural }) => `${plural}.com.dstancu.databricks`).sort(),
  );
  for (const { metadata } of crds) assert.equal(metadata.annotations?.["helm.sh/resource-policy"], "keep");
  assert.deepEqual(ofKind(await render({ installCRDs: false }), "CustomResourceDefinition"), []);
  // The CRDs in the chart equal those in crds/.
  for (const crd of crds) {
    const [plain] = objectsOf(await Deno.readTextFile(`crds/${crd.metadata.name?.split(".")[0]}.yaml`));
    assert.deepEqual(crd.spec, plain?.spec);
  }
});

helmTest("the pod has the restricted profile, whatever the values", async () => {
  for (const values of Object.values(valueSets)) {
    const { spec } = podOf(await render(values));
    assert.deepEqual(spec.securityContext, {
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      seccompProfile: { type: "RuntimeDefault" },
    });
    assert.deepEqual(spec.containers[0].securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  }
});

helmTest("probes use the server that --http-address starts", async () => {
  const [container] = podOf(await render({ httpPort: 9090 })).spec.containers;
  assert.ok(container.args.includes("--http-address=:9090"));
  assert.deepEqual(container.ports, [{ name: "http", containerPort: 9090 }]);
  assert.equal(container.livenessProbe.httpGet.path, "/healthz");
  assert.equal(container.readinessProbe.httpGet.path, "/readyz");
});

helmTest("old pods of a Deployment end before new ones start, whatever the values", async () => {
  for (const [name, values] of Object.entries(valueSets)) {
    for (const { spec } of ofKind(await render(values), "Deployment")) {
      assert.deepEqual(spec?.strategy, { type: "Recreate" }, name);
    }
  }
});

helmTest("an alert fires for one missing shard, or one missing release of several", async () => {
  const cases: readonly { values: Values; expected: readonly string[] }[] = [
    { values: {}, expected: [heldBy("dko-databricks-kube-operator")] },
    { values: { shards: 2 }, expected: [0, 1].map((index) => heldBy(`dko-databricks-kube-operator-${index}`)) },
    { values: { leaderElection: { leaseName: "other" } }, expected: [heldBy("other")] },
    {
      values: { leaderElection: { enabled: false } },
      expected: [
        'absent(databricks_kube_operator_build_info{namespace="ns", service="dko-databricks-kube-operator"})',
      ],
    },
  ];
  for (const { values, expected } of cases) {
    const [rule] = ofKind(await render({ prometheusRule: { enabled: true }, ...values }), "PrometheusRule");
    const { groups } = rule?.spec as { groups: { name: string; rules: { alert: string; expr: string }[] }[] };
    const rules = groups.flatMap(({ rules }) => rules).filter(({ alert }) => alert === "DatabricksOperatorMissing");
    assert.deepEqual(rules.map(({ expr }) => expr), expected);
    for (const { metric } of rules.flatMap(({ expr }) => readQuery(expr).selected)) {
      assert.ok(allMetrics().describe().some(({ name }) => name === metric), metric);
    }
  }
});

/** The expression of the alert for a lease without a holder, or without a report. */
function heldBy(lease: string): string {
  return `absent(leader_election_master_status{namespace="ns", name="${lease}"} == 1)`;
}

helmTest(
  "shards are pods of a StatefulSet, each with its own lease and a shared one",
  async () => {
    const objects = await render(valueSets.shards);
    const [set] = ofKind(objects, "StatefulSet");
    assert.equal(set?.spec?.replicas, 3);
    assert.ok(podOf(objects).spec.containers[0].args.includes("--shard=ordinal/3"));
    const role = ofKind(objects, "Role").find(({ metadata }) => metadata.name?.endsWith("leader-election"));
    const names = ["", "-0", "-1", "-2"].map((suffix) => `dko-databricks-kube-operator${suffix}`);
    assert.deepEqual((role as Pod).rules[1].resourceNames, names);
  },
);

helmTest("with the NetworkPolicy the pod may use DNS on ports 53 and 5353", async () => {
  const [policy] = ofKind(await render({ networkPolicy: { enabled: true } }), "NetworkPolicy");
  const { egress } = policy?.spec as { egress: { ports: { port: number; protocol: string }[] }[] };
  const open = egress.flatMap(({ ports }) => ports.map(({ port, protocol }) => `${port}/${protocol}`));
  for (const dns of ["53/UDP", "53/TCP", "5353/UDP", "5353/TCP"]) assert.ok(open.includes(dns), dns);
});

helmTest("the chart's version is the operator's", async () => {
  const { version } = JSON.parse(await Deno.readTextFile("deno.json"));
  const [chart] = objectsOf(await Deno.readTextFile(`${CHART}/Chart.yaml`)) as unknown as Record<string, unknown>[];
  assert.deepEqual([chart?.version, chart?.appVersion], [version, version]);
  assert.equal(podOf(await render()).spec.containers[0].image, `databricks-kube-operator:${VERSION_TEXT}`);
});

/** Lease duration, renew deadline and retry period (s), around each limit. */
const TIMES: readonly [number, number, number][] = [
  [15, 10, 2],
  [15, 10, 5],
  [15, 10, 6],
  [15, 15, 2],
  [15, 14, 7],
  [15, 16, 2],
  [3, 2, 1],
  [2, 1, 1],
];

const refusals: readonly { values: Values; says: RegExp }[] = [
  { values: { replica: 2 }, says: /additional propert.*replica/is },
  { values: { replicas: "two" }, says: /replicas/ },
  { values: { image: { repo: "x" } }, says: /additional propert.*repo/is },
  { values: { image: { pullPolicy: "Sometimes" } }, says: /pullPolicy/ },
  { values: { log: { level: "loud" } }, says: /level/ },
  { values: { watchNamespaces: ["Team_A"] }, says: /watchNamespaces/ },
  { values: { watchNamespaces: "a,b" }, says: /watchNamespaces/ },
  { values: { image: { repository: "" } }, says: /image\.repository: say where you pushed the image/ },
  { values: { configMapName: "" }, says: /configMapName/ },
  { values: { httpPort: 80 }, says: /httpPort/ },
  { values: { shards: 0 }, says: /shards/ },
  { values: { installCRDs: "sometimes" }, says: /installCRDs/ },
  { values: { allNamespaces: true, watchNamespaces: ["a"] }, says: /exclude each other/ },
  { values: { replicas: 2, leaderElection: { enabled: false } }, says: /needs leaderElection\.enabled/ },
  { values: { shards: 2, replicas: 2 }, says: /replicas must be 1/ },
  { values: { leaderElection: { leaseDuration: 10 } }, says: /leaseDuration must be more than renewDeadline/ },
  { values: { leaderElection: { leaseDuration: 15, renewDeadline: 15 } }, says: /leaseDuration must be more than/ },
  { values: { leaderElection: { retryPeriod: 6 } }, says: /retryPeriod must be at most half of renewDeadline/ },
  { values: { leaderElection: { leaseDuration: 90_000 } }, says: /leaseDuration/ },
  { values: { settings: { api_secret_name: "api" } }, says: /settings\.ingest: say "true" or "false"/ },
  { values: { apiSecret: { access_token: "t" } }, says: /apiSecret: settings\.api_secret_name names the Secret/ },
  { values: { image: { digest: "latest" } }, says: /digest/ },
  { values: { caBundle: { configMap: "a", secret: "b" } }, says: /caBundle: name a ConfigMap or a Secret, not both/ },
];

helmTest("the chart accepts the same lease times as run", async () => {
  for (const [leaseDuration, renewDeadline, retryPeriod] of TIMES) {
    const ms = { leaseMs: leaseDuration * 1000, renewDeadlineMs: renewDeadline * 1000, retryMs: retryPeriod * 1000 };
    const accepts = (check: () => unknown) => Promise.try(check).then(() => true, () => false);
    const byRun = await accepts(() => checkTimes(ms));
    const byChart = await accepts(() => render({ leaderElection: { leaseDuration, renewDeadline, retryPeriod } }));
    assert.equal(byChart, byRun, `${leaseDuration}/${renewDeadline}/${retryPeriod}`);
  }
});

for (const { values, says } of refusals) {
  helmTest(`the values ${JSON.stringify(values)} are rejected`, async () => {
    await assert.rejects(() => render(values), says);
  });
}

helmTest("the notes show the next commands for the watched namespaces", async () => {
  assert.match(await notesOf({}), /create secret generic databricks-api-secret --namespace ns/);
  assert.match(await notesOf({ watchNamespaces: ["a", "b"], configMapName: "c" }), /create configmap c --namespace a/);
  assert.match(
    await notesOf({}),
    /--from-literal=ingest=false\n[^]*Without ingest=false, every job, .* of the workspace gets an object/,
  );
  assert.match(await notesOf({ installCRDs: false }), /CRDs were not installed/);
  const made = await notesOf({ settings: { api_secret_name: "api", ingest: "false" } });
  assert.match(made, /created its settings: ConfigMap databricks-kube-operator/);
  assert.match(
    made,
    /Secret api\. Create it, unless it exists [^\n]*:\n\n {2}kubectl create secret generic api --namespace ns/,
  );
  assert.doesNotMatch(made, /create configmap/);
  for (
    const complete of [
      { settings: { api_secret_name: "api" }, apiSecret: { host: "https://a.example", token: "t" } },
      { settings: { host: "https://a.example", client_id: "a", service_account: "b" } },
    ]
  ) assert.doesNotMatch(await notesOf(complete), /create (secret|configmap)|<no value>/);
});

/**
 * Renders the notes. Helm shows them only when it installs, so they are rendered as a template in a copy of the chart.
 */
async function notesOf(values: Values): Promise<string> {
  const folder = await Deno.makeTempDir();
  const copy = `${folder}/chart`;
  await new Deno.Command("cp", { args: ["-r", CHART, copy] }).output();
  await Deno.rename(`${copy}/templates/NOTES.txt`, `${copy}/templates/notes.yaml`);
  const at = ["--namespace", "ns", "--kube-version", "1.34.0", "--debug", "--show-only", "templates/notes.yaml"];
  // The notes are not YAML, so the command fails, and shows them with --debug.
  const notes = await helm(["template", "dko", copy, ...at], { ...IMAGE, ...values }).catch((error) =>
    (error as Error).message
  );
  await Deno.remove(folder, { recursive: true });
  return notes;
}
