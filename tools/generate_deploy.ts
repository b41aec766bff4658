/**
 * Writes deploy/install.yaml and deploy/kustomize/ from the chart, for users without Helm.
 *
 * `HELM_BINARY=… deno task generate:deploy` writes; with `--check` it exits 1 and names the files that are stale.
 *
 * @module
 */
import { parseAllDocuments, stringify } from "yaml";
import { CHART } from "./generate_chart.ts";

const ROOT = new URL("../", import.meta.url);
const NAME = "databricks-kube-operator";
const HEAD = "# Written by deno task generate:deploy from the chart.\n";
/** The header of install.yaml for its reader; the release, which knows its registry, removes the first two lines. */
const INSTALL_HEAD = `${HEAD}# Set the image to the registry that you pushed it to:
#   sed "s|image: ${NAME}:|image: REGISTRY/${NAME}:|" install.yaml | kubectl apply -f -
# It creates the namespace ${NAME} and watches only that one: put the Secret, the ConfigMap and manifests there.
`;
const BASE_HEAD = `${HEAD}# A kustomization with this base sets the namespace and the image:
#   kustomize edit set namespace NAMESPACE
#   kustomize edit set image ${NAME}=REGISTRY/${NAME}
`;

// deno-lint-ignore no-explicit-any -- objects of any kind
type Manifest = any;

/** The files, by path below the project's root. */
export async function deployFiles(helm: string): Promise<ReadonlyMap<string, string>> {
  const objects = (await render(helm)).map(withoutHelm);
  const crds = objects.filter(({ kind }) => kind === "CustomResourceDefinition");
  const others = objects.filter(({ kind }) => kind !== "CustomResourceDefinition");
  const namespace = {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: NAME, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
  };
  const base = {
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    resources: ["crds.yaml", "operator.yaml"],
  };
  return new Map([
    ["deploy/install.yaml", INSTALL_HEAD + toYaml([...crds, namespace, ...others])],
    ["deploy/kustomize/kustomization.yaml", BASE_HEAD + toYaml([base])],
    ["deploy/kustomize/crds.yaml", HEAD + toYaml(crds)],
    ["deploy/kustomize/operator.yaml", HEAD + toYaml(others.map(withoutNamespace))],
  ]);
}

async function render(helm: string): Promise<Manifest[]> {
  const chart = new URL(CHART, ROOT).pathname;
  const args = [
    "template",
    NAME,
    chart,
    "--namespace",
    NAME,
    "--kube-version",
    "1.34.0",
    "--set",
    `image.repository=${NAME}`,
  ];
  const { success, stdout, stderr } = await new Deno.Command(helm, { args, stdin: "null" }).output();
  if (!success) throw new Error(`Cannot render the chart: ${new TextDecoder().decode(stderr)}`);
  const documents = parseAllDocuments(new TextDecoder().decode(stdout)).map((document) => document.toJS());
  return documents.filter((object) => object !== null);
}

/** Removes labels and annotations that only a Helm release has. */
function withoutHelm(object: Manifest): Manifest {
  const { "helm.sh/resource-policy": _policy, ...annotations } = object.metadata.annotations ?? {};
  const metadata = { ...object.metadata, labels: plainLabels(object.metadata.labels) };
  delete metadata.annotations;
  if (Object.keys(annotations).length > 0) metadata.annotations = annotations;
  const template = object.spec?.template;
  if (template === undefined || object.kind !== "Deployment") return { ...object, metadata };
  const pod = { ...template, metadata: { ...template.metadata, labels: plainLabels(template.metadata.labels) } };
  return { ...object, metadata, spec: { ...object.spec, template: pod } };
}

function plainLabels(labels: Record<string, string>): Record<string, string> {
  const { "helm.sh/chart": _chart, "app.kubernetes.io/managed-by": _manager, ...plain } = labels;
  return plain;
}

/** Removes the namespace, which Kustomize sets, also in subjects. */
function withoutNamespace(object: Manifest): Manifest {
  const { namespace: _namespace, ...metadata } = object.metadata;
  const subjects = object.subjects?.map(({ namespace: _, ...subject }: Manifest) => ({
    ...subject,
    namespace: "default",
  }));
  return { ...object, metadata, ...subjects && { subjects } };
}

function toYaml(objects: readonly Manifest[]): string {
  return objects.map((object) => stringify(object, { aliasDuplicateObjects: false, lineWidth: 0 })).join("---\n");
}

/** The paths of files whose contents on disk differ. */
export async function staleDeploy(helm: string): Promise<string[]> {
  const paths: string[] = [];
  for (const [path, text] of await deployFiles(helm)) {
    if (await Deno.readTextFile(new URL(path, ROOT)).catch(() => undefined) !== text) paths.push(path);
  }
  return paths;
}

async function main(args: readonly string[]): Promise<number> {
  const helm = Deno.env.get("HELM_BINARY") ?? "helm";
  const paths = await staleDeploy(helm);
  if (args.includes("--check")) {
    for (const path of paths) console.error(`stale: ${path} (run: deno task generate:deploy)`);
    return paths.length === 0 ? 0 : 1;
  }
  const files = await deployFiles(helm);
  await Deno.mkdir(new URL("deploy/kustomize/", ROOT), { recursive: true });
  for (const path of paths) {
    await Deno.writeTextFile(new URL(path, ROOT), files.get(path) ?? "");
    console.log(`wrote ${path}`);
  }
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
