import assert from "node:assert/strict";
import { FakeClock } from "../../base/clock_fake.ts";
import { LeaderElector } from "./leader.ts";
import { FakeLease, FakeLeaseClient, ProcessClock } from "./lease_fake.ts";

/** One of those who share a lease, before each of whose renewals somebody else writes it. */
async function alwaysTooLate(edit: () => Record<string, unknown>): Promise<{ isHeld: boolean; lost: string }> {
  const [time, lease] = [new FakeClock(), new FakeLease()];
  const clock = new ProcessClock(time);
  const client = new FakeLeaseClient(lease, clock);
  const names = { namespace: "ns", name: "operator", identity: "2 shards" };
  const elector = new LeaderElector({ client, clock, ...names, isShared: true, random: () => 0.5 });
  let lost = "";
  void elector.lost.then((why) => lost = why);
  void elector.acquire(new AbortController().signal);
  await time.advance(5_000);
  const replace = client.replace.bind(client);
  client.replace = (...args) => {
    lease.edit(edit());
    return replace(...args);
  };
  await time.advance(60_000);
  const isHeld = elector.isHeld();
  await elector.release();
  return { isHeld, lost };
}

Deno.test("a replica whose renewals always come too late keeps a shared lease that another one renews", async () => {
  let renewals = 0;
  const late = await alwaysTooLate(() => ({ renewTime: `2026-01-01T00:00:00.${100_000 + renewals++}Z` }));
  assert.deepEqual(late, { isHeld: true, lost: "" });
  assert.ok(renewals > 10);
});

Deno.test("a shared lease that another holder takes is lost immediately", async () => {
  const late = await alwaysTooLate(() => ({ holderIdentity: "3 shards" }));
  assert.deepEqual(late, { isHeld: false, lost: "Lost lease ns/operator: it is held by 3 shards" });
});
