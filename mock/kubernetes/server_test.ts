import assert from "node:assert/strict";
import { splitLines } from "../../src/kubernetes/lines.ts";
import { EmbeddedKubernetes } from "./server.ts";
import { ask, CONFIG_MAPS, put, watch } from "./testing.ts";

Deno.test("each API has its own state", async () => {
  const [one, other] = [new EmbeddedKubernetes(), new EmbeddedKubernetes()];
  await put(one, "a");
  assert.equal((await ask(one, `GET ${CONFIG_MAPS}/a`)).status, 200);
  assert.equal((await ask(other, `GET ${CONFIG_MAPS}/a`)).status, 404);
});

Deno.test("an API that adopts definitions serves and validates their kinds, with its own UIDs", async () => {
  const [one, other] = [new EmbeddedKubernetes(), new EmbeddedKubernetes()];
  const crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  const size = { type: "integer", maximum: 5 };
  const schema = { type: "object", properties: { size } };
  const { body: crd } = await ask(one, `POST ${crds}`, {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "widgets.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { plural: "widgets", kind: "Widget" },
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  });
  other.adoptDefinitions(one);
  const { body: adopted } = await ask(other, `GET ${crds}/widgets.example.com`);
  assert.notEqual(adopted.metadata.uid, crd.metadata.uid);
  assert.ok(adopted.status.conditions.some(({ type }: { type: string }) => type === "Established"));
  const widgets = "/apis/example.com/v1/namespaces/default/widgets";
  const widget = { apiVersion: "example.com/v1", kind: "Widget" };
  const create = async (api: EmbeddedKubernetes, size: number) =>
    (await ask(api, `POST ${widgets}`, { ...widget, metadata: { name: "w" }, size })).status;
  assert.deepEqual([await create(other, 6), await create(other, 5)], [422, 201]);
  await ask(other, `DELETE ${crds}/widgets.example.com`);
  assert.equal((await ask(other, `GET ${widgets}`)).status, 404);
  assert.deepEqual([(await ask(one, `GET ${widgets}`)).body.items, await create(one, 5)], [[], 201]);
});

Deno.test("times follow the given clock", async () => {
  const api = new EmbeddedKubernetes({ now: () => Date.UTC(2020, 1, 3) });
  const { body } = await put(api, "a");
  assert.equal(body.metadata.creationTimestamp, "2020-02-03T00:00:00Z");
});

Deno.test("ages in the tables of a watch grow with time", async () => {
  let now = Date.UTC(2020, 1, 3);
  const api = new EmbeddedKubernetes({ now: () => now });
  await put(api, "a");
  const headers = {
    authorization: `Bearer ${api.token}`,
    accept: "application/json;as=Table;v=v1;g=meta.k8s.io",
  };
  const { body } = await api.fetch(
    new Request(`http://kubernetes${CONFIG_MAPS}?watch=true&fieldSelector=metadata.name=a`, { headers }),
  );
  const ages: string[] = [];
  for await (const line of splitLines(body!)) {
    ages.push(JSON.parse(line).object.rows[0].cells.at(-1));
    if (ages.length === 2) break;
    now += 90_000;
    await put(api, "a", "another");
  }
  assert.deepEqual(ages, ["0s", "90s"]);
});

Deno.test("an unknown or revoked token is rejected with 401", async () => {
  const api = new EmbeddedKubernetes();
  api.addUser("robot");
  assert.equal((await ask(api, "GET /version", undefined, { token: "wrong" })).status, 401);
  assert.equal((await ask(api, "GET /version", undefined, { token: "robot" })).status, 200);
  api.revoke("robot");
  assert.equal((await ask(api, "GET /version", undefined, { token: "robot" })).status, 401);
});

Deno.test("a request that no rule allows gets 403 with RBAC's message", async () => {
  const api = new EmbeddedKubernetes();
  const rules = [{
    verbs: ["get"],
    apiGroups: [""],
    resources: ["configmaps"],
    resourceNames: ["a"],
    namespaces: ["default"],
  }];
  api.addUser("t", rules, "reader");
  await put(api, "a");
  const as = async (line: string, body?: unknown) => await ask(api, line, body, { token: "t" });
  assert.equal((await as(`GET ${CONFIG_MAPS}/a`)).status, 200);
  const { status, body } = await as(`GET ${CONFIG_MAPS}/b`);
  assert.equal(status, 403);
  const why = 'User "reader" cannot get resource "configmaps" in API group "" in the namespace "default"';
  assert.equal(body.message, `configmaps "b" is forbidden: ${why}`);
  assert.equal((await as("GET /api/v1/namespaces/kube-system/configmaps/a")).status, 403);
  assert.equal((await as(`GET ${CONFIG_MAPS}`)).status, 403);
  assert.equal((await as(`DELETE ${CONFIG_MAPS}/a`)).status, 403);
  assert.equal((await as("GET /apis")).status, 200, "everybody may use discovery");
});

