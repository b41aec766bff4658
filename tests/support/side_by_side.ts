/**
 * Tests of one file that run at the same time: each waits most of the time, as for an API server to start or a lease to
 * expire.
 *
 * @module
 */

/** A test, as {@link SideBySide} needs it. */
export interface SideBySideTest {
  readonly name: string;
  readonly ignore?: boolean;
  readonly fn: () => Promise<void>;
}

/** Registers tests that run side by side, some at a time; each is reported by itself. */
export class SideBySide {
  readonly #starters: (() => Promise<void>)[] = [];
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(atATime: number) {
    this.#free = atATime;
  }

  /** Registers a test; all that are registered begin with the first one. */
  test({ name, ignore = false, fn }: SideBySideTest): void {
    let result: Promise<void> | undefined;
    const start = () => result ??= this.#limited(fn);
    if (!ignore) this.#starters.push(start);
    Deno.test({
      name,
      ignore,
      // The tests overlap, so what one leaves open for a moment is another's.
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
