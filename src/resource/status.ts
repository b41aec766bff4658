/**
 * The status that all kinds have, declared once: the CRDs are made of these schemas, and the reconciler's types follow
 * from them. What is not named here, the API server drops.
 *
 * Each field is optional in a status, which grows while the operator works and may be lost. Within a record, what the
 * operator always writes is required in the type; a CRD requires nothing of it, so that an older status stays valid.
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
/** A text of which the type knows the values. The CRD leaves it open. */
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
  type: z.string().describe("What is told about: Ready or Synced, among others"),
  status: z.enum(["True", "False", "Unknown"]).describe("Whether it holds"),
  reason: z.string().describe("Why, in one word for programs"),
  message: z.string().describe("Why, for the manifest's author"),
  lastTransitionTime: z.string().meta({ format: "date-time", description: "When status last changed" }),
  observedGeneration: z.int().describe("The generation of the manifest that it speaks of").optional(),
});

const PendingSchema = z.object({
  operation: word<"create" | "recreate">("What was begun: create or recreate"),
  token: text("What makes the operation known again"),
  name: text("The name that it was begun with").optional(),
  workspace: text("The workspace in which it was begun").optional(),
  since: time("When it was begun"),
  until: time("When the attempt had ended at the latest").optional(),
  absent: flag("Whether it was seen to be missing beforehand"),
});

const SourceSchema = z.object({
  name: text("The Secret's name"),
  uid: text("Its UID"),
  resourceVersion: text("Its version, when its values were last sent"),
});

const PartSchema = z.object({
  stamp: text("When Databricks says that it was last written").optional(),
  value: text("What was last asked for, such as a level of permission").optional(),
  kept: flag("Whether it was there before, so that it is not deleted").optional(),
  needed: flag("Whether the operator itself needs it").optional(),
});

const RunRequestSchema = z.object({
  hash: text("The fingerprint of the spec.run that was last started"),
  token: text("The idempotency token that it was started with").optional(),
  run_id: text("The run that it became").optional(),
  since: time("When it was asked for").optional(),
  refused: flag("Whether Databricks refused it").optional(),
});

const RepairRequestSchema = z.object({
  attempt: z.int().describe("The highest number that the manifest gave one"),
  asked: z.int().describe("How many the manifest asked for"),
  known: z.int().describe("How many there were before"),
  since: time("When it was asked for"),
  latest: text("The latest one before").optional(),
  automatic: flag("Whether a rule asked for it, and not the manifest").optional(),
  repair_id: text("The repair that it became").optional(),
  refused: text("Why it was refused").optional(),
});

/** The status fields of all kinds. */
export const commonStatus = {
  observedGeneration: z.int().describe("The generation of the manifest that was last worked on").optional(),
  conditions: z.array(ConditionSchema).meta({
    description: "What is the matter: Ready and Synced, among others",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["type"],
  }).optional(),
  id: text("The id in Databricks").optional(),
  workspace: text("The workspace that it is in").optional(),
  url: text("Its page in the web application").optional(),
  owner: word<Ownership>("Who decides what it looks like: operator (the manifest) or api (Databricks)").optional(),
  pending: lenient(PendingSchema).describe("A create that may have happened but is not confirmed").optional(),
  create_refused: flag("True when the last create was refused, so that nothing was made").optional(),
  fingerprints: text("What drift is compared with, in the operator's own form").optional(),
  baseline: z.looseObject({}).describe("What version 0.1 kept in place of fingerprints; it is read once").optional(),
  source: lenient(SourceSchema).describe("The Secret whose values were last sent").optional(),
  references: z.record(z.string(), z.string()).describe("The ids that were used for objects that spec names")
    .optional(),
  parts: z.record(z.string(), lenientAndOpen(PartSchema))
    .describe("What was written piece by piece, such as the keys of a scope").optional(),
};

/** A further status field of kinds with runs. */
export const runStatus = {
  run_request: lenient(RunRequestSchema).describe("What became of spec.run").optional(),
};

/** A further status field of kinds that happen once. */
export const onceStatus = {
  repair_request: lenient(RepairRequestSchema).describe("What became of the repair that was last asked for").optional(),
  final: flag("True when it has come to its end, so that it is not looked at again").optional(),
};

/** The source of truth: the manifest, or Databricks. */
export type Ownership = "operator" | "api";

/** A create that may have happened. */
export type Pending = In<typeof PendingSchema>;

/** The Secret whose values were sent. */
export type Source = In<typeof SourceSchema>;

/** A part (a key, an ACL) that this object put, or that was there before it (`kept`). */
export type RecordedPart = In<typeof PartSchema>;

/** The run that `spec.run` asked for. */
export type RunRequest = In<typeof RunRequestSchema>;

/** The last time that what had ended was begun anew, such as a run that is repaired. */
export type RepairRequest = In<typeof RepairRequestSchema>;

type Fields = z.infer<z.ZodObject<typeof commonStatus & typeof runStatus & typeof onceStatus>>;
/** Fields whose type is said here, since zod's has `undefined` in it. */
interface Records {
  conditions?: Condition[];
  pending?: Pending;
  source?: Source;
  parts?: Record<string, RecordedPart>;
  run_request?: RunRequest;
  repair_request?: RepairRequest;
}

/** The status as it is stored, without the fields that single kinds have. */
export type StoredStatus =
  & { -readonly [Field in keyof Exact<Omit<Fields, keyof Records>>]: Exact<Fields>[Field] }
  & Records;
