/**
 * The operator's image in a cluster, run like the chart's pod: an account with the rights of its Role, uid 65532, a
 * read-only file system, no capabilities. Control plane and mock workspace are containers on the same network.
 */
import assert from "node:assert/strict";
import { GenericContainer, Network, type StartedNetwork, type StartedTestContainer, Wait } from "testcontainers";
import { parseAllDocuments } from "yaml";
import { type KubeClient, KubeError, type KubeObject } from "../../src/kubernetes/client.ts";
import { connect } from "../../src/kubernetes/kubeconfig.ts";
import { resources } from "../../src/resources/mod.ts";
import { exampleFiles } from "../support/documents.ts";
import { DEFAULT_IMAGE, dockerObstacle, startContainer } from "../support/api_servers.ts";
import { condition, installCrds, pathOf } from "../support/harness.ts";
import { argumentsOf, mountAccount } from "../support/pod_account.ts";
import { eventually, problem } from "../support/waiting.ts";
import { binary, needs as needsForBinary } from "./binary.ts";
import { buildLibrariesImage, buildMockImage, docker, needs as needsForImages } from "./docker.ts";

const NAMESPACE = "data";
/** Names on the network. */
const KUBE = "kube";
const MOCK = "mock";
const MOUNT_POINT = "/var/run/secrets/kubernetes.io/serviceaccount";
const k3s = Deno.env.get("K3S_IMAGE") ?? DEFAULT_IMAGE;

const needs = needsForImages || needsForBinary || await needsForKube();

async function needsForKube(): Promise<string> {
  const obstacle = await dockerObstacle(k3s);
  return obstacle === undefined ? "" : ` (needs a control plane in a container: ${obstacle.replaceAll(/[()]/g, "")})`;
}

/** The operator's container, as restricted as the chart's pod. */
class OperatorContainer extends GenericContainer {
  constructor(image: string) {
    super(image);
    this.hostConfig.ReadonlyRootfs = true;
    this.withDroppedCapabilities("ALL").withSecurityOpt("no-new-privileges");
  }
}

/** Builds the image from the Dockerfile and an existing binary. */
async function buildOperatorImage(tag: string): Promise<void> {
  const context = await Deno.makeTempDir({ prefix: "context-" });
  const base = `${tag}-base`;
  try {
    await Deno.mkdir(`${context}/dist`);
    await Deno.copyFile(binary, `${context}/dist/databricks-kube-operator`);
    for (const name of ["Dockerfile", ".dockerignore", "LICENSE", "THIRD_PARTY.md"]) {
      await Deno.copyFile(name, `${context}/${name}`);
    }
    await buildLibrariesImage(base);
    const args = ["--target", "prebuilt", "--build-arg", `BASE=${base}`, "--build-arg", "VERSION=1.2.3"];
    await docker("build", "--quiet", ...args, "--tag", tag, context);
  } finally {
    await docker("image", "rm", base).catch(() => "");
    await Deno.remove(context, { recursive: true });
  }
}

/** The examples, adapted to the mock on the network. */
async function examples(): Promise<KubeObject[]> {
  const objects: KubeObject[] = [];
  for (const file of await exampleFiles()) {
    const text = (await Deno.readTextFile(file)).replaceAll("127.0.0.1:8099", `${MOCK}:8099`);
    objects.push(...parseAllDocuments(text).map((document) => document.toJS()).map(withoutRemains));
  }
  return objects;
}

