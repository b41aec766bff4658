import assert from "node:assert/strict";
import { Shard } from "./shard.ts";

Deno.test("every workspace is in exactly one share, and the shares are of similar size", () => {
  const hosts = Array.from(
    { length: 1000 },
    (_, index) => `https://adb-${index * 7919}.${index % 20}.azuredatabricks.net`,
  );
  for (const count of [1, 2, 3, 7]) {
    const shards = Array.from({ length: count }, (_, index) => Shard.parse(`${index}/${count}`));
    const sizes = shards.map((shard) => hosts.filter((host) => shard.owns(host)).length);
    assert.equal(sizes.reduce((sum, size) => sum + size, 0), hosts.length);
    assert.ok(Math.min(...sizes) > 0.7 * hosts.length / count, sizes.join());
  }
});

Deno.test("an invalid share is rejected with an example", () => {
  for (const text of ["", "2/2", "-1/2", "0/0", "a/2", "1", "0/2/3"]) {
    assert.throws(() => Shard.parse(text), /must be a share such as 0\/2/, text);
  }
  assert.throws(() => Shard.parse("ordinal/2", "operator-abcde"), /StatefulSet.*"operator-abcde"/);
  assert.throws(() => Shard.parse("ordinal/2", "operator-2"), /must be a share/);
});
