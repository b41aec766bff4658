/**
 * Prints the output of a test under its own name, although the tests of a file run at the same time: output is held
 * back until Deno starts to report the test.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";

const METHODS = ["debug", "error", "info", "log", "warn"] as const;

const current = new AsyncLocalStorage<OwnOutput>();

/** The output of one test: everything that it, and whatever it starts, prints with `console`. */
export class OwnOutput {
  #held: (() => void)[] | undefined = [];

  constructor() {
    watchConsole();
  }

  /** Runs the test. */
  run<T>(test: () => Promise<T>): Promise<T> {
    return current.run(this, test);
  }

  /** Prints the held output; from now on, output is printed at once. */
  release(): void {
    for (const print of this.#held ?? []) print();
    this.#held = undefined;
  }

  /** Prints now if released, otherwise on release. */
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
