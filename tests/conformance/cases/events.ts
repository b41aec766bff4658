/** Events, which two API groups serve with different names of the same fields. @module */
import assert from "node:assert/strict";
import type { Body } from "../target.ts";
import { type Case, namesOf, ok, refused } from "../world.ts";

const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

function core(name: string, namespace: string): Body {
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name },
    reason: "Old",
    message: "It was",
    type: "Warning",
    involvedObject: { kind: "ConfigMap", name: "a", namespace },
    source: { component: "judge", host: "h" },
    firstTimestamp: "2026-01-01T00:00:00Z",
    lastTimestamp: "2026-01-01T00:00:02Z",
    count: 3,
  };
}

function newer(name: string, namespace: string): Body {
  return {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: { name },
    eventTime: "2026-01-01T00:00:00.000000Z",
    reportingController: "example.com/judge",
    reportingInstance: "judge-1",
    action: "Judge",
    reason: "Judged",
    note: "It is fine",
    type: "Normal",
    regarding: { kind: "ConfigMap", name: "b", namespace },
    series: { count: 2, lastObservedTime: "2026-01-01T00:00:01.000000Z" },
  };
}

const paths = (namespace: string) => ({
  old: `/api/v1/namespaces/${namespace}/events`,
  new: `/apis/events.k8s.io/v1/namespaces/${namespace}/events`,
});

function bare({ metadata: _, ...rest }: Body): Body {
  return rest;
}

