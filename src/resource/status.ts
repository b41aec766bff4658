/**
 * The status that all kinds have, declared once: the CRDs are generated from these schemas, and the reconciler's types
 * follow from them. The API server drops any other field.
 *
 * Each field is optional in a status, which grows while the operator works and may be lost. Within a record, a field
 * that the operator always writes is required in the type; a CRD does not require it, so that an older status stays
 * valid.
 *
 * @module
 */
import * as z from "zod";

/** A type without `undefined` in its optional fields. */
type Exact<Type> = { readonly [Field in keyof Type]: Exclude<Type[Field], undefined> };
/** The type of a record in a status. */
type In<Schema extends z.ZodType> = Exact<z.infer<Schema>>;

const text = (description: string) => z.string().describe(description);
const flag = (description: string) => z.boolean().describe(description);
const time = (description: string) => z.string().meta({ format: "date-time", description });
/** A text whose values the type knows. The CRD leaves it open. */
const word = <Word extends string>(description: string) => text(description) as unknown as z.ZodType<Word>;

/** The schema of a record in a CRD. */
function lenient<Schema extends z.ZodObject>(schema: Schema): Schema {
  return schema.partial() as unknown as Schema;
}

/** The same, which keeps fields that this version does not know. */
function lenientAndOpen<Schema extends z.ZodObject>(schema: Schema): Schema {
  return z.looseObject(schema.partial().shape) as unknown as Schema;
}

/** A condition, as in metav1.Condition. */
export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration: number;
}

const ConditionSchema: z.ZodObject<Record<keyof Condition, z.ZodType>> = z.object({
  type: z.string().describe("The type: Ready or Synced, among others"),
  status: z.enum(["True", "False", "Unknown"]).describe("The condition's status"),
  reason: z.string().describe("The reason, as one word for programs"),
  message: z.string().describe("The reason, as a sentence for the author of the manifest"),
  lastTransitionTime: z.string().meta({
    format: "date-time",
    description: "The time at which the status last changed",
  }),
  observedGeneration: z.int().describe("The generation of the manifest that the condition describes").optional(),
});

const PendingSchema = z.object({
  operation: word<"create" | "recreate">("The operation: create or recreate"),
  token: text("A token that identifies the operation"),
  name: text("The name in the request").optional(),
  workspace: text("The workspace of the request").optional(),
  since: time("The time at which the operation began"),
  until: time("The latest time at which the attempt can have ended").optional(),
  absent: flag("True: the resource was missing beforehand"),
  after: time("The newest earlier run, by Databricks' clock, where a create takes no token").optional(),
});

const SourceSchema = z.object({
  name: text("The Secret's name"),
  uid: text("Its UID"),
  resourceVersion: text("The version whose values were last sent"),
});

const PartSchema = z.object({
  stamp: text("The time of the last write, from Databricks").optional(),
  value: text("The last desired value, such as a permission level").optional(),
  kept: flag("True if it existed before, so that it is not deleted").optional(),
  needed: flag("True if the operator itself needs it").optional(),
});

const RunRequestSchema = z.object({
  hash: text("The fingerprint of the last spec.run that was started"),
  token: text("The idempotency token of the request").optional(),
  run_id: text("The id of the run").optional(),
  since: time("The time of the first request").optional(),
  refused: flag("True if Databricks rejected it").optional(),
});

const RepairRequestSchema = z.object({
  attempt: z.int().describe("The highest attempt number in the manifest"),
  asked: z.int().describe("The number of repairs that the manifest requested"),
  known: z.int().describe("The number of earlier repairs"),
  since: time("The time of the first request"),
  latest: text("The latest earlier repair").optional(),
  automatic: flag("True if a rule requested it, and not the manifest").optional(),
  repair_id: text("The id of the repair").optional(),
  refused: text("The reason of the refusal").optional(),
});

const PlannedChangeSchema = z.object({
  path: text("The field, or the part, such as permissions[group:eng]"),
  from: text("The value in Databricks, as JSON; absent where there is none").optional(),
  to: text("The value in the manifest, as JSON; absent where there is none").optional(),
  reason: word<PlanCause>("The cause of this change"),
});

const PlanSchema = z.object({
  digest: text("The digest of the plan's content, which an approval names"),
  action: word<PlanAction>("create, update, adopt, recreate or delete"),
  cause: word<PlanCause>("manifest, drift, rotation or deletion"),
  since: time("The time since which it waits"),
  destructive: text("The data that it destroys").optional(),
  cost: text("The part that costs money").optional(),
  summary: text("The plan in one line"),
  total: z.int().describe("The number of changes"),
  changes: z.array(lenient(PlannedChangeSchema)).describe("The first changes"),
});

