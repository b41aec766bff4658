/**
 * DatabricksVectorSearchIndex: an index of vectors on an endpoint (Vector Search API 2.0), filled from a table or by code.
 *
 * No call changes an index, so an edit is refused before anything is done. The index is retained when its object is
 * deleted: data that code wrote into it would be lost, and data from a table would have to be computed again.
 *
 * @module
 */
import * as z from "zod";
import { currentUser } from "../databricks/current_user.ts";
import { optional } from "../databricks/primitives.ts";
import { reference } from "../databricks/references.ts";
import {
  DeltaSyncVectorIndexSpecRequest,
  DirectAccessVectorIndexSpec,
  EmbeddingSourceColumn,
  type VectorIndex,
  VectorSearchIndexesCreateIndex,
} from "../databricks/types.ts";
import {
  commonColumns,
  defineResource,
  endpoint,
  type External,
  type ExternalState,
  type ListOptions,
  type Quirk,
  type Resource,
  type SpecIssue,
  type Workspace,
} from "../resource.ts";
import { busy, taken } from "./shared/compute_quirks.ts";
import { withGrants } from "./shared/grants.ts";
import { holdsJson } from "./shared/json_text.ts";
import { isOursBy } from "./shared/made_by_us.ts";
import { lower, onlyIfAsked } from "./shared/securables.ts";

const SourceColumn = z.looseObject({
  ...EmbeddingSourceColumn.shape,
  embedding_model_endpoint_ref: reference("embedding_model_endpoint_name", "DatabricksServingEndpoint"),
}).meta({ typeName: "vectorsearch.ManagedSourceColumn" });

const DeltaSync = z.looseObject({
  ...DeltaSyncVectorIndexSpecRequest.shape,
  embedding_source_columns: z.array(SourceColumn).optional(),
}).meta({ typeName: "vectorsearch.ManagedDeltaSync" });

const DirectAccess = z.looseObject({
  ...DirectAccessVectorIndexSpec.shape,
  embedding_source_columns: z.array(SourceColumn).optional(),
}).meta({ typeName: "vectorsearch.ManagedDirectAccess" });

const { name, primary_key, index_type, index_subtype } = VectorSearchIndexesCreateIndex.shape;

const Settings = z.looseObject({
  name,
  endpoint_name: optional.text,
  endpoint_ref: reference("endpoint_name", "DatabricksVectorSearchEndpoint", { isNeeded: true }),
  primary_key,
  index_type,
  index_subtype,
  delta_sync_index_spec: DeltaSync.optional(),
  direct_access_index_spec: DirectAccess.optional(),
}).meta({ typeName: "vectorsearch.ManagedIndex" });

const Spec = z.looseObject({ index: Settings.describe("The index, with the fields of the Vector Search API") });

type Settings = z.infer<typeof Settings>;

const FIELD = "spec.index";
const path = "/api/2.0/vector-search/indexes";

const pending: Quirk = {
  why: "For a while after its deletion an index of the same name is refused (databricks/cli: dresources)",
  message: /pending deletion/i,
  means: "busy",
};

const endpointGone: Quirk = {
  why: "A create names the endpoint that serves the index",
  code: /^(RESOURCE_DOES_NOT_EXIST|NOT_FOUND)$/,
  means: "parent",
  remedy: "create the endpoint, or correct spec.index.endpoint_name; the operator tries again until it is there",
};

const endpoints = {
  get: endpoint(`GET ${path}/{name}`),
  list: endpoint(`GET ${path}`, { items: "vector_indexes" }),
  create: endpoint(`POST ${path}`, { errors: [pending, busy, taken, endpointGone] }),
  delete: endpoint(`DELETE ${path}/{name}`, { errors: [pending, busy] }),
};

