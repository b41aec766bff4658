/**
 * A shard: the share of the workspaces that one of several processes serves.
 *
 * Workspaces are divided, not namespaces: everything about a workspace (its rate limit, its ingest, the holders of its
 * resources) stays in one process, even if several namespaces use it.
 *
 * @module
 */

/**
 * One of `count` shares.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Shard } from "./shard.ts";
 *
 * const shards = [Shard.parse("0/2"), Shard.parse("1/2")];
 * assert.equal(shards.filter((shard) => shard.owns("https://adb-1.azuredatabricks.net")).length, 1);
 * assert.equal(Shard.parse("ordinal/3", "operator-2").index, 2);
 * ```
 */
export class Shard {
  readonly index: number;
  readonly count: number;

  private constructor(index: number, count: number) {
    this.index = index;
    this.count = count;
  }

  /**
   * Reads `index/count`, counting from 0; for `ordinal/count` the index is the number at the end of the pod's name,
   * which a StatefulSet assigns.
   *
   * @throws {TypeError} that names the error.
   */
  static parse(text: string, podName = ""): Shard {
    const [, which = "", total = ""] = text.match(/^(\d+|ordinal)\/(\d+)$/) ?? [];
    const ordinal = podName.match(/-(\d+)$/)?.[1];
    if (which === "ordinal" && ordinal === undefined) {
      throw new TypeError(
        `"${text}" needs a pod name that ends in a number, as a StatefulSet gives it; it is "${podName}"`,
      );
    }
    const [index, count] = [Number(which === "ordinal" ? ordinal : which), Number(total)];
    if (total === "" || count < 1 || index >= count) {
      throw new TypeError(`"${text}" must be a share such as 0/2 or 1/2, or ordinal/2`);
    }
    return new Shard(index, count);
  }

  /** True if a name belongs to this shard: a workspace's origin, or a namespace without a workspace. */
  owns(name: string): boolean {
    return fnv1a(name) % this.count === this.index;
  }
}

/** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
