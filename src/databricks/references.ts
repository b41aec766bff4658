/**
 * References by name: a field that takes the id of a resource that the operator manages has a sibling that takes the
 * name of its object in Kubernetes. `run_job_task: { job_id: 123 }` may be `run_job_task: { job_ref: { name: load } }`.
 * The same holds for a field that takes a name in Databricks, if a create needs the resource to exist: `catalog_ref` of
 * a schema.
 *
 * This table is the only source: `types.ts` gets the siblings from it, CRDs and rules follow, and the reconciler learns
 * from the schema where a name stands for an id.
 *
 * @module
 */
import * as z from "zod";

/** A field that takes an id. */
export interface ReferenceField {
  /** `warehouse_id`. */
  readonly id: string;
  /** The field beside it, if that does not follow from its name. */
  readonly ref?: string;
  /** The kind whose objects have such ids. */
  readonly kind: string;
  /**
   * The types that have the field in this sense: elsewhere it may be the object's own id, or that of something else.
   */
  readonly types: RegExp;
  /**
   * False for a field without a rule in the CRD: the API server limits the cost of all rules of a CRD, and these fields
   * are in lists of tasks. The operator still refuses an id beside a name.
   */
  readonly isRuled?: boolean;
  /** True for a field that takes only the last part of an id: `sales` of `main.sales`. */
  readonly isLastPart?: boolean;
}

/** The types of resources that keep their tables in a schema. */
const PLACES = /^(pipelines\.(PipelinesCreate|EventLogSpec)|ml\.UcTraceLocation)$/;

/** The fields that take an id of a resource that the operator manages. */
export const referenceFields: readonly ReferenceField[] = [
  { id: "job_id", kind: "DatabricksJob", types: /^jobs\.(RunJobTask|JobCompletionTriggerConfigurationMonitoredJob)$/ },
  { id: "pipeline_id", kind: "DatabricksPipeline", types: /^jobs\.PipelineTask$/ },
  { id: "existing_cluster_id", kind: "DatabricksCluster", types: /^jobs\.(Task|SubmitTask)$/ },
  {
    id: "warehouse_id",
    kind: "DatabricksSQLWarehouse",
    types:
      /^(jobs\.(\w*Task|SqlConditionConfiguration)|sql\.(AlertV2|CreateQueryRequestQuery)|dashboards\.(Dashboard|Schedule|LakeviewPublish|GenieCreateSpace)|catalog\.QualityMonitorsCreate)$/,
  },
  {
    id: "destination_id",
    kind: "DatabricksNotificationDestination",
    types: /^(jobs\.(SqlTaskSubscription|AlertTaskSubscriber|SubscriptionSubscriber)|sql\.AlertV2Subscription)$/,
  },
  { id: "query_id", kind: "DatabricksQuery", types: /^jobs\.SqlTaskQuery$/, isRuled: false },
  { id: "alert_id", kind: "DatabricksAlert", types: /^jobs\.AlertTask$/, isRuled: false },
  { id: "dashboard_id", kind: "DatabricksDashboard", types: /^jobs\.DashboardTask$/, isRuled: false },
  {
    id: "policy_id",
    kind: "DatabricksClusterPolicy",
    types: /^(compute\.Cluster(Spec|sCreate)|pipelines\.PipelineCluster)$/,
  },
  {
    id: "instance_pool_id",
    kind: "DatabricksInstancePool",
    types: /^(compute\.Cluster(Spec|sCreate)|pipelines\.PipelineCluster)$/,
  },
  {
    id: "driver_instance_pool_id",
    kind: "DatabricksInstancePool",
    types: /^(compute\.Cluster(Spec|sCreate)|pipelines\.PipelineCluster)$/,
  },
  { id: "sql_query_id", kind: "DatabricksQuery", types: /^jobs\.SqlConditionConfiguration$/ },
  { id: "query_id", kind: "DatabricksQuery", types: /^sql\.QueryBackedValue$/ },
  {
    id: "id",
    ref: "destination_ref",
    kind: "DatabricksNotificationDestination",
    types: /^jobs\.Webhook$/,
    isRuled: false,
  },
  { id: "catalog_name", kind: "DatabricksCatalog", types: /^catalog\.(Schemas|Volumes)Create$/ },
  { id: "schema_name", kind: "DatabricksSchema", types: /^catalog\.VolumesCreate$/, isLastPart: true },
  { id: "connection_name", kind: "DatabricksUnityCatalogConnection", types: /^catalog\.CatalogsCreate$/ },
  { id: "credential_name", kind: "DatabricksStorageCredential", types: /^catalog\.ExternalLocationsCreate$/ },
  { id: "catalog", ref: "catalog_ref", kind: "DatabricksCatalog", types: PLACES },
  { id: "schema", ref: "schema_ref", kind: "DatabricksSchema", types: PLACES, isLastPart: true },
  { id: "entity_name", kind: "DatabricksRegisteredModel", types: /^serving\.ServedEntityInput$/ },
  { id: "id", ref: "job_ref", kind: "DatabricksJob", types: /^apps\.AppResourceJob$/ },
  { id: "id", ref: "warehouse_ref", kind: "DatabricksSQLWarehouse", types: /^apps\.AppResourceSqlWarehouse$/ },
  { id: "name", ref: "endpoint_ref", kind: "DatabricksServingEndpoint", types: /^apps\.AppResourceServingEndpoint$/ },
  { id: "name", ref: "app_ref", kind: "DatabricksApp", types: /^apps\.AppResourceApp$/ },
  { id: "scope", ref: "scope_ref", kind: "DatabricksSecretScope", types: /^apps\.AppResourceSecret$/ },
  { id: "experiment_id", kind: "DatabricksExperiment", types: /^apps\.AppResourceExperiment$/ },
  {
    id: "securable_full_name",
    ref: "volume_ref",
    kind: "DatabricksVolume",
    types: /^apps\.AppResourceUcSecurable$/,
  },
  { id: "caller_credential_id", kind: "GitCredential", types: /^apps\.GitRepository$/ },
];

/** The reference of a type's field; `undefined` for other fields. */
export function referenceFieldOf(typeName: string, field: string): ReferenceField | undefined {
  return referenceFields.find(({ id, types }) => id === field && types.test(typeName));
}

/** The name of the field beside an id that takes a name: `warehouse_ref`. */
export function referenceName({ id, ref }: Pick<ReferenceField, "id" | "ref">): string {
  return ref ?? id.replace(/_(id|name)$/, "_ref");
}

/** Metadata of a schema for a field that takes an object's name. */
export interface ReferenceMeta {
  /** The field beside it that takes the id. */
  readonly id: string;
  readonly kind: string;
  /** True when the id is an int64. */
  readonly isNumber: boolean;
  /** True if one of the two is required. */
  readonly isNeeded: boolean;
  /** See {@link ReferenceField}. */
  readonly isRuled: boolean;
  /** See {@link ReferenceField}. */
  readonly isLastPart: boolean;
}

/** The schema of a field that takes the name of an object instead of an id. */
export function reference(
  id: string,
  kind: string,
  { isNumber = false, isNeeded = false, isRuled = true, isLastPart = false }: Partial<ReferenceMeta> = {},
): z.ZodOptional<z.ZodType<{ name: string; namespace?: string | undefined }>> {
  const meta: ReferenceMeta = { id, kind, isNumber, isNeeded, isRuled, isLastPart };
  const schema = z.looseObject({ name: z.string(), namespace: z.string().optional() }).meta({
    description: `A ${kind} of this namespace, by the name of its object; instead of ${id}`,
    refersTo: meta,
  });
  return schema.optional();
}