const index = defineResource<z.infer<typeof Spec>, Settings, VectorIndex>({
  kind: "DatabricksVectorSearchIndex",
  plural: "databricksvectorsearchindexes",
  singular: "databricksvectorsearchindex",
  shortNames: ["dbindex"],
  noun: "vector search index",
  description: "An index of vectors. It stays in Databricks when its object is deleted, unless that says otherwise",
  identity: "natural",
  spec: Spec,
  observed: z.custom<VectorIndex>(),
  comparableSchema: Settings,
  statusFields: {
    index_url: z.string().describe("The address for queries").optional(),
    pipeline_id: z.string().describe("The pipeline that fills a DELTA_SYNC index").optional(),
  },
  desiredPath: FIELD,
  descriptions: {
    "vectorsearch.ManagedIndex": {
      delta_sync_index_spec: "For DELTA_SYNC: the source table.",
      direct_access_index_spec: "For DIRECT_ACCESS: the columns, which your code writes.",
      endpoint_name: "The vector search endpoint that serves it.",
      index_subtype: "HYBRID or FULL_TEXT.",
      index_type: "DELTA_SYNC copies a table; your code writes a DIRECT_ACCESS index.",
      name: "The full name: catalog.schema.index. An index cannot be changed.",
      primary_key: "The column that identifies a row.",
    },
    "vectorsearch.ManagedDeltaSync": {
      columns_to_index: "The columns of the index; another name for columns_to_sync.",
      columns_to_sync: "The columns of the index, besides the key and the embeddings; all by default.",
      embedding_source_columns: "Text columns, for which a model computes vectors.",
      embedding_vector_columns: "Columns of vectors.",
      embedding_writeback_table: "A table for the computed vectors.",
      pipeline_type: "TRIGGERED: updated on request. CONTINUOUS: always up to date, which always costs.",
      source_table: "The Delta table: catalog.schema.table.",
    },
    "vectorsearch.ManagedDirectAccess": {
      embedding_source_columns: "Text columns, for which a model computes vectors.",
      embedding_vector_columns: "Columns of vectors.",
      schema_json: "Its columns with their types, as JSON text.",
    },
    "vectorsearch.ManagedSourceColumn": {
      embedding_model_endpoint_name: "The serving endpoint of the model.",
      model_endpoint_name_for_query: "The serving endpoint for queries, if it is another one.",
      name: "The column.",
    },
    "vectorsearch.EmbeddingVectorColumn": { embedding_dimension: "The vectors' length.", name: "The column." },
  },
  fields: {
    // No call updates an index.
    immutable: Object.keys(Settings.shape).filter((field) => !field.endsWith("_ref")),
    spelling: { name: lower, "delta_sync_index_spec.source_table": lower },
    keyedBy: Object.fromEntries(
      ["delta_sync_index_spec", "direct_access_index_spec"].flatMap((spec) =>
        ["embedding_source_columns", "embedding_vector_columns"].map((columns) => [`${spec}.${columns}`, "name"])
      ),
    ),
    unordered: ["columns_to_index", "columns_to_sync"].map((columns) => `delta_sync_index_spec.${columns}`),
    answers: {
      "direct_access_index_spec.schema_json": holdsJson,
      // Either field may be returned in place of the other, or omitted.
      "delta_sync_index_spec.columns_to_index": (_asked, answered) => answered === undefined,
      "delta_sync_index_spec.columns_to_sync": (_asked, answered) => answered === undefined,
    },
    onlyIfAsked: onlyIfAsked("index_subtype"),
  },
  endpoints,
  external: {
    observe,
    find: async (workspace, { desired }) => {
      const id = lower(desired.name);
      const observed = await observe(workspace, id);
      return observed === undefined ? [] : [{ id, observed }];
    },
    isOurs: isOursBy(({ creator: by }) => ({ by })),
    create: async (workspace, { desired }) => lower(String((await workspace.call(endpoints.create, desired)).name)),
    delete: async (workspace, name) => {
      if (await observe(workspace, name) === undefined) return;
      await workspace.tryCall(endpoints.delete, { name });
    },
    list,
    self: currentUser,
  },
  printerColumns: [
    { name: "Type", type: "string", jsonPath: ".spec.index.index_type" },
    ...commonColumns,
  ],
  rules: [{
    at: ["index"],
    rule: "has(self.delta_sync_index_spec) == (self.index_type == 'DELTA_SYNC')",
    message: "index_type DELTA_SYNC needs a delta_sync_index_spec, and no other index_type takes one",
  }, {
    at: ["index"],
    rule: "has(self.direct_access_index_spec) == (self.index_type == 'DIRECT_ACCESS')",
    message: "index_type DIRECT_ACCESS needs a direct_access_index_spec, and no other index_type takes one",
  }],
  apiVersion: () => "2.0",
  naturalKey: ({ name = "" }) => lower(name),
  desired: ({ index }) => index,
  validate: ({ index }) => nameIssues(index),
  parents: ({ endpoint_name = "" }) => [endpoint_name],
  comparable: ({ delta_sync_index_spec: delta, ...index }) => {
    const { pipeline_id: _computed, ...spec } = delta ?? {};
    return delta === undefined ? index : { ...index, delta_sync_index_spec: spec };
  },
  // Of the fields that a row omits, only the readiness changes.
  stamp: ({ endpoint_id, index_type, primary_key, creator }) =>
    JSON.stringify([endpoint_id, index_type, primary_key, creator]),
  state,
  show: ({ status, delta_sync_index_spec }) => ({
    index_url: status?.index_url,
    pipeline_id: delta_sync_index_spec?.pipeline_id,
  }),
  made: ({ creator: by }) => ({ by }),
  dangers: {
    deletesData: "its vectors",
    costs: "the computation of its vectors, all the time where pipeline_type is CONTINUOUS",
  },
  displayName: ({ name = "" }) => name,
  url: (host, id) => `${host}/explore/data/${id.split(".").map(encodeURIComponent).join("/")}`,
  examples: [{
    title: "An index of a table, for whose text a model computes vectors",
    needs: { calls: [endpointCall("search")] },
    spec: {
      index: {
        name: "main.default.manuals_index",
        endpoint_name: "search",
        primary_key: "id",
        index_type: "DELTA_SYNC",
        delta_sync_index_spec: {
          source_table: "main.default.manuals",
          pipeline_type: "TRIGGERED",
          embedding_source_columns: [{ name: "text", embedding_model_endpoint_name: "databricks-gte-large-en" }],
        },
      },
    },
  }, {
    title: "An index that your code writes",
    needs: { calls: [endpointCall("questions")] },
    spec: {
      index: {
        name: "main.default.questions_index",
        endpoint_name: "questions",
        primary_key: "id",
        index_type: "DIRECT_ACCESS",
        direct_access_index_spec: {
          embedding_vector_columns: [{ name: "vector", embedding_dimension: 1024 }],
          schema_json: '{"id": "string", "vector": "array<float>"}',
        },
      },
    },
  }],
});

