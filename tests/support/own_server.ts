/**
 * An API server that a test ends, starts again on its data, and sets back to older data.
 *
 * @module
 */
import assert from "node:assert/strict";
import { startProcess } from "./api_servers.ts";
import { eventually } from "./waiting.ts";

/** An API server of the test's own, that can be killed. */
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

  /** Ends it as a power cut does, with the processes that it started: one that lingers would hold the port. */
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

  /** Keeps what it holds now, as a backup of etcd does: it ends for that, and starts again. */
  async backUp(): Promise<void> {
    await this.kill();
    await copy(this.#dataDir, this.#backup);
    await this.start();
  }

  /** Goes back to what it held at the backup. */
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
    // After a failure it may be dead already.
    await this.kill().catch(() => {});
    for (const folder of [this.#dataDir, this.#backup]) await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
}

async function copy(from: string, to: string): Promise<void> {
  const { success } = await new Deno.Command("cp", { args: ["-a", from, to] }).output();
  assert.ok(success, `cp -a ${from} ${to}`);
}

/** The processes that a process started, where the system tells (Linux). */
async function childrenOf(pid: number): Promise<number[]> {
  const children: number[] = [];
  for await (const { name } of Deno.readDir(`/proc/${pid}/task`)) {
    const text = await Deno.readTextFile(`/proc/${pid}/task/${name}/children`).catch(() => "");
    children.push(...text.split(" ").filter((word) => word.trim() !== "").map(Number));
  }
  return children;
}
