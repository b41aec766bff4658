/**
 * The control plane's controllers: they serve custom kinds, empty namespaces and collect garbage.
 *
 * Unlike in a real cluster, their work is done before the request that caused it is answered.
 *
 * @module
 */
import type { Objects } from "../objects.ts";
import type { Registry } from "../registry.ts";
import type { Change } from "../store.ts";
import { Definitions } from "./definitions.ts";
import { GarbageCollector } from "./garbage_collector.ts";
import { NamespaceController } from "./namespace_controller.ts";

/** A part of the control plane. */
export interface Controller {
  /** Observes each change; returns any resulting work, which runs once the change is complete. */
  observe(name: string, change: Change): (() => void) | undefined;
}

/** The whole control plane. */
export class Controllers {
  readonly #tasks: (() => void)[] = [];

  constructor(objects: Objects, registry: Registry) {
    const all = [
      new Definitions(objects, registry),
      new NamespaceController(objects, registry),
      new GarbageCollector(objects, registry),
    ];
    objects.store.listen((name, change) => {
      for (const controller of all) {
        const task = controller.observe(name, change);
        if (task) this.#tasks.push(task);
      }
    });
  }

  /** Does all outstanding work. */
  run(): void {
    for (let task = this.#tasks.shift(); task; task = this.#tasks.shift()) task();
  }
}