/** Makes an index deletable: by default it is retained, and its endpoint would wait for it. */
function withoutRemains(object: KubeObject): KubeObject {
  if (object.kind !== "DatabricksVectorSearchIndex") return object;
  const annotations = { ...object.metadata.annotations, "databricks-operator/deletion-policy": "delete" };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** The objects in the cluster, and the operator's arguments. */
interface Prepared {
  readonly objects: KubeObject[];
  readonly args: string[];
}

async function prepare(kube: KubeClient, options: { kubeconfig: string; folder: string }): Promise<Prepared> {
  await installCrds(kube);
  await kube.create({ group: "", version: "v1", plural: "namespaces" }, { metadata: { name: NAMESPACE } });
  const objects = await examples();
  for (const object of objects) await kube.create(pathOf(object.kind ?? "", NAMESPACE), object);
  const manifests = await mountAccount(kube, { ...options, namespace: NAMESPACE });
  // The container runs as another user than the test.
  await Deno.chmod(options.folder, 0o755);
  return {
    objects: objects.filter(({ kind }) => resources.some((resource) => resource.kind === kind)),
    args: argumentsOf(manifests),
  };
}

interface Pod {
  readonly network: StartedNetwork;
  /** The folder with the files of its account. */
  readonly folder: string;
  readonly args: string[];
}

function startOperator(image: string, { network, folder, args }: Pod): Promise<StartedTestContainer> {
  return new OperatorContainer(image)
    .withNetwork(network)
    .withBindMounts([{ source: folder, target: MOUNT_POINT, mode: "ro" }])
    .withEnvironment({ KUBERNETES_SERVICE_HOST: KUBE, KUBERNETES_SERVICE_PORT: "6443" })
    .withExposedPorts(8080)
    .withWaitStrategy(Wait.forHttp("/healthz", 8080))
    .withCommand(args)
    .start();
}

async function ready(kube: KubeClient, { kind = "", metadata: { name = "" } }: KubeObject): Promise<void> {
  await eventually(`${kind} ${name} is Ready`, async () => {
    const object = await kube.get(pathOf(kind, NAMESPACE), name);
    const isReady = condition(object, "Ready")?.status === "True" && condition(object, "Synced")?.status === "True";
    return isReady ? true : problem(JSON.stringify(object.status?.conditions));
  });
}

async function gone(kube: KubeClient, { kind = "", metadata: { name = "" } }: KubeObject): Promise<void> {
  await eventually(`${kind} ${name} is gone`, async () => {
    try {
      return problem(JSON.stringify((await kube.get(pathOf(kind, NAMESPACE), name)).metadata.finalizers));
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return true;
      throw error;
    }
  });
}

async function logOf(container: StartedTestContainer): Promise<string> {
  return await docker("logs", container.getId());
}

/** The containers that run while objects are created and deleted. */
interface Running {
  readonly kube: KubeClient;
  readonly operator: StartedTestContainer;
  readonly mock: StartedTestContainer;
}

/** Checks that objects become Ready, exist in Databricks and are deleted, and that the operator ends on request. */
async function livesThrough(objects: readonly KubeObject[], { kube, operator, mock }: Running): Promise<void> {
  for (const object of objects) await ready(kube, object);
  const probe = await fetch(`${addressOf(operator, 8080)}/readyz`);
  assert.deepEqual([probe.status, await probe.text()], [200, "ok\n"]);
  for (const object of objects) await kube.delete(pathOf(object.kind ?? "", NAMESPACE), object.metadata.name ?? "");
  for (const object of objects) await gone(kube, object);
  const calls = await (await fetch(`${addressOf(mock, 8099)}/_/ledger?count=true`)).json();
  const [created, deleted] = ["create", "delete"].map((call) => calls[`POST /api/2.2/jobs/${call}`]);
  const jobs = objects.filter(({ kind }) => kind === "DatabricksJob").length;
  assert.deepEqual([created, deleted], [jobs, jobs]);

  await docker("kill", "--signal", "TERM", operator.getId());
  assert.equal((await docker("wait", operator.getId())).trim(), "0");
  const log = await logOf(operator);
  assert.match(log, /This process cannot: run programs/);
  assert.match(log, /Leading: lease data\//);
  assert.doesNotMatch(log, /forbidden|NotCapable|Unhandled/i);
}

function addressOf(container: StartedTestContainer, port: number): string {
  return `http://${container.getHost()}:${container.getMappedPort(port)}`;
}

Deno.test({
  name: `image: with its Role's rights, as user nobody, on a read-only file system, it applies the examples${needs}`,
  ignore: needs !== "",
  // The container library keeps its connections to Docker open.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const suffix = crypto.randomUUID().slice(0, 8);
    const [image, mockImage] = [`local/operator-${suffix}`, `local/operator-mock-${suffix}`];
    const folder = await Deno.makeTempDir({ prefix: "account-" });
    await using ends = new AsyncDisposableStack();
    ends.defer(async () => {
      await Deno.remove(folder, { recursive: true });
      for (const tag of [image, mockImage]) await docker("image", "rm", "--force", tag).catch(() => "");
    });
    await Promise.all([buildOperatorImage(image), buildMockImage(mockImage)]);
    const network = await new Network().start();
    ends.defer(async () => void await network.stop());
    const { kubeconfig, ...server } = await startContainer(k3s, { network, alias: KUBE });
    ends.defer(() => server[Symbol.asyncDispose]());
    const mock = await new GenericContainer(mockImage).withNetwork(network).withNetworkAliases(MOCK)
      .withExposedPorts(8099).withWaitStrategy(Wait.forLogMessage(/Mock Databricks workspace on/)).withCommand([
        "--token",
        "demo",
        "--run-seconds",
        "1",
      ]).start();
    ends.defer(async () => void await mock.stop());
    const { client: kube } = await connect({ kubeconfig });
    ends.defer(() => kube.close());

    const { objects, args } = await prepare(kube, { kubeconfig, folder });
    const operator = await startOperator(image, { network, folder, args });
    ends.defer(async () => void await operator.stop());
    try {
      await livesThrough(objects, { kube, operator, mock });
    } catch (cause) {
      throw new Error(`The operator's last words: ${(await logOf(operator)).slice(-5000)}`, { cause });
    }
  },
});

Deno.test({
  name: `image: it holds no shell, runs as 65532, prints its version, and its binary is locked there too${needs}`,
  ignore: needs !== "",
  fn: async () => {
    const image = `local/operator-${crypto.randomUUID().slice(0, 8)}`;
    await buildOperatorImage(image);
    try {
      const { User, Labels, Entrypoint } = JSON.parse(
        await docker("image", "inspect", "--format", "{{json .Config}}", image),
      );
      assert.equal(User, "65532:65532");
      assert.deepEqual(Entrypoint, ["/usr/local/bin/databricks-kube-operator"]);
      assert.equal(Labels["org.opencontainers.image.version"], "1.2.3");
      assert.equal(Labels["org.opencontainers.image.licenses"], "Apache-2.0");
      await assert.rejects(docker("run", "--rm", "--entrypoint", "/bin/sh", image, "-c", "true"), /no such file/);
      const locked = ["--rm", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"];
      assert.doesNotMatch(await docker("run", ...locked, "--network", "none", image, "selftest"), /ALLOWED/);
    } finally {
      await docker("image", "rm", "--force", image);
    }
  },
});
