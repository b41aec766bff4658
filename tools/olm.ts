/**
 * `deno task olm`: writes a bundle for the Operator Lifecycle Manager, from deploy/install.yaml and the kinds.
 *
 *     deno task olm --image ghcr.io/OWNER/databricks-kube-operator:1.2.3 --output dist/olm
 *
 * Format: https://olm.operatorframework.io/docs/tasks/creating-operator-bundle. A test checks it with the rules of
 * operator-framework/api, which `operator-sdk bundle validate` uses.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { parseArgs } from "node:util";
import { parseAllDocuments, stringify } from "yaml";
import { crdYaml } from "../src/commands/crdgen.ts";
import { kinds } from "../src/kinds.ts";
import type { Kind } from "../src/connection.ts";
import { GROUP, VERSION } from "../src/resource.ts";
import config from "../deno.json" with { type: "json" };

const ROOT = new URL("../", import.meta.url);
const NAME = "databricks-kube-operator";
/** The environment variable with the OperatorGroup's namespaces, which OLM sets as an annotation of the pod. */
const TARGETS = "OPERATOR_TARGET_NAMESPACES";
const LABEL = "operators.operatorframework.io";

/** Options of {@link olmFiles}. */
export interface OlmOptions {
  /** The image of the operator, with its tag or digest. */
  readonly image: string;
  /** `1.2.3` */
  readonly version: string;
  /** The address of the source, if it is published. */
  readonly repository?: string | undefined;
  /** ISO 8601 */
  readonly createdAt?: string | undefined;
}

// deno-lint-ignore no-explicit-any -- objects of any kind
type Manifest = any;

/** The files of the bundle, by path. */
export async function olmFiles(options: OlmOptions): Promise<ReadonlyMap<string, string>> {
  const text = await Deno.readTextFile(new URL("deploy/install.yaml", ROOT));
  const objects: Manifest[] = parseAllDocuments(text).map((document) => document.toJS());
  const icon = await Deno.readFile(new URL("docs/images/icon.svg", ROOT));
  const csv = clusterServiceVersion(objects, { ...options, icon: Buffer.from(icon).toString("base64") });
  return new Map([
    [`manifests/${NAME}.clusterserviceversion.yaml`, toYaml(csv)],
    ...kinds.map((kind): [string, string] => [`manifests/${kind.plural}.crd.yaml`, crdYaml(kind)]),
    ["metadata/annotations.yaml", toYaml({ annotations: bundleLabels() })],
    ["bundle.Dockerfile", dockerfile()],
  ]);
}

/** The labels of a bundle that a catalog reads. */
function bundleLabels(): Record<string, string> {
  return {
    [`${LABEL}.bundle.mediatype.v1`]: "registry+v1",
    [`${LABEL}.bundle.manifests.v1`]: "manifests/",
    [`${LABEL}.bundle.metadata.v1`]: "metadata/",
    [`${LABEL}.bundle.package.v1`]: NAME,
    [`${LABEL}.bundle.channels.v1`]: "candidate",
    [`${LABEL}.bundle.channel.default.v1`]: "candidate",
  };
}

function dockerfile(): string {
  const labels = Object.entries(bundleLabels()).map(([name, value]) => `LABEL ${name}=${value}`);
  return ["FROM scratch", "", ...labels, "", "COPY manifests /manifests/", "COPY metadata /metadata/", ""].join("\n");
}

