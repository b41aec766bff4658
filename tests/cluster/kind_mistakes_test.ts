/** Likely mistakes in each kind set a condition that names the field or the remedy, and cause no writes. */
import assert from "node:assert/strict";
import { own } from "../../src/base/json.ts";
import type { Condition } from "../../src/resource/status.ts";
import { shapeOf } from "../../src/reconcile/plan/fields.ts";
import type { Example, Resource } from "../../src/resource.ts";
import { resources } from "../../src/resources/mod.ts";
import { clientOf } from "../support/clients.ts";
import { clusterTest, condition, eventually, manifest, problem, secret, type World } from "../support/harness.ts";
import { prepare } from "../support/needs.ts";

type Fields = Record<string, unknown>;

const quiet = { settings: { ingest: "false" } };
/** The kinds whose resources are created by a separate call, and kept. */
const made = resources.filter(({ external, once }) => external.create !== undefined && once === undefined);
const named = made.filter(({ identity }) => identity === "natural");
const parented = made.filter(({ endpoints }) =>
  Object.values(endpoints).some(({ errors = [] }) => errors.some(({ means }) => means === "parent"))
);

function exampleOf({ examples: [example] }: Resource): Example {
  assert.ok(example !== undefined);
  return example;
}

/** Applies a kind's first example, with its Secret. */
async function applyExample(world: World, resource: Resource, spec = exampleOf(resource).spec): Promise<void> {
  const example = exampleOf(resource);
  const reference = resource.reference?.(resource.spec.parse(spec) as Fields);
  if (reference !== undefined && example.secret !== undefined) {
    await world.apply(secret(reference.name, example.secret));
  }
  await world.apply(manifest(resource.kind, "example", spec));
}

/** Waits until a condition has the reason why the object does not match its manifest. */
async function told(world: World, { kind }: Resource, reason: string): Promise<Condition> {
  return await eventually(`${kind} tells ${reason}`, async () => {
    const object = await world.get(kind, "example");
    const found = ["Synced", "Ready", "Reconciling"].map((type) => condition(object, type))
      .find((one) => one?.reason === reason);
    return found ?? problem(JSON.stringify(object?.status?.conditions));
  });
}

/** Makes every create fail. */
function refuse(world: World, status: number, error_code: string, message: string): void {
  for (const { endpoints } of made) {
    for (const name of ["create", "mkdirs"]) {
      const endpoint = own(endpoints, name);
      if (endpoint === undefined) continue;
      const { method, path } = endpoint;
      const match = new RegExp(`^${method} ${path.replace("{jobs_api_version}", "2\\.\\d")}$`);
      world.workspace.faults.add({ match, status, body: { error_code, message } });
    }
  }
}

const refusals = [
  [400, "QUOTA_EXCEEDED", "InvalidRequest", "The quota of this workspace is used up"],
  [400, "RESOURCE_LIMIT_EXCEEDED", "InvalidRequest", "The limit of 100 is reached"],
  [400, "FEATURE_DISABLED", "InvalidRequest", "This feature is not enabled in the workspace"],
  [403, "PERMISSION_DENIED", "PermissionDenied", "The principal may not create this"],
] as const;

for (const [status, code, reason, message] of refusals) {
  clusterTest(
    `a create that is rejected with ${code} is reported with Databricks' message, for each kind`,
    async (world) => {
      for (const resource of made) await prepare(world.workspace, exampleOf(resource));
      refuse(world, status, code, message);
      for (const resource of made) await applyExample(world, resource);
      for (const resource of made) {
        const { message: text } = await told(world, resource, reason);
        assert.match(text, new RegExp(`^Cannot create .*"?example|^Cannot create `), resource.kind);
        assert.ok(text.includes(message), `${resource.kind}: ${text}`);
      }
    },
    quiet,
  );
}

clusterTest("a taken name is reported with both remedies, for each kind with unique names", async (world) => {
  const workspace = clientOf(world.workspace);
  for (const resource of named) {
    const example = exampleOf(resource);
    await prepare(world.workspace, example);
    const spec = resource.spec.parse(example.spec) as Fields;
    const values = Object.entries(example.secret ?? {}).map(([key, text]) => [key, new TextEncoder().encode(text)]);
    await resource.external.create?.(workspace, {
      desired: resource.desired(spec, { name: "example", namespace: "team" }),
      owner: { uid: "", name: "", tag: "" },
      values: Object.fromEntries(values),
      changes: [],
    });
  }
  world.workspace.settle();
  world.workspace.ledger.clear();
  for (const resource of named) await applyExample(world, resource);
  for (const resource of named) {
    const { message } = await told(world, resource, "AlreadyExists");
    assert.match(message, /databricks-operator\/adopt: "true"/, resource.kind);
  }
  assert.deepEqual(world.workspace.ledger.writes(), []);
}, { ...quiet, mock: { doubts: { listLag: "none" } } });

