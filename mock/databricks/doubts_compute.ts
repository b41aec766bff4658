/**
 * Doubts about compute: cluster policies, SQL warehouses, clusters, instance pools, pipelines.
 *
 * @module
 */
import { doubt } from "./doubt.ts";

const policies = {
  missingPolicy: doubt({
    question: "Which status does policies/clusters/get return for a policy that does not exist?",
    answers: ["404", "400"],
    default: "404",
    source: "404 in the reference of all APIs; older compute APIs return 400 (SDK: errors/overrides.py)",
    mark: "U",
  }),
  policyDefinition: doubt({
    question: "How does Databricks return the JSON text of a policy's definition?",
    answers: ["as sent", "reformatted"],
    default: "as sent",
    source: "the reference is silent; terraform-provider-databricks compares it as JSON",
    mark: "U",
  }),
};

const warehouses = {
  warehouseEdit: doubt({
    question: "What does an edit of a stopped SQL warehouse do to its state?",
    answers: ["leaves it", "starts it"],
    default: "leaves it",
    source: "databricks/cli#5864: the SDK waits for RUNNING after an edit",
    mark: "U",
  }),
  omittedByWarehouseEdit: doubt({
    question: "What does an edit of a SQL warehouse do to fields that it omits?",
    answers: ["reset", "kept"],
    default: "reset",
    source: "the reference calls them optional; terraform-provider-databricks sends all",
    mark: "U",
  }),
  busyWarehouse: doubt({
    question: "Does a SQL warehouse accept an edit, a start or a stop while it starts or stops?",
    answers: ["yes", "INVALID_STATE"],
    default: "yes",
    source: "clusters reject it; no source for warehouses",
    mark: "U",
  }),
  deletedWarehouse: doubt({
    question: "What does a get of a deleted SQL warehouse return?",
    answers: ["404", "state DELETED"],
    default: "404",
    source: "the SDK knows the state DELETED and stops waiting at it",
    mark: "U",
  }),
  warehouseNameTaken: doubt({
    question: "With which code does Databricks reject a SQL warehouse with a taken name?",
    answers: ["RESOURCE_ALREADY_EXISTS", "INVALID_PARAMETER_VALUE"],
    default: "RESOURCE_ALREADY_EXISTS",
    source: "the reference says that names are unique; silent about the error",
    mark: "U",
  }),
};

const pools = {
  missingPool: doubt({
    question: "Which status does instance-pools/get return for a pool that does not exist?",
    answers: ["404", "400"],
    default: "404",
    source: "404 in the reference of all APIs; older compute APIs return 400 (SDK: errors/overrides.py)",
    mark: "U",
  }),
  poolNameTaken: doubt({
    question: "With which code does Databricks reject an instance pool with a taken name?",
    answers: ["RESOURCE_ALREADY_EXISTS", "INVALID_PARAMETER_VALUE"],
    default: "INVALID_PARAMETER_VALUE",
    source: "the SDK's docstring says that names must be unique; silent about the error",
    mark: "U",
  }),
  omittedByPoolEdit: doubt({
    question: "What does an edit of an instance pool do to fields that it omits?",
    answers: ["reset", "kept"],
    default: "reset",
    source: "the reference calls them optional; the stand-in of databricks/cli keeps fields that an edit cannot set",
    mark: "U",
  }),
};

const pipelines = {
  pipelineNameTaken: doubt({
    question: "With which status does Databricks reject a pipeline with a taken name?",
    answers: ["409", "400"],
    default: "409",
    source: "databricks/cli#5261 quotes the text, without the status",
    mark: "U",
  }),
  deletedPipeline: doubt({
    question: "What does a get of a deleted pipeline return?",
    answers: ["404", "state DELETED"],
    default: "404",
    source: "databricks/cli and terraform-provider-databricks poll until 404; the SDK knows the state DELETED",
    mark: "U",
  }),
  activeUpdate: doubt({
    question: "How is the start of a pipeline update rejected while another update is active?",
    answers: ["409 RESOURCE_CONFLICT", "400 INVALID_PARAMETER_VALUE"],
    default: "409 RESOURCE_CONFLICT",
    source: "the SDK's docstring says that the request fails; silent about the error",
    mark: "U",
    drawn: true,
  }),
  updateLag: doubt({
    question: "When does the list of a pipeline's updates show a new one?",
    answers: ["none", "seconds"],
    default: "none",
    source: "the reference is silent; MockOptions.listLagMs sets the delay",
    mark: "U",
  }),
  updateCreator: doubt({
    question: "Does a pipeline update show who started it?",
    answers: ["hidden", "returned"],
    default: "hidden",
    source: "the SDK's UpdateInfo has no such field; answers have had more fields than the SDK",
    mark: "U",
    drawn: true,
  }),
  missingUpdate: doubt({
    question: "Which status does a get of an update that does not exist return?",
    answers: ["404", "400"],
    default: "404",
    source: "404 in the reference of all APIs; older APIs return 400 (SDK: errors/overrides.py)",
    mark: "U",
    drawn: true,
  }),
};

const clusters = {
  missingCluster: doubt({
    question: "Which code does clusters/get return for a cluster that does not exist?",
    answers: ["INVALID_PARAMETER_VALUE", "INVALID_STATE"],
    default: "INVALID_PARAMETER_VALUE",
    source:
      "400 with the first (SDK: errors/overrides.py); long after termination the second (terraform-provider-databricks#1177)",
    mark: "S",
  }),
};

const serving = {
  failedServingConfig: doubt({
    question: "Does a get of a serving endpoint whose update failed show the configuration that failed?",
    answers: ["still pending", "not shown"],
    default: "still pending",
    source: "the SDK's docstring: pending_config is the configuration of the update in progress; silent about failures",
    mark: "U",
    drawn: true,
  }),
  servingSecrets: doubt({
    question: "Does a get of a serving endpoint show references to secrets, as in openai_api_key: {{secrets/a/b}}?",
    answers: ["shown as references", "left out"],
    default: "shown as references",
    source: "plain text is never returned (databricks/cli); no source for references",
    mark: "U",
    drawn: true,
  }),
};

const vectorSearch = {
  vectorTargetQps: doubt({
    question: "Does a get of a vector search endpoint return the requested target_qps?",
    answers: ["returned", "not returned"],
    default: "returned",
    source: "the SDK 0.162.0 has scaling_info.requested_target_qps; silent about when it is set",
    mark: "U",
    drawn: true,
  }),
  deletedVectorIndex: doubt({
    question: "What does a get of a vector search index return during its deletion?",
    answers: ["404", "pending deletion"],
    default: "404",
    source: "databricks/cli: a create of the same name is rejected meanwhile; no source for gets",
    mark: "U",
    drawn: true,
  }),
  vectorIndexColumns: doubt({
    question: "Under which name does a response contain the columns of a vector search index?",
    answers: ["as requested", "under the other name"],
    default: "as requested",
    source: "the SDK 0.162.0 calls columns_to_index an alias for columns_to_sync",
    mark: "U",
    drawn: true,
  }),
  usedVectorEndpoint: doubt({
    question: "Can a vector search endpoint be deleted while it has indexes?",
    answers: ["refused", "with its indexes"],
    default: "refused",
    source: "the reference is silent",
    mark: "U",
    drawn: true,
  }),
};

/** All doubts about compute. */
export const computeDoubts = {
  ...clusters,
  ...policies,
  ...warehouses,
  ...pools,
  ...pipelines,
  ...serving,
  ...vectorSearch,
};
