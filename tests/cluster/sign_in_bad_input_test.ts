/**
 * Sign-ins that fail, each through a connection beside a working one: the object and the connection show the problem
 * and the remedy, nothing secret is shown, the neighbour is not affected, and the connection recovers once the problem
 * is fixed.
 */
import assert from "node:assert/strict";
import type { JSONWebKeySet } from "jose";
import type { MockOptions } from "../../mock/databricks/workspace.ts";
import { issueToken } from "../../mock/kubernetes/tokens.ts";
import { noIdentity } from "../../src/reconcile/connect/identity.ts";
import { captureLog } from "../support/captured_log.ts";
import { clusterTest, condition, eventually, job, manifest, problem, secret, type World } from "../support/harness.ts";

const logged = captureLog();
const KIND = "DatabricksConnection";

/** A mistake, its symptoms, and its fix. */
interface Bad {
  readonly mock?: MockOptions;
  /** True for tokens that are signed by the embedded API's own key. */
  readonly ownApi?: boolean;
  /** Creates the connection `bad`, and what it needs. */
  readonly set: (world: World) => Promise<void>;
  readonly reason: "Unauthenticated" | "CredentialsInvalid" | "CredentialsMissing";
  /** The problem and the remedy in the object's message. */
  readonly says: readonly RegExp[];
  /** Fixes the mistake; without it, only waiting helps. */
  readonly mend?: (world: World) => Promise<void>;
}

const connection = (world: World, name: string, auth: Record<string, unknown>) =>
  world.apply(manifest(KIND, name, {
    host: world.workspace.host,
    auth,
    ingest: false,
    rate_limit: 0,
    default_requeue_interval: 1,
  }));
const byAccount = { client_id: "sp-1", service_account: "etl", audience: "databricks" };
const login = (world: World, values: Record<string, string>) => world.apply(secret("login", values));

async function trust(world: World, policy: { issuer?: string; audiences?: string[]; subject?: string } = {}) {
  await world.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "etl" } });
  const { issuer } = JSON.parse(await world.kubectl(["get", "--raw", "/.well-known/openid-configuration"]));
  const jwks = JSON.parse(await world.kubectl(["get", "--raw", "/openid/v1/jwks"])) as JSONWebKeySet;
  const subject = `system:serviceaccount:${world.namespace}:etl`;
  world.workspace.auth.policies.splice(0);
  const usual = { clientId: "sp-1", issuer: String(issuer), subject, audiences: ["databricks"], jwks };
  world.workspace.auth.policies.push({ ...usual, ...policy });
}

/** A connection with a wrong federation policy, until it is corrected. */
function policyOf(policy: Parameters<typeof trust>[1], said: RegExp): Bad {
  return {
    set: async (world) => {
      await trust(world, policy);
      await connection(world, "bad", byAccount);
    },
    reason: "Unauthenticated",
    says: [
      said,
      /check that service principal "sp-1" has a federation policy with issuer .* and audience "databricks"/,
    ],
    mend: (world) => trust(world),
  };
}

const robot = { client_id: "robot", client_secret: "c4nary-0f-robot" };
const clients = { robot: "c4nary-0f-robot" };

/** A connection whose Secret is wrong at each step of a rotation. */
function rotation(values: Record<string, string>, reason: Bad["reason"], ...says: RegExp[]): Bad {
  return {
    mock: { clients },
    set: async (world) => {
      await login(world, values);
      await connection(world, "bad", { secret_name: "login" });
    },
    reason,
    says,
    mend: (world) => login(world, robot),
  };
}

