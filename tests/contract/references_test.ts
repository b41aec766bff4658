/** References by name: every field that takes the id of a managed resource has one, or a reason for none. */
import assert from "node:assert/strict";
import type { z } from "zod";
import { elementOf, metaOf, shapeOf, unwrap } from "../../src/reconcile/plan/fields.ts";
import { refersToOf } from "../../src/reconcile/plan/references.ts";
import type { Resource } from "../../src/resource.ts";
import { resources } from "../../src/resources/mod.ts";

/** The names of fields that may contain the id or the name of a managed resource. */
const LOOKS = new RegExp(
  "(^|_)(job|pipeline|gateway|cluster|warehouse|policy|pool|query|alert|dashboard|destination|experiment|catalog|schema|" +
    "volume|connection|credential|endpoint|model|entity|scope|repo|location|index|app)_(id|name)(_|$)" +
    "|^(catalog|schema|scope|full_name|securable_name|securable_full_name)$",
);

/** Matching fields that need no reference, by type and field, with the reason. */
const NONE: Readonly<Record<string, string>> = {
  ...excused("it is the resource itself", [
    "DatabricksCatalog.catalog",
    "DatabricksJob.job.job_id",
    "DatabricksSchema.schema",
    "DatabricksSecretScope.scope",
    "GitCredential.credential.credential_id",
    "compute.Cluster.cluster_name",
    "compute.ClusterSpec.cluster_name",
    "compute.InstancePool.instance_pool_name",
    "jobs.RequestedRunSpec.job_id",
  ]),
  ...excused("its kind is not managed", [
    "apps.ManagedApp.budget_policy_id",
    "apps.ManagedApp.usage_policy_id",
    "jobs.ComputeConfig.gpu_node_pool_id",
    "jobs.DbtCloudTask.dbt_cloud_job_id",
    "jobs.DbtPlatformTask.dbt_platform_job_id",
    "jobs.JobClusterServerlessCompute.policy_id",
    "jobs.JobSettings.budget_policy_id",
    "jobs.JobSettings.usage_policy_id",
    "jobs.PowerBiModel.model_name",
    "jobs.RunSubmit.budget_policy_id",
    "jobs.RunSubmit.usage_policy_id",
    // Legacy alerts and dashboards, which have their own ids.
    "jobs.SqlTaskAlert.alert_id",
    "jobs.SqlTaskDashboard.dashboard_id",
    "pipelines.Pipeline.budget_policy_id",
    "pipelines.Pipeline.usage_policy_id",
    "serving.ManagedEndpoint.budget_policy_id",
    "vectorsearch.ManagedEndpoint.budget_policy_id",
  ]),
  ...excused("it is a name that Databricks resolves at run time", [
    "jobs.AiExtractFunction.schema",
    "jobs.DbtTask.catalog",
    "jobs.DbtTask.schema",
    "jobs.GenAiComputeTask.mlflow_experiment_name",
    "jobs.ModelTriggerConfiguration.securable_name",
    "jobs.PowerBiTable.catalog",
    "jobs.PowerBiTable.schema",
    "jobs.QualifiedName.catalog",
    "jobs.QualifiedName.schema",
    "sql.ManagedQuery.catalog",
    "sql.ManagedQuery.schema",
  ]),
  "vectorsearch.ManagedSourceColumn.model_endpoint_name_for_query": "it is a name that Databricks resolves at run time",
  "DatabricksGrants.full_name": "it names something without an object",
  "DatabricksSecret.scope": "the predecessor's field; such a secret waits for its scope",
  "serving.ManagedRoute.served_entity_name": "it is in the same manifest",
};

function excused(reason: string, fields: readonly string[]): Record<string, string> {
  return Object.fromEntries(fields.map((field) => [field, reason]));
}

interface Field {
  readonly at: string;
  readonly hasReference: boolean;
}

/** The fields of a kind that may contain an id or a name, each type once. */
function fieldsOf(resource: Resource): Field[] {
  const found: Field[] = [];
  const seen = new Set<unknown>();
  const visit = (schema: z.ZodType | undefined, path: string): void => {
    if (schema === undefined) return;
    const element = elementOf(schema);
    if (element !== undefined) return visit(element, path);
    const shape = shapeOf(schema);
    const type = String(metaOf(schema, "typeName") ?? path);
    if (seen.has(unwrap(schema))) return;
    seen.add(unwrap(schema));
    const named = new Set(Object.values(shape).flatMap((field) => refersToOf(field)?.id ?? []));
    for (const [name, field] of Object.entries(shape)) {
      if (LOOKS.test(name)) found.push({ at: `${type}.${name}`, hasReference: named.has(name) });
      visit(field, `${path}.${name}`);
    }
  };
  visit(resource.spec, resource.kind);
  return found;
}

const all = resources.flatMap(fieldsOf);

Deno.test("every field that takes the id or name of a managed resource has a reference by name", () => {
  const lacking = all.filter(({ at, hasReference }) => !hasReference && !(at in NONE)).map(({ at }) => at);
  assert.deepEqual([...new Set(lacking)].sort(), []);
});

Deno.test("every excused field exists, and has no reference by name", () => {
  const excused = new Set(all.filter(({ hasReference }) => !hasReference).map(({ at }) => at));
  assert.deepEqual(Object.keys(NONE).filter((at) => !excused.has(at)), []);
});
