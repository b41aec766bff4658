/**
 * The seconds for which declared compute was seen running, by object.
 *
 * @module
 */
import { Counter, type Registry } from "prom-client";

/** The object of a series. */
export interface RunningObject {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** The counter, whose series end with their objects. */
export class RunningSeconds {
  readonly #counter: Counter<keyof RunningObject>;

  constructor(registry: Registry) {
    this.#counter = new Counter({
      name: "databricks_compute_running_seconds_total",
      help: "Seconds for which the compute of an object was seen running, as sweeps saw it",
      labelNames: ["kind", "namespace", "name"],
      registers: [registry],
    });
  }

  /** Adds seconds; zero begins the series. */
  add(object: RunningObject, seconds: number): void {
    this.#counter.inc({ ...object }, seconds);
  }

  /** Ends the series of an object that is gone. */
  forget(object: RunningObject): void {
    this.#counter.remove({ ...object });
  }
}
