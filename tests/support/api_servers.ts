/**
 * Finds and starts the API servers that tests can use.
 *
 * | Variable | Meaning |
 * |---|---|
 * | `TEST_KUBECONFIG` | a running cluster |
 * | `K3S_BINARY` | an executable that serves a control plane as k3s does, run as a process |
 * | `K3S_IMAGE` | an image for `@testcontainers/k3s`, if Docker runs (default `rancher/k3s:v1.34.1-k3s1`) |
 * | `K3S_PRIVILEGED` | `false` for an image that needs no privileges |
 *
 * @module
 */
import { K3sContainer } from "@testcontainers/k3s";
import { getContainerRuntimeClient, type StartedNetwork } from "testcontainers";
import { freePort } from "./ports.ts";

/** The default of `K3S_IMAGE`. */
export const DEFAULT_IMAGE = "rancher/k3s:v1.34.1-k3s1";
/** The port of a control plane in its container. */
const API_PORT = 6443;
/** The time limit for a control plane to start (ms). */
const STARTUP = 180_000;

/** A running API server. */
export interface ApiServer extends AsyncDisposable {
  /** The name, for headings. */
  readonly name: string;
  /** The path of an admin kubeconfig. */
  readonly kubeconfig: string;
  /** Returns whether it still runs, and the end of its log, to explain why tests failed. */
  lastWords(): Promise<string>;
}

/** A way to get an API server on this machine. */
export interface Source {
  readonly name: string;
  start(): Promise<ApiServer>;
}

/** A way to get one that this machine does not have, and how to enable it. */
export interface Missing {
  readonly name: string;
  readonly remedy: string;
}

/**
 * Returns the ways to get an API server on this machine, and the missing ones. If a cluster is named, only that is
 * used.
 */
export async function findSources(): Promise<{ sources: Source[]; missing: Missing[] }> {
  const existing = Deno.env.get("TEST_KUBECONFIG");
  if (existing !== undefined) return { sources: [useExisting(existing)], missing: [] };
  const sources: Source[] = [];
  const missing: Missing[] = [];
  const binary = Deno.env.get("K3S_BINARY");
  if (binary !== undefined) {
    sources.push({
      name: `process ${binary.split("/").at(-1)}`,
      start: () => startProcess(binary),
    });
  } else missing.push({ name: "control plane as a process", remedy: "set K3S_BINARY to a k3s executable" });
  const image = Deno.env.get("K3S_IMAGE") ?? DEFAULT_IMAGE;
  const obstacle = await dockerObstacle(image);
  if (obstacle === undefined) sources.push({ name: `container ${image}`, start: () => startContainer(image) });
  else missing.push({ name: "k3s in a container", remedy: obstacle });
  return { sources, missing };
}

function useExisting(kubeconfig: string): Source {
  const server: ApiServer = {
    name: kubeconfig,
    kubeconfig,
    lastWords: () => Promise.resolve("It was started by somebody else, so its log is elsewhere."),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return { name: "TEST_KUBECONFIG", start: () => Promise.resolve(server) };
}

/** Returns the reason why containers cannot run; `undefined` if they can. Pulls a missing image if it can. */
export async function dockerObstacle(image: string): Promise<string | undefined> {
  if (!await succeeds("docker", ["version"])) return "start Docker (and set K3S_IMAGE, to use another image)";
  if (await succeeds("docker", ["image", "inspect", image])) return undefined;
  return await succeeds("docker", ["pull", "--quiet", image]) ? undefined : `set K3S_IMAGE: ${image} cannot be pulled`;
}

async function succeeds(command: string, args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(command, { args, stdout: "null", stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}

/** Starts a control plane as a process on a free port of the loopback interface. */
export async function startProcess(binary: string, options: { dataDir?: string; port?: number } = {}): Promise<
  ApiServer & { readonly process: Deno.ChildProcess; readonly dataDir: string; readonly port: number }
> {
  const dataDir = options.dataDir ?? await Deno.makeTempDir({ prefix: "kube-" });
  const port = options.port ?? freePort();
  const kubeconfig = `${dataDir}/kubeconfig`;
  const process = new Deno.Command(binary, {
    args: [
      ...["server", "--data-dir", dataDir, "--https-listen-port", String(port), "--bind-address", "127.0.0.1"],
      ...["--write-kubeconfig", kubeconfig, "--disable-agent"],
    ],
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let isRunning = true;
  void process.status.then(() => isRunning = false);
  const log = await waitForLine(process.stderr, /control plane ready|Node controller sync successful/);
  const lastWords = () => Promise.resolve(`${isRunning ? "It runs." : "It has ended."}\n${log()}`);
  const end = async () => {
    process.kill("SIGTERM");
    await process.status;
    if (options.dataDir === undefined) await Deno.remove(dataDir, { recursive: true }).catch(() => {});
  };
  return { name: binary, kubeconfig, process, dataDir, port, lastWords, [Symbol.asyncDispose]: end };
}

/**
 * Waits for a matching line of the log, and continues to read so that the process is not blocked.
 *
 * @returns a function that returns the end of the log.
 */
async function waitForLine(stream: ReadableStream<Uint8Array>, pattern: RegExp): Promise<() => string> {
  const ready = Promise.withResolvers<void>();
  let text = "";
  void (async () => {
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      text = (text + chunk).slice(-10_000);
      if (pattern.test(text)) ready.resolve();
    }
    ready.reject(new Error(`The control plane ended before it was ready: ${text}`));
  })();
  const timer = setTimeout(
    () => ready.reject(new Error(`The control plane is not ready after ${STARTUP} ms: ${text}`)),
    STARTUP,
  );
  await ready.promise.finally(() => clearTimeout(timer));
  return () => text;
}

class Container extends K3sContainer {
  constructor(image: string) {
    super(image);
    if (Deno.env.get("K3S_PRIVILEGED") === "false") this.hostConfig.Privileged = false;
  }
}

/** True if something listens on a port of the loopback interface. */
async function isOpen(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}

/** A container network, and the name of the control plane in it. */
export interface Place {
  readonly network: StartedNetwork;
  readonly alias: string;
}

/** Starts a control plane in a container; other containers of a network reach it by its alias, on port 6443. */
export async function startContainer(image: string, place?: Place): Promise<ApiServer> {
  // If tests run in a container themselves, Docker's host may have another name, which the certificate must include.
  const { host } = (await getContainerRuntimeClient()).info.containerRuntime;
  const wanted = new Container(image).withCommand(["server", "--disable=traefik", `--tls-san=${host}`])
    .withStartupTimeout(STARTUP);
  if (place !== undefined) wanted.withNetwork(place.network).withNetworkAliases(place.alias);
  const container = await wanted.start();
  const kubeconfig = await Deno.makeTempFile({ prefix: "kubeconfig-" });
  const port = container.getMappedPort(API_PORT);
  const reached = await isOpen(port) ? "localhost" : host;
  const config = container.getKubeConfig().replace(`https://${host}:${port}`, `https://${reached}:${port}`);
  await Deno.writeTextFile(kubeconfig, config);
  const end = async () => {
    await container.stop();
    await Deno.remove(kubeconfig);
  };
  const lastWords = async () => {
    const docker = async (...args: string[]) => {
      const { stdout, stderr } = await new Deno.Command("docker", { args, stdin: "null" }).output();
      return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    };
    const state = await docker("inspect", "--format", "{{json .State}}", container.getId());
    return `${state}${(await docker("logs", "--tail", "50", container.getId())).slice(-10_000)}`;
  };
  return { name: image, kubeconfig, lastWords, [Symbol.asyncDispose]: end };
}
