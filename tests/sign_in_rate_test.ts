/** How often the operator signs in. */
import assert from "node:assert/strict";
import { MockWorkspace } from "../mock/databricks/workspace.ts";
import { FakeClock, settle } from "../src/base/clock_fake.ts";
import { tokenSource } from "../src/databricks/sign_in/token_source.ts";

/** The requests for a token in ten hours, with a call a minute in each of so many namespaces. */
async function signIns(namespaces: number): Promise<number> {
  const clock = new FakeClock();
  const workspace = new MockWorkspace({ now: () => clock.now(), clients: { robot: "dose-of-robot" } });
  const method = { type: "oauth-m2m", clientId: "robot", clientSecret: "dose-of-robot" } as const;
  const options = {
    clock,
    transport: () => workspace.transport,
    userAgent: "test",
    readFile: () => Promise.reject(new Error("no file")),
    environment: () => undefined,
    serviceAccountToken: () => Promise.reject(new Error("no account")),
    ownIdentityProblem: () => "no",
  };
  const sources = Array.from(
    { length: namespaces },
    () => tokenSource({ host: workspace.host, method, warnings: [] }, options),
  );
  for (let minute = 0; minute < 600; minute++) {
    await Promise.all(sources.map((source) => source.headers()));
    await settle();
    await clock.advance(60_000);
  }
  return workspace.ledger.count("POST", "/oidc/v1/token");
}

Deno.test("a namespace signs in every 40 minutes at most, and 50 namespaces 50 times as often", async () => {
  const one = await signIns(1);
  assert.ok(one >= 14 && one <= 16, `${one} in ten hours`);
  assert.equal(await signIns(50), 50 * one);
});
