/** Discovery, OpenAPI, tables, and other forms of answers. @module */
import assert from "node:assert/strict";
import type { Body } from "../target.ts";
import { type Case, ok, refused } from "../world.ts";

const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
const PARTIAL = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json";
const AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

const byName = (list: Body[], key: string, name: string) => list.find((one) => one[key] === name);

export const discovery: readonly Case[] = [
  {
    name: "/version has major, minor and gitVersion",
    async run(world) {
      const { major, minor, gitVersion } = ok(await world.get("/version"));
      assert.match(`${major}.${minor}`, /^1\.\d+/);
      assert.match(gitVersion, /^v1\./);
    },
  },
  {
    name: "/livez and /readyz say ok",
    async run(world) {
      for (const path of ["/livez", "/readyz"]) assert.equal((await world.get(path)).body, "ok");
    },
  },
  {
    name: "an administrator's SelfSubjectRulesReview allows every verb on all resources and paths",
    async run(world) {
      const path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
      const answer = await world.post(path, { spec: { namespace: world.namespace } });
      assert.equal(answer.status, 201);
      const { kind, status } = answer.body;
      assert.equal(kind, "SelfSubjectRulesReview");
      const isAll = ({ verbs, apiGroups = ["*"], resources, nonResourceURLs }: Body) =>
        [verbs, apiGroups, resources ?? nonResourceURLs].every((list) => list.includes("*"));
      assert.ok(status.resourceRules.some(isAll));
      assert.ok(status.nonResourceRules.some(isAll));
    },
  },
  {
    name: "a group lists its versions and kinds, with scope, verbs and short names",
    async run(world) {
      const group = ok(await world.get(`/apis/${world.group}`));
      assert.deepEqual(group.preferredVersion, { groupVersion: `${world.group}/v1`, version: "v1" });
      const { resources } = ok(await world.get(`/apis/${world.group}/v1`));
      const widgets = byName(resources, "name", "widgets");
      assert.equal(widgets.kind, "Widget");
      assert.equal(widgets.namespaced, true);
      assert.ok(widgets.verbs.includes("deletecollection"));
      assert.equal(widgets.shortNames.length, 1);
      assert.deepEqual(byName(resources, "name", "widgets/status").verbs, ["get", "patch", "update"]);
      assert.equal((await world.get("/apis/none.example.com/v1")).status, 404);
    },
  },
  {
    name: "the list of groups holds those of CRDs and not the core group",
    async run(world) {
      const { groups } = ok(await world.get("/apis"));
      assert.ok(byName(groups, "name", world.group));
      assert.ok(!byName(groups, "name", ""));
      assert.deepEqual(ok(await world.get("/api")).versions, ["v1"]);
    },
  },
  {
    name: "aggregated discovery lists all kinds of all groups at once",
    async run(world) {
      const answer = await world.target.call("GET", "/apis", { accept: AGGREGATED });
      assert.equal(ok(answer).kind, "APIGroupDiscoveryList");
      assert.match(answer.headers.get("content-type") ?? "", /as=APIGroupDiscoveryList/);
      const own = answer.body.items.find(({ metadata }: Body) => metadata.name === world.group);
      const [widgets] = own.versions[0].resources;
      assert.equal(widgets.resource, "widgets");
      assert.deepEqual(widgets.responseKind, { group: world.group, version: "v1", kind: "Widget" });
      assert.equal(widgets.scope, "Namespaced");
      assert.deepEqual(widgets.subresources[0].verbs, ["get", "patch", "update"]);
      const core = await world.target.call("GET", "/api", { accept: AGGREGATED });
      assert.ok(byName(ok(core).items[0].versions[0].resources, "resource", "configmaps"));
    },
  },
  {
    name: "OpenAPI v3 describes a CRD's kind, and that its patches validate fields",
    async run(world) {
      const path = `apis/${world.group}/v1`;
      const index = async () =>
        JSON.parse((await world.target.call("GET", "/openapi/v3", { accept: "*/*" })).body.toString());
      let paths: Body = {};
      await world.until("the document is published", async () => {
        const answer = await world.target.call("GET", "/openapi/v3", { accept: "*/*" });
        paths = (typeof answer.body === "string" ? await index() : answer.body).paths;
        return paths[path] !== undefined;
      });
      const [where, query = ""] = paths[path].serverRelativeURL.split("?");
      const answer = await world.target.call("GET", where, { query: Object.fromEntries(new URLSearchParams(query)) });
      const document = typeof answer.body === "string" ? JSON.parse(answer.body) : answer.body;
      const schemas: Body[] = Object.values(document.components.schemas);
      const widget = schemas.find((schema) =>
        schema["x-kubernetes-group-version-kind"]?.some(({ kind }: Body) => kind === "Widget")
      );
      assert.equal(widget.properties.spec.properties.size.description, "How large it is.");
      const { patch } = document.paths[`/apis/${world.group}/v1/namespaces/{namespace}/widgets/{name}`];
      assert.ok(byName(patch.parameters, "name", "fieldValidation"));
    },
  },
  {
    name: "a table has the definition's columns and a row for each object",
    async run(world) {
      await world.create("row", { size: 3, color: "blue" });
      ok(
        await world.merge(`${world.widgets()}/row/status`, {
          status: { conditions: [{ type: "Ready", status: "True" }] },
        }),
      );
      const query = { fieldSelector: "metadata.name=row" };
      const table = ok(await world.target.call("GET", world.widgets(), { accept: TABLE, query }));
      assert.equal(table.kind, "Table");
      const columns = table.columnDefinitions.map(({ name, priority }: Body) => `${name} ${priority}`);
      assert.deepEqual(columns, ["Name 0", "Size 0", "Ready 0", "Color 1", "Age 0"]);
      assert.equal(
        table.columnDefinitions[1].description,
        "Custom resource definition column (in JSONPath format): .spec.size",
      );
      const [{ cells, object }] = table.rows;
      assert.deepEqual(cells.slice(0, 4), ["row", 3, "True", "blue"]);
      assert.match(cells[4], /^\d+s$/);
      assert.equal(object.kind, "PartialObjectMetadata");
      assert.equal(object.metadata.name, "row");
    },
  },
  {
    name: "a table of one object, with the whole object when asked",
    async run(world) {
      await world.create("cell");
      const query = { includeObject: "Object" };
      const table = ok(await world.target.call("GET", `${world.widgets()}/cell`, { accept: TABLE, query }));
      assert.equal(table.rows[0].object.spec.size, 1);
      assert.equal(table.rows[0].cells[2], null);
    },
  },
  {
    name: "tables of core kinds have their own columns",
    async run(world) {
      const columns = async (path: string) => {
        const table = ok(await world.target.call("GET", path, { accept: TABLE }));
        return table.columnDefinitions.map(({ name }: Body) => name);
      };
      assert.deepEqual(await columns(world.core("configmaps")), ["Name", "Data", "Age"]);
      assert.deepEqual(await columns(world.core("secrets")), ["Name", "Type", "Data", "Age"]);
      assert.deepEqual(await columns("/api/v1/namespaces"), ["Name", "Status", "Age"]);
      const events = [
        "Last Seen",
        "Type",
        "Reason",
        "Object",
        "Subobject",
        "Source",
        "Message",
        "First Seen",
        "Count",
        "Name",
      ];
      assert.deepEqual(await columns(world.core("events")), events);
      assert.deepEqual(await columns(world.definition(`widgets.${world.group}`)), ["Name", "Created At"]);
    },
  },
  {
    name: "a watch as tables has columns in its first event only",
    async run(world) {
      const { metadata } = await world.create("tabled");
      const query = { resourceVersion: metadata.resourceVersion, timeoutSeconds: 20 };
      using watch = await world.target.watch(world.widgets(), query, TABLE);
      ok(await world.merge(`${world.widgets()}/tabled`, { spec: { size: 2 } }));
      ok(await world.merge(`${world.widgets()}/tabled`, { spec: { size: 3 } }));
      const [first, second] = [await watch.event(), await watch.event()];
      assert.equal(first?.type, "MODIFIED");
      assert.equal(first?.object.kind, "Table");
      assert.equal(first?.object.columnDefinitions.length, 5);
      assert.equal(first?.object.rows[0].cells[1], 2);
      assert.equal((second?.object.columnDefinitions ?? []).length, 0);
      assert.equal(second?.object.rows[0].cells[1], 3);
    },
  },
  {
    name: "metadata alone is returned on request",
    async run(world) {
      const list = ok(await world.target.call("GET", world.core("configmaps"), { accept: PARTIAL }));
      assert.equal(list.kind, "PartialObjectMetadataList");
      assert.equal(list.items[0].data, undefined);
      assert.ok(list.items[0].metadata.name);
    },
  },
  {
    name: "an answer may be YAML",
    async run(world) {
      const answer = await world.target.call("GET", `${world.core("serviceaccounts")}/default`, {
        accept: "application/yaml",
      });
      assert.match(answer.headers.get("content-type") ?? "", /^application\/yaml/);
      assert.match(answer.body, /^kind: ServiceAccount$/m);
    },
  },
  {
    name: "a verb that a path does not have is refused",
    async run(world) {
      refused(await world.put(world.widgets(), {}), 400, "BadRequest", "name must be provided");
      refused(await world.merge(world.widgets(), {}), 400, "BadRequest", "name must be provided");
      assert.equal((await world.delete("/api/v1/namespaces")).status, 405);
    },
  },
  {
    name: "the caller's identity and permissions can be queried",
    async run(world) {
      const who = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
      const user = ok(await world.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", who));
      assert.equal(user.status.userInfo.username, "admin");
      const spec = { resourceAttributes: { verb: "get", resource: "secrets", namespace: world.namespace } };
      const may = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", spec };
      assert.equal(
        ok(await world.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", may)).status.allowed,
        true,
      );
    },
  },
];
