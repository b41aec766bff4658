/**
 * An operator in its own process, to be measured by a benchmark.
 *
 * @module
 */
import { freePort } from "../tests/support/ports.ts";
import { eventually } from "../tests/support/waiting.ts";
import type { Program } from "./revision.ts";

/** A running operator. */
export class Operator {
  readonly process: Deno.ChildProcess;
  readonly #address: string;

  private constructor(process: Deno.ChildProcess, address: string) {
    this.process = process;
    this.#address = address;
  }

  /** Starts an operator without waiting for it. */
  static spawn({ command }: Program, kubeconfig: string, args: readonly string[]): Operator {
    const address = `127.0.0.1:${freePort()}`;
    const [program = "", ...before] = command;
    const options = ["run", "--kubeconfig", kubeconfig, "--log-level", "warning", "--http-address", address, ...args];
    const process = new Deno.Command(program, { args: [...before, ...options], stdout: "inherit", stderr: "null" })
      .spawn();
    return new Operator(process, address);
  }

  /** Waits until its probe reports readiness. */
  async ready(): Promise<void> {
    await eventually("the operator is ready", async () => {
      const answer = await fetch(`http://${this.#address}/readyz`);
      await answer.body?.cancel();
      return answer.ok;
    });
  }

  /** The text of its metrics. */
  async metrics(): Promise<string> {
    return await (await fetch(`http://${this.#address}/metrics`)).text();
  }

  /** Measures the response time of its probe (ms). */
  async probe(): Promise<number> {
    const begun = performance.now();
    await (await fetch(`http://${this.#address}/healthz`)).text();
    return performance.now() - begun;
  }

  /** Stops it, by default with SIGTERM. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<void> {
    this.process.kill(signal);
    await this.process.status;
  }
}
