/** Creating, reading, updating. @module */
import assert from "node:assert/strict";
import { types } from "../target.ts";
import { type Case, ok, refused } from "../world.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const objects: readonly Case[] = [
  {
    name: "a created object has a uid, a creationTimestamp, a resourceVersion and generation 1",
    async run(world) {
      const { metadata } = await world.create("fresh");
      assert.match(metadata.uid, UUID);
      assert.match(metadata.creationTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      assert.match(metadata.resourceVersion, /^\d+$/);
      assert.equal(metadata.generation, 1);
      assert.equal(metadata.namespace, world.namespace);
    },
  },
  {
    name: "fields that the server sets cannot be set by the creator",
    async run(world) {
      const asked = { uid: "mine", resourceVersion: "", generation: 7, creationTimestamp: "2001-01-01T00:00:00Z" };
      const { metadata } = await world.create("forged", { size: 1 }, asked);
      assert.notEqual(metadata.uid, "mine");
      assert.equal(metadata.generation, 1);
      assert.ok(!metadata.creationTimestamp.startsWith("2001"));
    },
  },
  {
    name: "a taken name is refused with 409 AlreadyExists",
    async run(world) {
      await world.create("twice");
      const again = await world.post(world.widgets(), world.widget("twice"));
      refused(again, 409, "AlreadyExists", `widgets.${world.group} "twice" already exists`);
      assert.deepEqual(again.body.details, { name: "twice", group: world.group, kind: "widgets" });
    },
  },
  {
    name: "generateName makes a name of five more letters",
    async run(world) {
      const body = { ...world.widget(""), metadata: { generateName: "gen-" } };
      const { metadata } = ok(await world.post(world.widgets(), body));
      assert.match(metadata.name, /^gen-[a-z0-9]{5}$/);
      assert.equal(metadata.generateName, "gen-");
    },
  },
  {
    name: "an object without a name is refused with 422",
    async run(world) {
      const answer = await world.post(world.widgets(), { ...world.widget(""), metadata: {} });
      refused(answer, 422, "Invalid", "metadata.name: Required value: name or generateName is required");
    },
  },
  {
    name: "a name that is not a DNS subdomain is refused with 422",
    async run(world) {
      const answer = await world.post(world.widgets(), world.widget("A_b"));
      refused(answer, 422, "Invalid", 'metadata.name: Invalid value: "A_b": a lowercase RFC 1123 subdomain');
    },
  },
  {
    name: "malformed labels and finalizers are refused with 422",
    async run(world) {
      const wrong = { labels: { "a b": "c d" }, finalizers: ["x y"] };
      const answer = await world.post(world.widgets(), world.widget("labelled", { size: 1 }, wrong));
      refused(answer, 422, "Invalid", /metadata.labels: Invalid value: "a b".*metadata.labels: Invalid value: "c d"/s);
      assert.match(answer.body.message, /metadata.finalizers: Invalid value: "x y"/);
    },
  },
  {
    name: "another namespace in the body than in the path is refused with 400",
    async run(world) {
      const answer = await world.post(world.widgets(), world.widget("astray", { size: 1 }, { namespace: "other" }));
      refused(answer, 400, "BadRequest", "the namespace of the provided object does not match the namespace sent");
    },
  },
  {
    name: "another apiVersion or kind than the path's is refused",
    async run(world) {
      const version = await world.post(world.widgets(), { ...world.widget("kinds"), apiVersion: "a/v2" });
      refused(version, 400, "BadRequest", "the API version in the data (a/v2) does not match the expected API version");
      const kind = await world.post(world.widgets(), { ...world.widget("kinds"), kind: "Wodget" });
      refused(kind, 422, "Invalid", 'kind: Invalid value: "Wodget": must be Widget');
      const none = await world.post(world.widgets(), { metadata: { name: "kinds" }, spec: { size: 1 } });
      refused(none, 400, "BadRequest", "Object 'Kind' is missing");
    },
  },
  {
    name: "a body that is not JSON is refused with 400",
    async run(world) {
      refused(await world.post(world.widgets(), "{{{"), 400, "BadRequest", "json parse error");
    },
  },
  {
    name: "a body may be YAML",
    async run(world) {
      const text = `apiVersion: ${world.group}/v1\nkind: Widget\nmetadata:\n  name: yaml\nspec:\n  size: 3\n`;
      const answer = await world.target.call("POST", world.widgets(), { body: text, type: types.yaml });
      assert.equal(ok(answer).spec.size, 3);
    },
  },
  {
    name: "a body of another type is refused with 415",
    async run(world) {
      const answer = await world.target.call("POST", world.widgets(), { body: "x", type: "text/plain" });
      refused(answer, 415, "UnsupportedMediaType", "the body of the request was in an unknown format");
    },
  },
  {
    name: "an unsupported response type is refused with 406",
    async run(world) {
      const answer = await world.target.call("GET", world.widgets(), { accept: "text/plain" });
      refused(answer, 406, "NotAcceptable", "only the following media types are accepted");
    },
  },
  {
    name: "a missing object is 404 NotFound, with details",
    async run(world) {
      const answer = await world.get(`${world.widgets()}/none`);
      refused(answer, 404, "NotFound", `widgets.${world.group} "none" not found`);
      assert.deepEqual(answer.body.details, { name: "none", group: world.group, kind: "widgets" });
    },
  },
  {
    name: "a resource that is not served is 404 in plain text",
    async run(world) {
      const answer = await world.get(`/apis/${world.group}/v1/namespaces/${world.namespace}/nothings`);
      assert.equal(answer.status, 404);
      assert.equal(answer.body, "404 page not found\n");
    },
  },
  {
    name: "integers beyond 2^53 stay exact",
    async run(world) {
      const big = 9007199254740993n;
      await world.create("exact", { size: 1, open: { id: big } });
      assert.equal(ok(await world.get(`${world.widgets()}/exact`)).spec.open.id, big);
      const path = `${world.widgets()}/exact`;
      const body = world.widget("exact", { size: 1, open: { id: big } });
      assert.equal(ok(await world.apply(path, body, "exact", { force: true })).spec.open.id, big);
    },
  },
  {
    name: "dryRun checks everything and stores nothing",
    async run(world) {
      const { metadata } = ok(await world.post(world.widgets(), world.widget("dry"), { dryRun: "All" }));
      assert.match(metadata.uid, UUID);
      assert.equal(metadata.resourceVersion, undefined);
      assert.equal((await world.get(`${world.widgets()}/dry`)).status, 404);
      refused(await world.post(world.widgets(), world.widget("dry", {}), { dryRun: "All" }), 422, "Invalid");
      refused(
        await world.post(world.widgets(), world.widget("dry"), { dryRun: "Some" }),
        422,
        "Invalid",
        "dryRun: Unsupported",
      );
    },
  },
  {
    name: "an update with a stale resourceVersion is refused with 409 Conflict",
    async run(world) {
      const first = await world.create("stale");
      ok(await world.put(`${world.widgets()}/stale`, { ...first, spec: { size: 2 } }));
      const again = await world.put(`${world.widgets()}/stale`, { ...first, spec: { size: 3 } });
      refused(again, 409, "Conflict", "the object has been modified; please apply your changes to the latest version");
    },
  },
  {
    name: "an update of a custom resource without a resourceVersion is refused with 422",
    async run(world) {
      await world.create("blind");
      const answer = await world.put(`${world.widgets()}/blind`, world.widget("blind"));
      refused(answer, 422, "Invalid", "metadata.resourceVersion: Invalid value: 0: must be specified for an update");
    },
  },
  {
    name: "an update of a ConfigMap needs no resourceVersion",
    async run(world) {
      await world.configMap("blind", { a: "1" });
      const answer = await world.put(`${world.core("configmaps")}/blind`, {
        metadata: { name: "blind" },
        data: { b: "2" },
      });
      assert.deepEqual(ok(answer).data, { b: "2" });
    },
  },
  {
    name: "an update of a missing object is 404",
    async run(world) {
      const answer = await world.put(
        `${world.widgets()}/none`,
        world.widget("none", { size: 1 }, { resourceVersion: "1" }),
      );
      refused(answer, 404, "NotFound");
    },
  },
  {
    name: "another name in the body than in the path is refused with 400",
    async run(world) {
      const answer = await world.put(
        `${world.widgets()}/here`,
        world.widget("there", { size: 1 }, { resourceVersion: "1" }),
      );
      refused(answer, 400, "BadRequest", "the name of the object (there) does not match the name on the URL (here)");
    },
  },
  {
    name: "the generation counts changes of the spec, and not those of metadata",
    async run(world) {
      await world.create("counted");
      const path = `${world.widgets()}/counted`;
      assert.equal(ok(await world.merge(path, { metadata: { labels: { a: "b" } } })).metadata.generation, 1);
      assert.equal(ok(await world.merge(path, { spec: { size: 2 } })).metadata.generation, 2);
    },
  },
  {
    name: "an update without a change keeps the resourceVersion",
    async run(world) {
      const made = await world.create("idle");
      const same = ok(await world.put(`${world.widgets()}/idle`, made));
      assert.equal(same.metadata.resourceVersion, made.metadata.resourceVersion);
      const merged = ok(await world.merge(`${world.widgets()}/idle`, { spec: { size: 1 } }));
      assert.equal(merged.metadata.resourceVersion, made.metadata.resourceVersion);
    },
  },
  {
    name: "an object's uid cannot be changed",
    async run(world) {
      await world.create("self");
      const answer = await world.merge(`${world.widgets()}/self`, { metadata: { uid: "other" } });
      refused(answer, 422, "Invalid", 'metadata.uid: Invalid value: "other": field is immutable');
    },
  },
  {
    name: "a read at a future resourceVersion is 504",
    async run(world) {
      const answer = await world.get(`${world.widgets()}/any`, { resourceVersion: "999999999" });
      refused(answer, 504, "Timeout", "Too large resource version: 999999999");
    },
  },
  {
    name: "a definition's own generation counts the edits of its spec",
    async run(world) {
      const path = world.definition(`widgets.${world.group}`);
      const { generation } = ok(await world.get(path)).metadata;
      ok(await world.merge(path, { metadata: { labels: { seen: "yes" } } }));
      assert.equal(ok(await world.get(path)).metadata.generation, generation);
    },
  },
  {
    name: "an object's own path is read, and not watched",
    async run(world) {
      await world.create("alone");
      const answer = await world.get(`${world.widgets()}/alone`, { watch: true });
      assert.equal(ok(answer).metadata.name, "alone");
    },
  },
  {
    name: "pages of a selection do not have the number of remaining items",
    async run(world) {
      for (const name of ["s1", "s2"]) await world.create(name, { size: 1 }, { labels: { selection: "yes" } });
      const { metadata, items } = ok(await world.get(world.widgets(), { labelSelector: "selection=yes", limit: 1 }));
      assert.equal(items.length, 1);
      assert.ok(metadata.continue);
      assert.equal(metadata.remainingItemCount, undefined);
    },
  },
  {
    name: "a PUT replaces: omitted fields are removed, and defaults are set again",
    async run(world) {
      const made = await world.create("put", { size: 1, code: "aa", color: "blue" }, { labels: { a: "b" } });
      const { labels: _, ...metadata } = made.metadata;
      const put = ok(await world.put(`${world.widgets()}/put`, { ...made, metadata, spec: { size: 1 } }));
      assert.deepEqual(put.spec, { size: 1, color: "red" });
      assert.equal(put.metadata.labels, undefined);
    },
  },
  {
    name: "an int-or-string field accepts an integer and a string",
    async run(world) {
      assert.equal((await world.create("number", { size: 1, target: 80 })).spec.target, 80);
      assert.equal((await world.create("text", { size: 1, target: "http" })).spec.target, "http");
    },
  },
];
