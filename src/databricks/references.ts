/**
 * References by name: a field that takes the id of something that the operator manages has a sibling that takes the name
 * of its object in Kubernetes. `run_job_task: { job_id: 123 }` may be `run_job_task: { job_ref: { name: load } }`.
 *
 * This table is all that there is to say about it: `types.ts` gets the siblings from it, CRDs and rules follow, and the
 * reconciler reads from the schema where a name stands for an id.
 *
 * @module
 */
import * as z from "zod";

/** A field that takes an id. */
export interface ReferenceField {
  /** `warehouse_id`. */
  readonly id: string;
  /** The kind whose objects have such ids. */
  readonly kind: string;
  /** The types that have the field in this sense: elsewhere it may be the object's own id, or another thing's. */
  readonly types: RegExp;
  /**
   * False for a field of which the CRD has no rule: the API server bounds the cost of all rules of a CRD, and these stand
   * in lists of tasks. The operator refuses an id beside a name all the same.
   */
  readonly isRuled?: boolean;
}

/** The fields that take an id of something that the operator manages. */
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
];

/** The reference that a type's field is; `undefined` for other fields. */
export function referenceFieldOf(typeName: string, field: string): ReferenceField | undefined {
  return referenceFields.find(({ id, types }) => id === field && types.test(typeName));
}

/** The name of the field beside an id that takes a name: `warehouse_ref`. */
export function referenceName(id: string): string {
  return id.replace(/_id$/, "_ref");
}

/** Metadata of a schema for a field that takes an object's name. */
export interface ReferenceMeta {
  /** The field beside it that takes the id. */
  readonly id: string;
  readonly kind: string;
  /** True when the id is an int64. */
  readonly isNumber: boolean;
  /** True when one of the two is needed. */
  readonly isNeeded: boolean;
  /** See {@link ReferenceField}. */
  readonly isRuled: boolean;
}

/** The schema of a field that takes the name of an object instead of an id. */
export function reference(
  id: string,
  kind: string,
  { isNumber = false, isNeeded = false, isRuled = true }: Partial<ReferenceMeta> = {},
): z.ZodOptional<z.ZodType<{ name: string; namespace?: string | undefined }>> {
  const meta: ReferenceMeta = { id, kind, isNumber, isNeeded, isRuled };
  const schema = z.looseObject({ name: z.string(), namespace: z.string().optional() }).meta({
    description: `A ${kind} of this namespace, by the name of its object; instead of ${id}`,
    refersTo: meta,
  });
  return schema.optional();
}