const bad: Record<string, Bad> = {
  "a wrong secret": rotation(
    { ...robot, client_secret: "c4nary-wr0ng" },
    "Unauthenticated",
    /401 invalid_client/,
    /check client_id and client_secret in Secret "t-\w+\/login"/,
  ),
  "a rotated Secret whose client has another secret still": rotation(
    { client_id: "robot-2", client_secret: "c4nary-0f-robot" },
    "Unauthenticated",
    /invalid_client.*check client_id and client_secret/,
  ),
  "a Secret that lost a key while it is rotated": rotation(
    { client_id: "robot" },
    "CredentialsInvalid",
    /key "client_secret" is missing: add it/,
  ),
  "a Secret that holds the old and the new way to sign in": rotation(
    { ...robot, token: "c4nary-0f-pat" },
    "CredentialsInvalid",
    /pat \(token\) and oauth-m2m \(client_id, client_secret\): keep the keys of one, or name it with auth_type/,
  ),
  "a secret with the line break of a shell": rotation(
    { ...robot, client_secret: "c4nary\n0f-robot" },
    "CredentialsInvalid",
    /key "client_secret" holds characters that no secret has: put the bare secret there/,
  ),
  "a policy for another audience": policyOf({ audiences: ["another"] }, /aud is not as the policy says/),
  "a policy for another issuer": policyOf({ issuer: "https://another.example" }, /No federation policy fits issuer/),
  "a policy for another ServiceAccount": policyOf(
    { subject: "system:serviceaccount:other:etl" },
    /No federation policy fits .* subject system:serviceaccount:.*:etl/,
  ),
  "a clock that is an hour behind in Databricks": {
    mock: { now: () => Date.now() - 3_600_000 },
    set: async (world) => {
      await trust(world);
      await connection(world, "bad", byAccount);
    },
    reason: "Unauthenticated",
    says: [/invalid_grant.*not valid yet/, /set the clock of the cluster's control plane right/],
  },
  "the operator's own token, which the kubelet did not renew": {
    ownApi: true,
    set: async (world) => {
      await trust(world, { subject: "system:serviceaccount:operators:operator" });
      await connection(world, "bad", { client_id: "sp-1", auth_type: "file-oidc" });
    },
    reason: "Unauthenticated",
    says: [/invalid_grant.*has expired/, /see why the kubelet does not renew it/],
  },
  "the ServiceAccount of another namespace": {
    set: (world) =>
      connection(world, "bad", { ...byAccount, service_account: "../../kube-system/serviceaccounts/default" }),
    reason: "CredentialsInvalid",
    says: [/service_account ".*kube-system.*" is no name of a ServiceAccount: correct it/],
    mend: async (world) => {
      await trust(world);
      await connection(world, "bad", byAccount);
    },
  },
};

/** A token that expired an hour ago. */
const ENDED = issueToken({
  namespace: "operators",
  name: "operator",
  uid: "1",
  audiences: ["databricks"],
  now: Date.now() - 7_200_000,
  seconds: 3600,
});

/** Everything that the operator has written in the cluster and in its log. */
async function told(world: World): Promise<string> {
  const objects = (await Promise.all(["DatabricksJob", KIND, "Event"].map((kind) => world.list(kind)))).flat();
  return JSON.stringify([objects, logged.map(({ message, properties }) => [message, properties])]);
}

async function use(world: World, name: string, used: string, settings: Record<string, unknown> = {}): Promise<void> {
  const { spec, ...rest } = job(name, settings);
  await world.apply({ ...rest, spec: { ...spec, connection: used } });
}

for (const [what, { mock, ownApi = false, set, reason, says, mend }] of Object.entries(bad)) {
  clusterTest(`${what} is reported with its remedy, shows no secret and stops no other connection`, async (world) => {
    await world.apply(secret("own", { token: "token" }));
    await connection(world, "default", { secret_name: "own" });
    await set(world);
    await world.startOperator({
      identity: { ...noIdentity, readFile: () => Promise.resolve(ENDED), ownProblem: () => undefined },
    });
    await use(world, "etl", "bad");
    const { message } = await world.blocked("DatabricksJob", "etl", reason);
    for (const pattern of says) assert.match(message, pattern);
    await eventually("the connection says the same", async () => {
      const ready = condition(await world.get(KIND, "bad"), "Ready");
      return ready?.reason === reason && says.every((pattern) => pattern.test(ready.message)) ||
        problem(JSON.stringify(ready));
    });
    const table = await world.kubectl(["get", "databricksjobs", "etl", "--output=wide"]);
    assert.match(table, /WORKSPACE +PRINCIPAL/);
    await use(world, "neighbour", "default");
    await world.ready("DatabricksJob", "neighbour");
    assert.doesNotMatch(await told(world), /c4nary|eyJ[\w-]{20}|oauth-(robot|sp-1)-\d/);
    if (mend === undefined) return;
    await mend(world);
    await use(world, "etl", "bad", { description: "mended" });
    await world.ready("DatabricksJob", "etl");
    assert.doesNotMatch(await told(world), /c4nary|eyJ[\w-]{20}|oauth-(robot|sp-1)-\d/);
  }, { settings: null, start: false, needs: ["kubectl"], ownApi, ...mock && { mock } });
}

clusterTest(
  "during an outage of the token endpoint, and after the policy is removed, running work continues",
  async (world) => {
    await trust(world);
    await connection(world, "default", byAccount);
    await world.startOperator();
    await world.apply(job("etl"));
    await world.ready("DatabricksJob", "etl");
    world.workspace.faults.add({ match: /oidc/, status: 503, body: "<html>down</html>" });
    world.workspace.auth.policies.splice(0);
    await world.apply(job("etl", { description: "edited" }));
    await world.ready("DatabricksJob", "etl");
    await world.apply(job("second"));
    await world.ready("DatabricksJob", "second");
    assert.equal(condition(await world.get(KIND, "default"), "Ready")?.status, "True");
  },
  { settings: null, start: false, needs: ["kubectl"] },
);

clusterTest("a removed policy is reported when its tokens expire, and its return takes effect", async (world) => {
  await trust(world);
  await connection(world, "default", byAccount);
  await world.startOperator();
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  world.workspace.auth.policies.splice(0);
  world.workspace.auth.revokeIssued();
  await world.apply(job("etl", { description: "edited" }));
  const { message } = await world.blocked("DatabricksJob", "etl", "Unauthenticated");
  assert.match(
    message,
    /No federation policy of client sp-1.*check that service principal "sp-1" has a federation policy/,
  );
  await trust(world);
  await world.apply(job("etl", { description: "edited again" }));
  await world.ready("DatabricksJob", "etl");
  assert.equal(world.workspace.jobs.ids().length, 1);
}, { settings: null, start: false, needs: ["kubectl"] });