Deno.test("a rule for one name allows a list and a watch of only that name", async () => {
  const api = new EmbeddedKubernetes();
  api.addUser("t", [{ verbs: ["list", "watch"], apiGroups: [""], resources: ["configmaps"], resourceNames: ["a"] }]);
  const list = async (query: string) =>
    (await ask(api, `GET ${CONFIG_MAPS}${query}`, undefined, { token: "t" })).status;
  assert.equal(await list("?fieldSelector=metadata.name%3Da"), 200);
  assert.equal(await list("?fieldSelector=metadata.name%3Db"), 403);
  assert.equal(await list("?fieldSelector=metadata.name!%3Da"), 403);
  assert.equal(await list(""), 403);
});

Deno.test("a token of a ServiceAccount has the rights of its user", async () => {
  const api = new EmbeddedKubernetes();
  const { body } = await ask(api, "POST /api/v1/namespaces/default/serviceaccounts/default/token", { spec: {} });
  const { token } = body.status;
  assert.equal((await ask(api, `GET ${CONFIG_MAPS}`, undefined, { token })).status, 403);
  api.addUser(
    "unused",
    [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }],
    "system:serviceaccount:default:default",
  );
  assert.equal((await ask(api, `GET ${CONFIG_MAPS}`, undefined, { token })).status, 200);
});

Deno.test("the ledger shows who did what, and which verbs were used on which resources", async () => {
  const api = new EmbeddedKubernetes();
  api.addUser("robot");
  await ask(api, `GET ${CONFIG_MAPS}/none`, undefined, { token: "robot" });
  await ask(api, "GET /api/v1/namespaces", undefined, { token: "robot" });
  await put(api, "a");
  const [{ verb, resource, namespace, name, status } = {}] = api.requests.find({ user: "robot" });
  assert.deepEqual({ verb, resource, namespace, name, status }, {
    verb: "get",
    resource: "configmaps",
    namespace: "default",
    name: "none",
    status: 404,
  });
  assert.deepEqual(api.requests.verbs("robot"), { configmaps: ["get"], namespaces: ["list"] });
  assert.equal(api.requests.count({ verb: "patch", user: "admin" }), 1);
});

Deno.test("after a compaction, older watches and page tokens get 410", async () => {
  const api = new EmbeddedKubernetes();
  for (const name of ["a", "b", "c"]) await put(api, name);
  const { body: first } = await ask(api, `GET ${CONFIG_MAPS}?limit=1`);
  await put(api, "d");
  api.compact();
  const { metadata } = first;
  const next = `GET ${CONFIG_MAPS}?limit=5&continue=${metadata.continue}`;
  const late = await ask(api, next);
  assert.equal(late.status, 410);
  const rest = await ask(api, `GET ${CONFIG_MAPS}?continue=${late.body.metadata.continue}`);
  assert.deepEqual(rest.body.items.map((item: { metadata: { name: string } }) => item.metadata.name), [
    "b",
    "c",
    "d",
    "kube-root-ca.crt",
  ]);
  const events = await Array.fromAsync(watch(api, `resourceVersion=${metadata.resourceVersion}`));
  assert.deepEqual(events, ["ERROR 410"]);
});

Deno.test("a watch that allows bookmarks gets them", async () => {
  const api = new EmbeddedKubernetes({ bookmarkMs: 5 });
  const { body } = await put(api, "a");
  const events = watch(api, `allowWatchBookmarks=true&resourceVersion=${body.metadata.resourceVersion}`);
  const { value } = await events.next();
  assert.match(value ?? "", /^BOOKMARK /);
  await events.return();
  assert.equal(api.openWatches, 0);
});

Deno.test("10,000 objects are listed in less than a second", async () => {
  const api = new EmbeddedKubernetes();
  for (let index = 0; index < 10_000; index++) await put(api, `c-${index}`);
  const start = performance.now();
  const { body } = await ask(api, `GET ${CONFIG_MAPS}`);
  const ms = performance.now() - start;
  assert.equal(body.items.length, 10_001);
  assert.ok(ms < 1000, `it took ${ms} ms`);
});
