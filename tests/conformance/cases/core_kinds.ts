/** ConfigMaps, Secrets, Events, Leases, ServiceAccounts. @module */
import assert from "node:assert/strict";
import { type Case, namesOf, ok, refused } from "../world.ts";

const leases = (namespace: string) => `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;

export const coreKinds: readonly Case[] = [
  {
    name: "a ConfigMap's values are strings (400)",
    async run(world) {
      const answer = await world.post(world.core("configmaps"), { metadata: { name: "typed" }, data: { a: 1 } });
      refused(
        answer,
        400,
        "BadRequest",
        "json: cannot unmarshal number into Go struct field ConfigMap.data of type string",
      );
    },
  },
  {
    name: "a ConfigMap's keys are file names (422)",
    async run(world) {
      const answer = await world.post(world.core("configmaps"), { metadata: { name: "keyed" }, data: { "a b": "1" } });
      refused(answer, 422, "Invalid", 'data[a b]: Invalid value: "a b": a valid config key must consist of');
    },
  },
  {
    name: "an unknown field in a core kind is dropped with a warning, or refused when strict",
    async run(world) {
      const body = { metadata: { name: "unknown" }, zap: 1 };
      const strict = await world.post(world.core("configmaps"), body, { fieldValidation: "Strict" });
      refused(strict, 400, "BadRequest", 'strict decoding error: unknown field "zap"');
      const answer = await world.post(world.core("configmaps"), body);
      assert.equal(ok(answer).zap, undefined);
      assert.match(answer.headers.get("warning") ?? "", /unknown field \\"zap\\"/);
    },
  },
  {
    name: "an immutable ConfigMap cannot be changed (422)",
    async run(world) {
      const body = { metadata: { name: "immutable" }, immutable: true, data: { a: "1" } };
      ok(await world.post(world.core("configmaps"), body));
      const answer = await world.merge(`${world.core("configmaps")}/immutable`, { data: { a: "2" } });
      refused(answer, 422, "Invalid", "data: Forbidden: field is immutable when `immutable` is set");
    },
  },
  {
    name: "a Secret is Opaque, and stringData becomes data",
    async run(world) {
      const body = { metadata: { name: "plain" }, stringData: { a: "x", b: "y" }, data: { b: "eg==" } };
      const secret = ok(await world.post(world.core("secrets"), body));
      assert.equal(secret.type, "Opaque");
      assert.deepEqual(secret.data, { a: "eA==", b: "eQ==" });
      assert.equal(secret.stringData, undefined);
    },
  },
  {
    name: "a Secret's data is base64 (400), and its type stays (422)",
    async run(world) {
      const wrong = await world.post(world.core("secrets"), { metadata: { name: "coded" }, data: { a: "%%%" } });
      refused(wrong, 400, "BadRequest", "illegal base64 data at input byte 0");
      ok(await world.post(world.core("secrets"), { metadata: { name: "coded" } }));
      const answer = await world.merge(`${world.core("secrets")}/coded`, { type: "other" });
      refused(answer, 422, "Invalid", 'type: Invalid value: "other": field is immutable');
    },
  },
  {
    name: "Secrets are selected by type",
    async run(world) {
      ok(await world.post(world.core("secrets"), { metadata: { name: "special" }, type: "example.com/special" }));
      const list = ok(await world.get(world.core("secrets"), { fieldSelector: "type=example.com/special" }));
      assert.deepEqual(namesOf(list), ["special"]);
    },
  },
  {
    name: "Events are selected by their object, reason and type",
    async run(world) {
      const about = (name: string) => ({ kind: "Widget", namespace: world.namespace, name, uid: `uid-${name}` });
      for (const [name, involved, reason] of [["e1", "x", "Made"], ["e2", "x", "Broke"], ["e3", "y", "Made"]]) {
        const event = { metadata: { name }, involvedObject: about(involved!), reason, type: "Normal", message: "m" };
        ok(await world.post(world.core("events"), event));
      }
      const selected = async (fieldSelector: string) =>
        namesOf(ok(await world.get(world.core("events"), { fieldSelector })));
      assert.deepEqual(await selected("involvedObject.name=x"), ["e1", "e2"]);
      assert.deepEqual(await selected("involvedObject.uid=uid-y"), ["e3"]);
      const both = `involvedObject.kind=Widget,involvedObject.namespace=${world.namespace},reason=Made,type=Normal`;
      assert.deepEqual(await selected(both), ["e1", "e3"]);
    },
  },
  {
    name: "an Event must be in its object's namespace (422), and has defaults for omitted fields",
    async run(world) {
      const body = { metadata: { name: "astray" }, involvedObject: { namespace: "other", name: "x" }, reason: "R" };
      refused(await world.post(world.core("events"), body), 422, "Invalid", "involvedObject.namespace");
      const own = { metadata: { name: "own" }, involvedObject: { namespace: world.namespace, name: "x" } };
      const event = ok(await world.post(world.core("events"), own));
      assert.equal(event.eventTime, null);
      assert.equal(event.reportingComponent, "");
    },
  },
  {
    name: "a Lease's times have microseconds (400), and its duration is positive (422)",
    async run(world) {
      const lease = (spec: unknown) => world.post(leases(world.namespace), { metadata: { name: "timed" }, spec });
      refused(await lease({ renewTime: "2020-01-01T00:00:00Z" }), 400, "BadRequest", "parsing time");
      refused(
        await lease({ leaseDurationSeconds: 0 }),
        422,
        "Invalid",
        "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0",
      );
      ok(await lease({ renewTime: "2020-01-01T00:00:00.000000Z", leaseDurationSeconds: 15, holderIdentity: "me" }));
    },
  },
  {
    name: "a PUT creates a missing Lease (201)",
    async run(world) {
      const path = `${leases(world.namespace)}/put`;
      assert.equal((await world.put(path, { metadata: { name: "put" }, spec: { holderIdentity: "me" } })).status, 201);
      const held = ok(await world.get(path));
      ok(await world.put(path, { ...held, spec: { holderIdentity: "you" } }));
      refused(await world.put(path, held), 409, "Conflict");
    },
  },
  {
    name: "empty maps and lists of a core kind are not kept",
    async run(world) {
      const answer = await world.configMap("empty", {}, { labels: {}, finalizers: [] });
      assert.equal(answer.data, undefined);
      assert.equal(answer.metadata.labels, undefined);
      assert.equal(answer.metadata.finalizers, undefined);
    },
  },
  {
    name: "a ServiceAccount gets a token",
    async run(world) {
      const path = `${world.core("serviceaccounts")}/default/token`;
      const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 600 } };
      const answer = await world.post(path, body);
      assert.equal(answer.status, 201);
      assert.ok(answer.body.status.token.length > 20);
      assert.match(answer.body.status.expirationTimestamp, /Z$/);
    },
  },
  {
    name: "a ServiceAccount's token is a JWT for the requested audience",
    async run(world) {
      const path = `${world.core("serviceaccounts")}/default/token`;
      const spec = { audiences: ["https://databricks.example"], expirationSeconds: 600 };
      const answer = await world.post(path, { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec });
      const [head, body] = (answer.body.status.token as string).split(".").map((part) => {
        try {
          return JSON.parse(atob(part.replace(/-/g, "+").replace(/_/g, "/")));
        } catch {
          return undefined;
        }
      });
      assert.match(head.alg, /^(RS|ES)256$/);
      assert.deepEqual(body.aud, ["https://databricks.example"]);
      assert.equal(body.sub, `system:serviceaccount:${world.namespace}:default`);
      assert.equal(body["kubernetes.io"].serviceaccount.name, "default");
    },
  },
  {
    name: "a ServiceAccount's token lasts at least ten minutes",
    async run(world) {
      const path = `${world.core("serviceaccounts")}/default/token`;
      const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 60 } };
      const answer = await world.post(path, body);
      assert.equal(answer.status, 422);
      assert.match(answer.body.message, /may not specify a duration less than 10 minutes/);
    },
  },
];