/** The ClusterServiceVersion, by which OLM installs the operator. */
function clusterServiceVersion(
  objects: readonly Manifest[],
  options: OlmOptions & { readonly icon: string },
): Manifest {
  const { image, version, repository, createdAt, icon } = options;
  return {
    apiVersion: "operators.coreos.com/v1alpha1",
    kind: "ClusterServiceVersion",
    metadata: {
      name: `${NAME}.v${version}`,
      namespace: "placeholder",
      annotations: {
        "alm-examples": JSON.stringify(kinds.map(exampleOf), null, 2),
        capabilities: "Deep Insights",
        categories: "Big Data, Integration & Delivery",
        containerImage: image,
        ...createdAt !== undefined && { createdAt },
        description: SUMMARY,
        ...repository !== undefined && { repository },
        support: NAME,
      },
    },
    spec: {
      displayName: "Databricks Operator",
      description: DESCRIPTION,
      version,
      maturity: "alpha",
      minKubeVersion: "1.25.0",
      keywords: ["databricks", "jobs", "pipelines", "unity-catalog", "gitops"],
      provider: { name: NAME },
      ...repository !== undefined && { links: [{ name: "Source and documentation", url: repository }] },
      icon: [{ base64data: icon, mediatype: "image/svg+xml" }],
      installModes: installModes(),
      install: { strategy: "deployment", spec: installSpec(objects, image) },
      customresourcedefinitions: { owned: kinds.map(ownedOf) },
      relatedImages: [{ name: "operator", image }],
    },
  };
}

const SUMMARY = "Manages Databricks jobs, compute, pipelines, Unity Catalog, secrets and permissions from manifests";
const DESCRIPTION = `${SUMMARY}.

The operator creates what manifests declare in a Databricks workspace, reverts changes that people make in the web
application, and shows the latest run of each job in its status.

Each namespace of the OperatorGroup needs a ConfigMap \`${NAME}\` and a Secret, so that the operator knows the workspace:

    kubectl create secret generic databricks-api-secret \\
      --from-literal=databricks_url=https://my-tenant.cloud.databricks.com --from-literal=access_token=dapi...
    kubectl create configmap ${NAME} \\
      --from-literal=api_secret_name=databricks-api-secret --from-literal=ingest=false
`;

/** The namespaces are listed explicitly, so that the operator does not read the Secrets of others. */
function installModes(): Manifest[] {
  const supported = ["OwnNamespace", "SingleNamespace", "MultiNamespace"];
  return [...supported, "AllNamespaces"].map((type) => ({ type, supported: supported.includes(type) }));
}

/** The Deployment and the Roles of deploy/install.yaml. */
function installSpec(objects: readonly Manifest[], image: string): Manifest {
  const found = (kind: string): Manifest[] => objects.filter((object) => object?.kind === kind);
  const [{ metadata: { labels }, spec }] = found("Deployment");
  const { serviceAccountName, containers: [container], ...pod } = spec.template.spec;
  const targets = {
    name: TARGETS,
    valueFrom: { fieldRef: { fieldPath: "metadata.annotations['olm.targetNamespaces']" } },
  };
  const operator = {
    ...container,
    image,
    args: [...container.args, `--watch-namespaces=$(${TARGETS})`],
    env: [...container.env, targets],
  };
  const template = { ...spec.template, spec: { ...pod, serviceAccountName, containers: [operator] } };
  return {
    permissions: [{ serviceAccountName, rules: found("Role").flatMap(({ rules }) => rules) }],
    deployments: [{ name: NAME, label: labels, spec: { ...spec, template } }],
  };
}

function ownedOf({ kind, plural, description }: Pick<Kind, "kind" | "plural" | "description">): Manifest {
  return { name: `${plural}.${GROUP}`, version: VERSION, kind, displayName: kind, description };
}

function exampleOf({ kind, singular, examples }: Pick<Kind, "kind" | "singular" | "examples">): Manifest {
  const [first] = examples;
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind,
    metadata: { name: `${singular}-example` },
    spec: first?.spec ?? {},
  };
}

function toYaml(value: unknown): string {
  return stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 });
}

/** Writes the files below a folder. */
export async function writeBundle(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, text] of files) {
    const file = `${folder}/${path}`;
    await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(file, text);
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    args: [...Deno.args],
    options: {
      image: { type: "string", default: `${NAME}:${config.version}` },
      version: { type: "string", default: config.version },
      output: { type: "string", default: "dist/olm" },
      repository: { type: "string" },
      "created-at": { type: "string" },
    },
  });
  const { image, version, output, repository } = values;
  await writeBundle(output, await olmFiles({ image, version, repository, createdAt: values["created-at"] }));
  console.log(`wrote ${output}: docker build --file ${output}/bundle.Dockerfile ${output}`);
}
