/**
 * Lets what a test prints stand under the test's own name, although tests of a file run at the same time: what is printed
 * before Deno reports the test is held until then.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";

const METHODS = ["debug", "error", "info", "log", "warn"] as const;

const current = new AsyncLocalStorage<OwnOutput>();

/** The output of one test: what it, and all that it starts, prints by `console`. */
export class OwnOutput {
  #held: (() => void)[] | undefined = [];

  constructor() {
    watchConsole();
  }

  /** Runs the test. */
  run<T>(test: () => Promise<T>): Promise<T> {
    return current.run(this, test);
  }

  /** Prints what was held; from now on, all is printed at once. */
  release(): void {
    for (const print of this.#held ?? []) print();
    this.#held = undefined;
  }

  /** Prints now, or once it is released. */
  print(print: () => void): void {
    if (this.#held === undefined) print();
    else this.#held.push(print);
  }
}

let isWatched = false;

function watchConsole(): void {
  if (isWatched) return;
  isWatched = true;
  for (const method of METHODS) {
    const write = console[method].bind(console);
    console[method] = (...args: unknown[]) => {
      const output = current.getStore();
      if (output === undefined) write(...args);
      else output.print(() => write(...args));
    };
  }
}
