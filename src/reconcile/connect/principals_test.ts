import assert from "node:assert/strict";
import { FakeClock } from "../../base/clock_fake.ts";
import type { Method } from "../../databricks/sign_in/method.ts";
import { Principals } from "./principals.ts";
import { defaults, type Settings } from "./settings.ts";

const settings: Settings = { ...defaults, apiSecretName: "api" };
const signIn = (method: Method, host = "https://prod.example.com") => ({ host, method, warnings: [] });
const token = (text: string) => signIn({ type: "pat", token: text });
const client = (clientSecret: string) => signIn({ type: "oauth-m2m", clientId: "robot", clientSecret });

Deno.test("namespaces with the same token share limiter and view; another token or host shares neither", () => {
  const principals = new Principals(new FakeClock());
  const limiters = [
    principals.enter("a", token("one"), settings),
    principals.enter("b", token("one"), settings),
    principals.enter("c", token("two"), settings),
    principals.enter("d", signIn({ type: "pat", token: "one" }, "https://test.example.com"), settings),
  ];
  const views = ["a", "b", "c", "d"].map((namespace) => principals.viewOf(namespace));
  assert.equal(limiters[0], limiters[1]);
  assert.equal(views[0], views[1]);
  assert.deepEqual([new Set(limiters).size, new Set(views).size], [3, 3]);
});

Deno.test("namespaces with the same token but another tag or API version share no view", () => {
  const principals = new Principals(new FakeClock());
  const limiters = [
    principals.enter("a", token("one"), settings),
    principals.enter("b", token("one"), { ...settings, ownershipTag: "team-b" }),
    principals.enter("c", token("one"), { ...settings, jobsApiVersion: "2.1" }),
  ];
  assert.equal(new Set(["a", "b", "c"].map((namespace) => principals.viewOf(namespace))).size, 3);
  assert.equal(new Set(limiters).size, 1, "the rate is still the token's");
});

Deno.test("a namespace that names another one's client without its secret does not share its view", () => {
  const principals = new Principals(new FakeClock());
  principals.enter("a", client("right"), settings);
  principals.enter("b", client("guessed"), settings);
  principals.enter("c", client("right"), settings);
  const [a, b, c] = ["a", "b", "c"].map((namespace) => principals.viewOf(namespace));
  assert.equal(a, c);
  assert.notEqual(a, b);
});

Deno.test("a namespace that names another one's client does not change its rate", () => {
  const principals = new Principals(new FakeClock());
  const method: Method = { type: "file-oidc", clientId: "robot", audience: "a", serviceAccount: "etl" };
  const limiters = [
    principals.enter("a", client("right"), settings),
    principals.enter("b", client("guessed"), { ...settings, rateLimit: 0.001 }),
    principals.enter("a/federated", signIn(method), settings),
    principals.enter("b/federated", signIn(method), { ...settings, rateLimit: 0.001 }),
  ];
  assert.equal(new Set(limiters).size, 4);
  const again = principals.enter("a/other", signIn({ ...method, audience: "b" }), settings);
  assert.equal(again, limiters[2], "one namespace has one principal");
});

Deno.test("namespaces that sign in without a secret share no view: each proves its own identity", () => {
  const principals = new Principals(new FakeClock());
  const method: Method = { type: "file-oidc", clientId: "robot", audience: undefined, serviceAccount: undefined };
  for (const namespace of ["a", "b"]) principals.enter(namespace, signIn(method), settings);
  assert.notEqual(principals.viewOf("a"), principals.viewOf("b"));
});

Deno.test("the name of a view contains no token, and a forgotten view has no members", () => {
  const principals = new Principals(new FakeClock());
  principals.enter("a", token("dapi-secret"), settings);
  assert.doesNotMatch(principals.viewOf("a"), /dapi/);
  principals.leave("a");
  assert.equal(principals.viewOf("a"), "namespace a");
});
