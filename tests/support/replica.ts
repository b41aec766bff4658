/**
 * Runs the operator as a process, as a pod does, with its own entrance to Databricks, so that the requests of several
 * replicas can be told apart.
 *
 * @module
 */
import { serve, type Served } from "../../mock/databricks/serve.ts";
import type { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { eventually, problem } from "./waiting.ts";
import type { World } from "./world.ts";

/** The address of Databricks for replicas; each replica's proxy resolves it. */
export const DATABRICKS_URL = "http://databricks.test";

/** A request that a replica sent to Databricks. */
interface Asked {
  readonly method: string;
  readonly path: string;
}

/** A replica's entrance to a workspace. */
class Door {
  readonly asked: Asked[] = [];
  readonly #workspace: MockWorkspace;
  #held: { path: string; until: PromiseWithResolvers<void>; count: number } | undefined;

  constructor(workspace: MockWorkspace) {
    this.#workspace = workspace;
  }

  async fetch(request: Request): Promise<Response> {
    const { pathname: path } = new URL(request.url);
    this.asked.push({ method: request.method, path });
    const response = await this.#workspace.fetch(request);
    const held = this.#held;
    if (held !== undefined && path.endsWith(held.path)) {
      held.count++;
      await held.until.promise;
    }
    return response;
  }

  /** Withholds answers to a path until `release`; `reached` returns their number. */
  hold(path: string): { reached: () => number; release: () => void } {
    const held = this.#held = { path, until: Promise.withResolvers<void>(), count: 0 };
    const release = () => {
      this.#held = undefined;
      held.until.resolve();
    };
    return { reached: () => held.count, release };
  }
}

interface Surroundings {
  readonly served: Served;
  readonly door: Door;
  /** True if it is restarted whenever it ends, as a kubelet does. */
  readonly restarts: boolean;
}

/** A running operator. */
export class Replica implements AsyncDisposable {
  readonly #command: Deno.Command;
  #child: Deno.ChildProcess;
  #restarts: boolean;
  readonly #served: Served;
  readonly #reading: Promise<void>;
  readonly door: Door;
  /** Its standard output. */
  log = "";

  private constructor(command: Deno.Command, { served, door, restarts }: Surroundings) {
    this.#command = command;
    this.#child = command.spawn();
    this.#restarts = restarts;
    this.#served = served;
    this.door = door;
    this.#reading = this.#read();
  }

  /**
   * Starts `run --leader-elect` for a world's namespace, with further arguments: from source (which can be inspected at
   * an address), or the given binary. It can be restarted whenever it ends.
   */
  static async start(
    world: World,
    args: readonly string[] = [],
    { binary, inspect, restarts = false }: { binary?: string; inspect?: string; restarts?: boolean } = {},
  ): Promise<Replica> {
    const door = new Door(world.workspace);
    const served = await serve(door);
    const command = new Deno.Command(binary ?? Deno.execPath(), {
      args: [
        ...binary === undefined
          ? ["run", "-qA", ...inspect === undefined ? [] : [`--inspect=${inspect}`], "src/main.ts"]
          : [],
        ...["run", "--leader-elect", "--kubeconfig", world.kubeconfig],
        ...args.includes("--all-namespaces") ? [] : ["--watch-namespaces", world.namespace],
        ...["--lease-namespace", world.namespace, ...args],
      ],
      env: { NO_COLOR: "1", HTTP_PROXY: served.url, NO_PROXY: "127.0.0.1,localhost" },
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    });
    return new Replica(command, { served, door, restarts });
  }

  /** The requests that may change something in Databricks. */
  get writes(): Asked[] {
    return this.door.asked.filter(({ method }) => method !== "GET");
  }

  /** Waits for a matching line of the log. */
  async says(pattern: RegExp): Promise<void> {
    await eventually(`the log has ${pattern}`, () => pattern.test(this.log) ? true : problem(this.log.slice(-2000)));
  }

  /** Waits until it is the leader. */
  async leads(): Promise<void> {
    await this.says(/Leading: /);
  }

  send(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Waits for its end; returns the exit code. */
  async ended(): Promise<number> {
    const { code } = await this.#child.status;
    await this.#reading;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#restarts = false;
    try {
      this.send("SIGKILL");
    } catch {
      // It has already ended.
    }
    await this.ended();
    await this.#served.close();
  }

  async #read(): Promise<void> {
    for (;;) {
      for await (const chunk of this.#child.stdout.pipeThrough(new TextDecoderStream())) this.log += chunk;
      await this.#child.status;
      if (!this.#restarts) return;
      this.#child = this.#command.spawn();
    }
  }
}
