/** The number of the operator's sign-ins. */
import assert from "node:assert/strict";
import { settle } from "../src/base/clock_fake.ts";
import type { TokenSource } from "../src/databricks/sign_in/token_source.ts";
import { federated, M2M, Stage } from "./support/sign_in_stage.ts";

const HOURS = 10;

/** The requests for sign-ins in ten hours, with a call per minute in each namespace. */
interface Count {
  /** POSTs to the token endpoint. */
  readonly tokens: number;
  /** GETs that discover it. */
  readonly discoveries: number;
  /** Tokens of ServiceAccounts issued by Kubernetes. */
  readonly accounts: number;
}

/** Counts pending work: signatures take real time, which a fake clock does not wait for. */
class Work {
  #open = 0;

  async of<T>(work: Promise<T>): Promise<T> {
    this.#open++;
    try {
      return await work;
    } finally {
      this.#open--;
    }
  }

  /** Resolves when nothing is pending, nor follows at once. */
  async ended(): Promise<void> {
    for (await settle(); this.#open > 0; await settle()) await new Promise((go) => setTimeout(go));
  }
}

async function signIns(namespaces: number, method: "oauth-m2m" | "file-oidc"): Promise<Count> {
  const stage = new Stage({ clients: { "sp-1": "s3cret-of-the-client" } });
  await stage.trust("sp-1", "etl");
  const work = new Work();
  let accounts = 0;
  const options = {
    transport: () => ({ send: (request: Request) => work.of(stage.workspace.transport.send(request)) }),
    serviceAccountToken: (name: string, audience: string) => {
      accounts++;
      return work.of(stage.serviceAccountToken(name, [audience]));
    },
  };
  const way = method === "oauth-m2m" ? M2M : federated();
  const sources: TokenSource[] = Array.from({ length: namespaces }, () => stage.source(way, options));
  for (let minute = 0; minute < HOURS * 60; minute++) {
    for (const headers of await Promise.all(sources.map((source) => source.headers()))) {
      assert.ok(headers.authorization);
    }
    await work.ended();
    await stage.clock.advance(60_000);
  }
  const { ledger } = stage.workspace;
  return {
    tokens: stage.signIns(),
    discoveries: ledger.count("GET", "/oidc/.well-known/oauth-authorization-server"),
    accounts,
  };
}

for (const method of ["oauth-m2m", "file-oidc"] as const) {
  Deno.test(`by ${method} a namespace signs in every 40 minutes, and 50 namespaces 50 times as often`, async () => {
    const one = await signIns(1, method);
    // 1.5 per hour: the 15th begins at 9 h 20 min.
    assert.equal(one.tokens, 15, JSON.stringify(one));
    const accounts = method === "file-oidc" ? 15 : 0;
    assert.deepEqual(one, { tokens: 15, discoveries: 15, accounts });
    assert.deepEqual(await signIns(50, method), { tokens: 750, discoveries: 750, accounts: 50 * accounts });
  });
}