clusterTest(
  "a missing parent is waited for and reported with its field, for each kind with a parent",
  async (world) => {
    for (const resource of parented) await prepare(world.workspace, exampleOf(resource));
    refuse(world, 404, "RESOURCE_DOES_NOT_EXIST", "The parent does not exist");
    for (const resource of parented) await applyExample(world, resource);
    for (const resource of parented) {
      const { message } = await told(world, resource, "ParentMissing");
      assert.match(message, /create .*or correct (spec\.[\w.]+|it)|create .*spec\./, `${resource.kind}: ${message}`);
    }
  },
  quiet,
);

/** Other values of immutable fields, by kind, relative to the manifest's settings. */
const CHANGED: Record<string, Fields> = {
  Repo: { url: "https://github.com/example/another" },
  DatabricksSecretScope: { name: "another" },
  DatabricksInstancePool: { node_type_id: "another" },
  DatabricksStorageCredential: { name: "another" },
  DatabricksExternalLocation: { name: "another" },
  DatabricksUnityCatalogConnection: { name: "another" },
  DatabricksCatalog: { name: "another" },
  DatabricksSchema: { name: "another" },
  DatabricksVolume: { name: "another" },
  DatabricksRegisteredModel: { name: "another" },
  DatabricksPipeline: { storage: "dbfs:/another" },
  DatabricksDirectory: { path: "/Shared/another" },
  DatabricksWorkspaceFile: { path: "/Shared/another" },
  DatabricksExperiment: { artifact_location: "dbfs:/another" },
  DatabricksDashboard: { parent_path: "/Shared/another" },
  DatabricksQuery: { parent_path: "/Shared/another" },
  DatabricksAlert: { parent_path: "/Shared/another" },
  DatabricksServingEndpoint: { name: "another" },
  DatabricksVectorSearchEndpoint: { name: "another" },
  DatabricksVectorSearchIndex: { primary_key: "another" },
  DatabricksApp: { name: "another" },
};
const fixed = made.filter(({ fields: { immutable = [] } }) => immutable.length > 0);

/** The spec before such a change: a pipeline with a catalog takes no storage. */
function specBefore(resource: Resource): Fields {
  return resource.kind === "DatabricksPipeline"
    ? { pipeline: { name: "example", storage: "dbfs:/first" } }
    : exampleOf(resource).spec;
}

Deno.test("the test of immutable fields covers each kind that has one", () => {
  assert.deepEqual(fixed.map(({ kind }) => kind).sort(), Object.keys(CHANGED).sort());
});

clusterTest(
  "a change of an immutable field is rejected before any write, with its field, for each kind",
  async (world) => {
    for (const resource of fixed) {
      await prepare(world.workspace, exampleOf(resource));
      await applyExample(world, resource, specBefore(resource));
    }
    for (const { kind } of fixed) await world.ready(kind, "example");
    world.workspace.ledger.clear();
    for (const resource of fixed) {
      const spec = specBefore(resource);
      const field = resource.desiredPath.replace("spec.", "");
      const change = CHANGED[resource.kind];
      await applyExample(world, resource, { ...spec, [field]: { ...spec[field] as Fields, ...change } });
    }
    for (const resource of fixed) {
      const { message } = await told(world, resource, "Immutable");
      const [field] = Object.keys(CHANGED[resource.kind] ?? {});
      assert.ok(message.startsWith(`${resource.desiredPath}.${field} of `), `${resource.kind}: ${message}`);
      assert.match(message, /set it back/, resource.kind);
    }
    assert.deepEqual(world.workspace.ledger.writes().map(({ method, path }) => `${method} ${path}`), []);
  },
  quiet,
);

const permitted = made.filter(({ spec }) => Object.hasOwn(shapeOf(spec), "permissions") || hasGrants(spec));

function hasGrants(spec: Resource["spec"]): boolean {
  return Object.hasOwn(shapeOf(spec), "grants");
}

/** A permission level of a kind. */
function levelOf({ rules = [] }: Resource): string {
  const [told] = rules.flatMap(({ message }) => message.match(/level is one of (\w+)/)?.[1] ?? []);
  return told ?? "CAN_MANAGE";
}

clusterTest(
  "a principal that does not exist is reported with its name, for each kind with permissions or grants",
  async (world) => {
    assert.ok(permitted.length > 10, `${permitted.length}`);
    world.workspace.permissions.lists.unknown.add("nobody-here");
    world.workspace.grants.unknown.add("nobody-here");
    for (const resource of permitted) {
      const example = exampleOf(resource);
      await prepare(world.workspace, example);
      const rights = hasGrants(resource.spec)
        ? { grants: [{ principal: "nobody-here", privileges: ["ALL_PRIVILEGES"] }] }
        : { permissions: [{ group_name: "nobody-here", level: levelOf(resource) }] };
      await applyExample(world, resource, { ...example.spec, ...rights });
    }
    for (const resource of permitted) {
      await eventually(`the message of ${resource.kind} names the principal`, async () => {
        const object = await world.get(resource.kind, "example");
        const text = JSON.stringify(object?.status?.conditions);
        return /nobody-here/.test(text) || problem(text);
      });
    }
  },
  quiet,
);
