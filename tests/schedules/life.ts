/**
 * One life of the operator's process, with everything that ends with it.
 *
 * @module
 */
import { type Clock, sleepOn, type Timer } from "../../src/base/clock.ts";
import type { FakeClock } from "../../src/base/clock_fake.ts";
import { KubeClient } from "../../src/kubernetes/client.ts";
import { Operator } from "../../src/reconcile/operator.ts";
import type { Resource } from "../../src/resource.ts";
import type { Network } from "./network.ts";

/** The namespace of all simulations. */
export const NAMESPACE = "team";

/** A second namespace, connected to the same workspace; it comes after the first, which ingests. */
export const OTHER = "theirs";

/** Options of a process. */
export interface LifeOptions {
  readonly number: number;
  readonly clock: FakeClock;
  readonly network: Network;
  readonly token: string;
  readonly namespaces: readonly string[];
  readonly resources: readonly Resource[];
}

/** One process. */
export class Life {
  /** The number of this life, counting from 1. */
  readonly number: number;
  readonly clock: Clock;
  readonly #client: KubeClient;
  readonly #timers = new Set<Timer>();
  readonly #ends: (() => void)[] = [];
  isAlive = true;
  /** False if another replica leads. */
  isLeading = true;

  constructor({ number, clock, network, token, namespaces, resources }: LifeOptions) {
    this.number = number;
    const setTimeout: Clock["setTimeout"] = (fn, ms) => {
      const timer = clock.setTimeout(() => {
        this.#timers.delete(timer);
        fn();
      }, ms);
      if (this.isAlive) this.#timers.add(timer);
      else timer.cancel();
      return { cancel: () => (timer.cancel(), void this.#timers.delete(timer)) };
    };
    this.clock = {
      now: () => Math.floor(clock.now()),
      monotonic: () => clock.monotonic(),
      setTimeout,
      sleep: (ms, signal) => sleepOn({ setTimeout }, ms, signal),
    };
    this.#client = new KubeClient({
      server: "http://kubernetes",
      token: () => token,
      clock: this.clock,
      fetch: async (url, { client: _pool, ...init }) => {
        const request = new Request(url, init);
        const response = await network.send(this, "Kubernetes", request, String(init.body ?? ""));
        const { searchParams, pathname } = new URL(url);
        if (!searchParams.has("watch") || !response.ok) return response;
        const seconds = Number(searchParams.get("timeoutSeconds"));
        return network.gate(this, `GET ${pathname}?watch`, response, { seconds, signal: request.signal });
      },
    });
    const operator = new Operator({
      client: this.#client,
      namespaces,
      resources,
      configMapName: "databricks-kube-operator",
      transport: () => ({
        send: async (request) => {
          const body = request.method === "GET" ? "" : await request.clone().text();
          return await network.send(this, "Databricks", request, body);
        },
      }),
      clock: this.clock,
      mayWrite: () => this.isLeading,
    });
    void operator.start();
  }

  /** Registers a function to be called when the process ends. */
  onEnd(fn: () => void): void {
    this.#ends.push(fn);
  }

  /** Ends the process like SIGKILL: it does nothing more. */
  kill(): void {
    this.isAlive = false;
    for (const timer of this.#timers) timer.cancel();
    for (const end of this.#ends) end();
    this.#client.close();
  }
}