export const events: readonly Case[] = [
  {
    name: "an Event of the core group is also one of events.k8s.io",
    async run(world) {
      const at = paths(world.namespace);
      const made = ok(await world.post(at.old, core("old", world.namespace)));
      assert.deepEqual([made.reportingComponent, made.reportingInstance, made.eventTime], ["", "", null]);
      const seen = ok(await world.get(`${at.new}/old`));
      assert.equal(seen.metadata.uid, made.metadata.uid);
      assert.deepEqual(bare(seen), {
        kind: "Event",
        apiVersion: "events.k8s.io/v1",
        eventTime: null,
        reason: "Old",
        regarding: { kind: "ConfigMap", namespace: world.namespace, name: "a" },
        note: "It was",
        type: "Warning",
        deprecatedSource: { component: "judge", host: "h" },
        deprecatedFirstTimestamp: "2026-01-01T00:00:00Z",
        deprecatedLastTimestamp: "2026-01-01T00:00:02Z",
        deprecatedCount: 3,
      });
    },
  },
  {
    name: "an Event of events.k8s.io is also one of the core group",
    async run(world) {
      const at = paths(world.namespace);
      const made = ok(await world.post(at.new, newer("new", world.namespace)));
      const seen = ok(await world.get(`${at.old}/new`));
      assert.equal(seen.metadata.resourceVersion, made.metadata.resourceVersion);
      assert.deepEqual(bare(seen), {
        kind: "Event",
        apiVersion: "v1",
        involvedObject: { kind: "ConfigMap", namespace: world.namespace, name: "b" },
        reason: "Judged",
        message: "It is fine",
        source: {},
        firstTimestamp: null,
        lastTimestamp: null,
        type: "Normal",
        eventTime: "2026-01-01T00:00:00.000000Z",
        series: { count: 2, lastObservedTime: "2026-01-01T00:00:01.000000Z" },
        action: "Judge",
        reportingComponent: "example.com/judge",
        reportingInstance: "judge-1",
      });
    },
  },
  {
    name: "a list of either group holds all Events, in its own form, and selects by its own fields",
    async run(world) {
      const namespace = await world.addNamespace(`${world.namespace}-lists`);
      const at = paths(namespace);
      ok(await world.post(at.old, core("old", namespace)));
      ok(await world.post(at.new, newer("new", namespace)));
      for (const path of [at.old, at.new]) assert.deepEqual(namesOf(ok(await world.get(path))).sort(), ["new", "old"]);
      const names = async (path: string, fieldSelector: string) =>
        namesOf(ok(await world.get(path, { fieldSelector })));
      assert.deepEqual(await names(at.new, "regarding.name=a"), ["old"]);
      assert.deepEqual(await names(at.old, "involvedObject.name=b"), ["new"]);
      assert.deepEqual(await names(at.new, "reportingController=example.com/judge"), ["new"]);
      assert.equal((await world.get(at.new, { fieldSelector: "involvedObject.name=a" })).status, 400);
      const table = ok(await world.target.call("GET", at.new, { accept: TABLE }));
      const [, type, reason, object] = table.rows.find(({ cells }: Body) => cells[2] === "Judged").cells;
      assert.deepEqual([type, reason, object], ["Normal", "Judged", "configmap/b"]);
    },
  },
  {
    name: "a watch of one group sends writes to the other, in its own form",
    async run(world) {
      const at = paths(world.namespace);
      using watch = await world.target.watch(at.new, { fieldSelector: "metadata.name=watched" });
      ok(await world.post(at.old, core("watched", world.namespace)));
      const told = await watch.next();
      assert.equal(told?.type, "ADDED");
      assert.equal(told?.object.note, "It was");
      ok(await world.target.call("DELETE", `${at.old}/watched`));
      const gone = await watch.next();
      assert.deepEqual([gone?.type, gone?.object.apiVersion], ["DELETED", "events.k8s.io/v1"]);
    },
  },
  {
    name: "a new Event of events.k8s.io needs a time, a controller, an instance, an action, a reason and a type",
    async run(world) {
      const at = paths(world.namespace);
      const without = (field: string) => {
        const { [field]: _, ...rest } = newer("bad", world.namespace);
        return rest;
      };
      for (const field of ["eventTime", "reportingController", "reportingInstance", "action", "reason", "type"]) {
        const path = field === "type" ? /type: Invalid value/ : new RegExp(`${field}: Required value`);
        refused(await world.post(at.new, without(field)), 422, "Invalid", path);
      }
      refused(
        await world.post(at.new, { ...newer("bad", world.namespace), deprecatedCount: 1 }),
        422,
        "Invalid",
        /needs to be unset/,
      );
    },
  },
  {
    name: "of an Event of events.k8s.io only the series changes",
    async run(world) {
      const at = paths(world.namespace);
      ok(await world.post(at.new, newer("kept", world.namespace)));
      const patch = (body: Body) =>
        world.target.call("PATCH", `${at.new}/kept`, { body, type: "application/merge-patch+json" });
      refused(
        await patch({ note: "changed" }),
        422,
        "Invalid",
        /message: Invalid value: "changed": field is immutable/,
      );
      assert.equal(ok(await patch({ series: { count: 3 } })).series.count, 3);
    },
  },
];

/** The keys of service account tokens, and their issuer. */
export const keys: readonly Case[] = [
  {
    name: "the keys of tokens are served as application/jwk-set+json only",
    async run(world) {
      const path = "/openid/v1/jwks";
      for (const accept of ["*/*", "application/jwk-set+json", "application/json, */*"]) {
        const answer = await world.target.call("GET", path, { accept });
        assert.equal(answer.headers.get("content-type"), "application/jwk-set+json");
        assert.ok(JSON.parse(answer.body).keys.length > 0);
      }
      for (const accept of ["application/json", "application/*", "text/plain"]) {
        const answer = await world.target.call("GET", path, { accept });
        refused(answer, 406, "NotAcceptable", /Available representations: application\/jwk-set\+json/);
      }
    },
  },
  {
    name: "the issuer of tokens is served as application/json only",
    async run(world) {
      const path = "/.well-known/openid-configuration";
      assert.ok(ok(await world.get(path)).issuer);
      assert.equal((await world.target.call("GET", path, { accept: "application/yaml" })).status, 406);
    },
  },
];
