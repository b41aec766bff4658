import assert from "node:assert/strict";
import { Backoff } from "./backoff.ts";

Deno.test("backoff doubles up to its maximum, within its jitter", () => {
  const backoff = new Backoff();
  const delays = Array.from({ length: 12 }, () => backoff.next("a"));
  for (const [i, delay] of delays.entries()) {
    const plain = Math.min(300_000, 1000 * 2 ** i);
    assert.ok(delay >= 0.8 * plain && delay <= 1.2 * plain, `${delay} after ${i} failures`);
  }
});
