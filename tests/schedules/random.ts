/**
 * Randomness as a value: the numbers in a schedule alone determine its course, so that it can be repeated and shrunk.
 *
 * @module
 */

/** Returns a source of numbers in [0, 1), from a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Makes `Math.random` and `crypto.randomUUID` of this process deterministic, until it is disposed of. */
export function seedGlobals(seed: number): Disposable {
  const random = randomFrom(seed);
  const { random: former } = Math;
  const hex = (digits: number) => Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join("");
  Math.random = random;
  Object.defineProperty(crypto, "randomUUID", {
    value: () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`,
    configurable: true,
  });
  return {
    [Symbol.dispose]() {
      Math.random = former;
      delete (crypto as { randomUUID?: unknown }).randomUUID;
    },
  };
}
