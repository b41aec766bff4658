/**
 * Runs the operator as a process that can be killed and restarted, as in a pod.
 *
 * @module
 */
import { stringifyJson } from "../../src/base/json.ts";
import type { Life } from "../oracles/evidence.ts";

/** Options of the operator's process. */
export interface ProcessOptions {
  /** The program: a bundle of src/main.ts, or src/main.ts itself. */
  readonly program: string;
  readonly args: readonly string[];
}

/** A harmless warning of the runtime about a bundled library. */
const HARMLESS = /\(node:\d+\) \[DEP0040\] DeprecationWarning: The `punycode` module is deprecated.*\n+/;

/** The minimum age of a process before its descriptors are counted (ms). */
const YOUNG = 3000;

interface Alive {
  readonly child: Deno.ChildProcess;
  readonly output: Promise<{ log: string; errors: string }>;
  end: Life["end"];
  readonly begun: number;
  descriptors?: number;
}

/** Builds a bundle, which starts in half the time; returns the source if that does not work. */
export async function build(dir: string): Promise<string> {
  const bundle = `${dir}/operator.js`;
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--output", bundle, "src/main.ts"],
    stdout: "null",
    stderr: "null",
  }).output().catch(() => ({ success: false }));
  return success ? bundle : "src/main.ts";
}

/** The kubeconfig (JSON) for an API server without credentials. */
export function kubeconfigFor(server: string): string {
  return stringifyJson({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "door", cluster: { server } }],
    users: [{ name: "door", user: {} }],
    contexts: [{ name: "door", context: { cluster: "door", user: "door" } }],
    "current-context": "door",
  });
}

/** The operator's current process and its predecessors. */
export class OperatorProcess {
  /** The running processes, which are killed if the campaign is interrupted. */
  static readonly #running = new Set<Deno.ChildProcess>();
  readonly #options: ProcessOptions;
  #alive: Alive | undefined;
  readonly #lives: Promise<Life>[] = [];

  constructor(options: ProcessOptions) {
    this.#options = options;
  }

  /** Kills all running processes. */
  static killAll(): void {
    for (const child of OperatorProcess.#running) child.kill("SIGKILL");
  }

  /** The number of this life, counting from 1. */
  get number(): number {
    return this.#lives.length;
  }

  get pid(): number {
    return this.#alive?.child.pid ?? 0;
  }

  /** Starts another life. */
  start(): void {
    const { program, args } = this.#options;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-qA", "--no-prompt", program, "run", ...args],
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    OperatorProcess.#running.add(child);
    void child.status.then(() => OperatorProcess.#running.delete(child));
    const texts = Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    const begun = performance.now();
    const alive: Alive = {
      begun,
      child,
      output: texts.then(([log, errors]) => ({ log, errors: errors.replace(HARMLESS, "") })),
      end: "itself",
    };
    this.#alive = alive;
    this.#lives.push(this.#live(alive));
  }

  /** Ends the process as the loss of its node would. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL", "killed");
  }

  /** Ends the process as the kubelet does. */
  async term(): Promise<void> {
    await this.#look();
    await this.#end("SIGTERM", "term");
  }

  /** All lives, after the last one has ended. */
  async lives(): Promise<Life[]> {
    return await Promise.all(this.#lives);
  }

  async #look(): Promise<void> {
    // Before the new process has executed its program, it still has the open files of this one.
    if (this.#alive === undefined || performance.now() - this.#alive.begun < YOUNG) return;
    const files = await Array.fromAsync(Deno.readDir(`/proc/${this.pid}/fd`)).catch(() => []);
    this.#alive.descriptors = files.length;
  }

  async #end(signal: Deno.Signal, end: Life["end"]): Promise<void> {
    const alive = this.#alive;
    if (alive === undefined) return;
    alive.end = end;
    this.#signalled = performance.now();
    try {
      alive.child.kill(signal);
    } catch {
      alive.end = "itself";
    }
    await alive.child.status;
  }

  #signalled = 0;

  async #live(alive: Alive): Promise<Life> {
    const { code } = await alive.child.status;
    const seconds = (performance.now() - this.#signalled) / 1000;
    const { descriptors } = alive;
    return { ...await alive.output, end: alive.end, code, seconds, ...descriptors !== undefined && { descriptors } };
  }
}
