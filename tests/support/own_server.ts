/**
 * An API server that a test can kill, restart on its data, and restore from a backup.
 *
 * @module
 */
import assert from "node:assert/strict";
import { startProcess } from "./api_servers.ts";
import { eventually } from "./waiting.ts";

/** An API server for one test, which can be killed. */
export class OwnServer implements AsyncDisposable {
  #process: Awaited<ReturnType<typeof startProcess>> | undefined;
  readonly #binary: string;
  readonly #dataDir: string;

  constructor(binary: string, dataDir: string) {
    this.#binary = binary;
    this.#dataDir = dataDir;
  }

  get kubeconfig(): string {
    return this.#process?.kubeconfig ?? "";
  }

  async start(): Promise<void> {
    const port = this.#process === undefined ? {} : { port: this.#process.port };
    this.#process = await startProcess(this.#binary, { dataDir: this.#dataDir, ...port });
  }

  /**
   * Ends it as a power cut would, together with the processes that it started: one that lingers would hold the port.
   */
  async kill(): Promise<void> {
    if (this.#process === undefined) return;
    const { process, port } = this.#process;
    const children = await childrenOf(process.pid);
    process.kill("SIGKILL");
    for (const pid of children) Deno.kill(pid, "SIGKILL");
    await process.status;
    await eventually("the port is free", () => {
      using _listener = Deno.listen({ hostname: "127.0.0.1", port });
      return true;
    });
  }

  /** Keeps a copy of its data, as a backup of etcd does; it stops for that, and starts again. */
  async backUp(): Promise<void> {
    await this.kill();
    await copy(this.#dataDir, this.#backup);
    await this.start();
  }

  /** Restores its data from the backup. */
  async restore(): Promise<void> {
    await this.kill();
    await Deno.remove(this.#dataDir, { recursive: true });
    await copy(this.#backup, this.#dataDir);
    await this.start();
  }

  get #backup(): string {
    return `${this.#dataDir}-backup`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // After a failure it may already be dead.
    await this.kill().catch(() => {});
    for (const folder of [this.#dataDir, this.#backup]) await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
}

async function copy(from: string, to: string): Promise<void> {
  const { success } = await new Deno.Command("cp", { args: ["-a", from, to] }).output();
  assert.ok(success, `cp -a ${from} ${to}`);
}

/** The child processes of a process, if the system can list them (Linux). */
async function childrenOf(pid: number): Promise<number[]> {
  const children: number[] = [];
  for await (const { name } of Deno.readDir(`/proc/${pid}/task`)) {
    const text = await Deno.readTextFile(`/proc/${pid}/task/${name}/children`).catch(() => "");
    children.push(...text.split(" ").filter((word) => word.trim() !== "").map(Number));
  }
  return children;
}