const ApprovedSchema = z.object({
  digest: text("The digest of the approved plan"),
  at: time("The time at which it was accepted"),
  annotation: text("The annotation, which is not accepted again"),
  used: flag("True once the plan was carried out, or is void").optional(),
});

const SyncRequestSchema = z.object({
  text: text("The annotation databricks-operator/sync"),
  at: time("The time at which the resource was looked at"),
});

/** The status fields of all kinds. */
export const commonStatus = {
  observedGeneration: z.int().describe("The last generation of the manifest that was reconciled").optional(),
  conditions: z.array(ConditionSchema).meta({
    description: "The conditions: Ready and Synced, among others",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["type"],
  }).optional(),
  id: text("The id in Databricks").optional(),
  workspace: text("The workspace of the resource").optional(),
  connection: text("The DatabricksConnection in use; none where the ConfigMap is").optional(),
  principal: text("The user or service principal that the operator is in the workspace").optional(),
  url: text("Its page in the web application").optional(),
  owner: word<Ownership>("The source of truth: operator (the manifest) or api (Databricks)").optional(),
  pending: lenient(PendingSchema).describe("A create that may have happened but is not confirmed").optional(),
  create_refused: flag("True when the last create was refused, so that nothing was made").optional(),
  fingerprints: text("The baseline that drift is measured against, in the operator's own format").optional(),
  baseline: z.looseObject({}).describe("The baseline of version 0.1, which is read once and becomes fingerprints")
    .optional(),
  source: lenient(SourceSchema).describe("The Secret whose values were last sent").optional(),
  references: z.record(z.string(), z.string()).describe("The ids of the objects that spec names")
    .optional(),
  parts: z.record(z.string(), lenientAndOpen(PartSchema))
    .describe("The parts that are written one by one, such as the keys of a scope").optional(),
  plan: lenient(PlanSchema).describe("The change that waits for an approval").optional(),
  approved: lenient(ApprovedSchema).describe("The last approval").optional(),
  sync_request: lenient(SyncRequestSchema).describe("The last sync request that was handled").optional(),
};

/** A further status field of kinds with runs. */
export const runStatus = {
  run_request: lenient(RunRequestSchema).describe("The run that spec.run requests").optional(),
};

/** A further status field of kinds that happen once. */
export const onceStatus = {
  repair_request: lenient(RepairRequestSchema).describe("The last requested repair").optional(),
  final: flag("True when the run has ended, so that it is not read again").optional(),
};

/** The source of truth: the manifest, or Databricks. */
export type Ownership = "operator" | "api";

/** The action of a plan. */
export type PlanAction = "create" | "update" | "adopt" | "recreate" | "delete";
/** The cause of a plan. */
export type PlanCause = "manifest" | "drift" | "rotation" | "deletion";

/** A change that waits for an approval. */
export type PendingPlan = In<typeof PlanSchema>;
/** An approval that was accepted. */
export type Approved = In<typeof ApprovedSchema>;

/** A request to read the resource, which was handled. */
export type SyncRequest = In<typeof SyncRequestSchema>;

/** A create that may have happened. */
export type Pending = In<typeof PendingSchema>;

/** The Secret whose values were sent. */
export type Source = In<typeof SourceSchema>;

/** A part (a key, an ACL) that this object wrote, or that existed before it (`kept`). */
export type RecordedPart = In<typeof PartSchema>;

/** The run that `spec.run` requested. */
export type RunRequest = In<typeof RunRequestSchema>;

/** The last restart of a resource that had ended, such as a repair of a run. */
export type RepairRequest = In<typeof RepairRequestSchema>;

type Fields = z.infer<z.ZodObject<typeof commonStatus & typeof runStatus & typeof onceStatus>>;
/** Fields whose types are declared here, since zod's include `undefined`. */
interface Records {
  conditions?: Condition[];
  pending?: Pending;
  source?: Source;
  parts?: Record<string, RecordedPart>;
  run_request?: RunRequest;
  repair_request?: RepairRequest;
  plan?: PendingPlan;
  approved?: Approved;
  sync_request?: SyncRequest;
}

/** The stored status, without the fields of single kinds. */
export type StoredStatus =
  & { -readonly [Field in keyof Exact<Omit<Fields, keyof Records>>]: Exact<Fields>[Field] }
  & Records;
