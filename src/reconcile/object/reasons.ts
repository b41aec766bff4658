/**
 * All reasons of conditions and Events, which scripts, alerts and docs/operations.md rely on. The types of these lists
 * prevent the code from using any other.
 *
 * @module
 */

/** All is well. */
export const healthy = ["Available", "Connected", "ReconcileSuccess", "RunStarted", "RunSucceeded"] as const;

/** Something is in progress, or held on request. */
export const underWay = [
  "Creating",
  "Deleting",
  "Missing",
  "Paused",
  "PlanPending",
  "DriftReported",
  "Starting",
  "Updating",
  "Stopping",
  "Stopped",
  "ExternalBusy",
  "Suspended",
  "Pending",
  "Queued",
  "Running",
  "Cancelling",
  "Repairing",
] as const;

/** Something prevents the operator from applying the manifest. Each comes with a Warning Event. */
export const failures = [
  // Settings and credentials of the namespace.
  "SettingsMissing",
  "SettingsInvalid",
  "InvalidSetting",
  "CredentialsMissing",
  "CredentialsInvalid",
  "Unauthenticated",
  "PermissionDenied",
  "WorkspaceChanged",
  "InUse",
  // The manifest, and the objects that it refers to.
  "InvalidSpec",
  "InvalidAnnotation",
  "InvalidRequest",
  "Immutable",
  "NotApplied",
  "RepairNotHolding",
  "ReadInPart",
  "SecretMissing",
  "SecretInvalid",
  "SecretUnreadable",
  "ConfigMapMissing",
  "ConfigMapInvalid",
  "ScopeMissing",
  "ReferenceNotReady",
  "ParentMissing",
  "RunRefused",
  "ContinuousJob",
  "ContinuousPipeline",
  // Ownership of the resource.
  "AlreadyExists",
  "AdoptionRequired",
  "AdoptionAmbiguous",
  "NotFound",
  "HeldByAnother",
  "OwnedByAnother",
  "OwnedByUnknown",
  "OwnedByDatabricks",
  "NothingToFollow",
  // Databricks.
  "DataMissing",
  "ExternalConflict",
  "ExternalFailed",
  "RunFailed",
  "RunCancelled",
  "RunSkipped",
  "DeadlineExceeded",
  "HistoryExpired",
  "RateLimited",
  "Unavailable",
  // Kubernetes, and the operator itself.
  "CrdOutdated",
  "CrdMissing",
  "KubernetesForbidden",
  "KubernetesError",
  "ApiServerUnreachable",
  "InternalError",
] as const;

/** The reasons of Events without a condition, or beside a healthy condition. */
export const news = [
  "Created",
  "Bound",
  "Following",
  "HandedOver",
  "Updated",
  "DriftCorrected",
  "CredentialSent",
  "PlanReady",
  "PlanApproved",
  "ApprovalStale",
  "DriftReported",
  "RunStarted",
  "RunSucceeded",
  "RunRepaired",
  "ExternalResourceMissing",
  "DuplicateExternalResource",
  "SettingsNotInManifest",
  "ManagedElsewhere",
  "UnknownField",
  "DoubtfulField",
  "UnknownSetting",
  "KindNotManaged",
  "Deleted",
  "Released",
  "Retained",
  "LeftBehind",
] as const;

/** The reason of a failure. */
export type FailureReason = typeof failures[number];
/** The reason of a condition. */
export type ConditionReason = typeof healthy[number] | typeof underWay[number] | FailureReason;
/** The reason of an Event. */
export type EventReason = typeof news[number] | FailureReason;