/** The declaration of kind DatabricksVectorSearchIndex. For grants an index is a table. */
export const databricksVectorSearchIndex: Resource = withGrants(index, { securable: "table" });

function endpointCall(name: string) {
  return { line: "POST /api/2.0/vector-search/endpoints", body: { name, endpoint_type: "STANDARD" } };
}

function observe(workspace: Workspace, name: string): Promise<VectorIndex | undefined> {
  return workspace.tryCall(endpoints.get, { name }) as Promise<VectorIndex | undefined>;
}

/** A row contains neither the specification nor the status. */
async function* list(workspace: Workspace, { parent }: ListOptions = {}): AsyncIterable<External<VectorIndex>[]> {
  for await (const page of workspace.pages(endpoints.list, { endpoint_name: parent })) {
    yield (page as VectorIndex[]).map((observed) => ({
      id: lower(String(observed.name)),
      observed,
      partial: true,
    }));
  }
}

function nameIssues({ name, endpoint_name, endpoint_ref }: Settings): SpecIssue[] {
  const issues: SpecIssue[] = [];
  if (!/^[^.\s]+\.[^.\s]+\.[^.\s]+$/.test(name)) {
    issues.push({ path: `${FIELD}.name`, message: "must be a full name: catalog.schema.index" });
  }
  if (endpoint_name === undefined && endpoint_ref === undefined) {
    issues.push({
      path: `${FIELD}.endpoint_name`,
      message: "is missing: give the name, or an object's in endpoint_ref",
    });
  }
  return issues;
}

function state({ status }: VectorIndex): ExternalState {
  // A row has no status.
  if (status?.ready !== false) return { ready: true, reason: "Available", message: "can be searched" };
  const why = status.message ? `: ${status.message}` : "";
  return { ready: false, reason: "Starting", message: `is not ready to be searched${why}` };
}
