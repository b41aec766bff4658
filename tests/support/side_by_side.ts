/**
 * Runs the tests of one file at the same time: each mostly waits, for example until an API server starts or a lease
 * expires.
 *
 * @module
 */

/** A test for {@link SideBySide}. */
export interface SideBySideTest {
  readonly name: string;
  readonly ignore?: boolean;
  readonly fn: () => Promise<void>;
}

/** Registers tests that run concurrently, up to a limit; each is reported separately. */
export class SideBySide {
  readonly #starters: (() => Promise<void>)[] = [];
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(atATime: number) {
    this.#free = atATime;
  }

  /** Registers a test; all registered tests start with the first one. */
  test({ name, ignore = false, fn }: SideBySideTest): void {
    let result: Promise<void> | undefined;
    const start = () => result ??= this.#limited(fn);
    if (!ignore) this.#starters.push(start);
    Deno.test({
      name,
      ignore,
      // The tests overlap, so a resource that one holds open would be attributed to another.
      sanitizeOps: false,
      sanitizeResources: false,
      fn: async () => {
        for (const starter of this.#starters) void starter().catch(() => {});
        await start();
      },
    });
  }

  async #limited(fn: () => Promise<void>): Promise<void> {
    if (this.#free <= 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#free--;
    try {
      await fn();
    } finally {
      this.#free++;
      this.#waiting.shift()?.();
    }
  }
}
