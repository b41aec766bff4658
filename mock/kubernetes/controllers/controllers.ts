/**
 * The controllers of the control plane: they define custom kinds, empty namespaces and collect garbage.
 *
 * Unlike in a real cluster it has all been done when the answer to the request that caused it arrives.
 *
 * @module
 */
import type { Objects } from "../objects.ts";
import type { Registry } from "../registry.ts";
import type { Change } from "../store.ts";
import { Definitions } from "./definitions.ts";
import { GarbageCollector } from "./garbage_collector.ts";
import { NamespaceController } from "./namespace_controller.ts";

/** Part of the control plane. */
export interface Controller {
  /** Receives each change; returns the work that follows from it, once the change is complete. */
  observe(name: string, change: Change): (() => void) | undefined;
}

/** All of the control plane. */
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

  /** Does all that has to be done. */
  run(): void {
    for (let task = this.#tasks.shift(); task; task = this.#tasks.shift()) task();
  }
}
