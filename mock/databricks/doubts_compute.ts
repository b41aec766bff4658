/**
 * Doubts about compute: cluster policies, SQL warehouses, clusters, instance pools, pipelines.
 *
 * @module
 */
import { doubt } from "./doubt.ts";

const policies = {
  missingPolicy: doubt({
    question: "With which status does policies/clusters/get say that there is no such policy?",
    answers: ["404", "400"],
    default: "404",
    source: "404 as the reference says of all APIs; older compute APIs say 400 (SDK: errors/overrides.py)",
    mark: "U",
  }),
  policyDefinition: doubt({
    question: "How does Databricks answer the JSON text of a policy's definition?",
    answers: ["as sent", "reformatted"],
    default: "as sent",
    source: "the reference says nothing; terraform-provider-databricks compares it as JSON",
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
    question: "What becomes of fields that an edit of a SQL warehouse leaves out?",
    answers: ["reset", "kept"],
    default: "reset",
    source: "the reference calls them optional; terraform-provider-databricks sends all",
    mark: "U",
  }),
  busyWarehouse: doubt({
    question: "Does a SQL warehouse take an edit, a start or a stop while it starts or stops?",
    answers: ["yes", "INVALID_STATE"],
    default: "yes",
    source: "clusters refuse it; of warehouses nobody says",
    mark: "U",
  }),
  deletedWarehouse: doubt({
    question: "What does a get say of a SQL warehouse that was deleted?",
    answers: ["404", "state DELETED"],
    default: "404",
    source: "the SDK knows the state DELETED and takes it for the end of a wait",
    mark: "U",
  }),
  warehouseNameTaken: doubt({
    question: "With which code does Databricks refuse a SQL warehouse whose name is taken?",
    answers: ["RESOURCE_ALREADY_EXISTS", "INVALID_PARAMETER_VALUE"],
    default: "RESOURCE_ALREADY_EXISTS",
    source: "the reference says that names are unique, and not how another one is refused",
    mark: "U",
  }),
};

const pools = {
  missingPool: doubt({
    question: "With which status does instance-pools/get say that there is no such pool?",
    answers: ["404", "400"],
    default: "404",
    source: "404 as the reference says of all APIs; older compute APIs say 400 (SDK: errors/overrides.py)",
    mark: "U",
  }),
  poolNameTaken: doubt({
    question: "With which code does Databricks refuse an instance pool whose name is taken?",
    answers: ["RESOURCE_ALREADY_EXISTS", "INVALID_PARAMETER_VALUE"],
    default: "INVALID_PARAMETER_VALUE",
    source: "the SDK's docstring says that names must be unique, and not how another one is refused",
    mark: "U",
  }),
  omittedByPoolEdit: doubt({
    question: "What becomes of fields that an edit of an instance pool leaves out?",
    answers: ["reset", "kept"],
    default: "reset",
    source: "the reference calls them optional; databricks/cli's own stand-in keeps what an edit does not take",
    mark: "U",
  }),
};

const pipelines = {
  pipelineNameTaken: doubt({
    question: "With which status does Databricks refuse a pipeline whose name is taken?",
    answers: ["409", "400"],
    default: "409",
    source: "databricks/cli#5261 quotes the text, and not the status",
    mark: "U",
  }),
  deletedPipeline: doubt({
    question: "What does a get say of a pipeline that was deleted?",
    answers: ["404", "state DELETED"],
    default: "404",
    source: "databricks/cli and terraform-provider-databricks poll until 404; the SDK knows the state DELETED",
    mark: "U",
  }),
  activeUpdate: doubt({
    question: "How is the start of an update refused while another one of the pipeline is active?",
    answers: ["409 RESOURCE_CONFLICT", "400 INVALID_PARAMETER_VALUE"],
    default: "409 RESOURCE_CONFLICT",
    source: "the SDK's docstring says that the request fails, and not how",
    mark: "U",
    drawn: true,
  }),
  updateLag: doubt({
    question: "Does the list of a pipeline's updates show a new one at once?",
    answers: ["none", "seconds"],
    default: "none",
    source: "the reference does not say; MockOptions.listLagMs says for how long here",
    mark: "U",
  }),
  updateCreator: doubt({
    question: "Does an update tell who began it?",
    answers: ["hidden", "told"],
    default: "hidden",
    source: "the SDK's UpdateInfo has no such field; answers have had more fields than the SDK",
    mark: "U",
    drawn: true,
  }),
  missingUpdate: doubt({
    question: "With which status is an update answered that is not there?",
    answers: ["404", "400"],
    default: "404",
    source: "404 as the reference says of all APIs; older APIs say 400 (SDK: errors/overrides.py)",
    mark: "U",
    drawn: true,
  }),
};

const clusters = {
  missingCluster: doubt({
    question: "How does clusters/get say that there is no such cluster?",
    answers: ["INVALID_PARAMETER_VALUE", "INVALID_STATE"],
    default: "INVALID_PARAMETER_VALUE",
    source:
      "400 with the former (SDK: errors/overrides.py); long after the end the latter (terraform-provider-databricks#1177)",
    mark: "S",
  }),
};

const serving = {
  failedServingConfig: doubt({
    question: "Does a get of a serving endpoint whose update failed show the configuration that failed?",
    answers: ["still pending", "not shown"],
    default: "still pending",
    source: "the SDK's docstring: pending_config is what the endpoint attempts to update to; silent about failures",
    mark: "U",
    drawn: true,
  }),
  servingSecrets: doubt({
    question: "Does a get of a serving endpoint show references to secrets, as in openai_api_key: {{secrets/a/b}}?",
    answers: ["shown as references", "left out"],
    default: "shown as references",
    source: "plain text never comes back (databricks/cli); about references nobody says",
    mark: "U",
    drawn: true,
  }),
};

const vectorSearch = {
  vectorTargetQps: doubt({
    question: "Does an answer about a vector search endpoint contain the target_qps that was asked for?",
    answers: ["answered", "not answered"],
    default: "answered",
    source: "the SDK 0.162.0 has scaling_info.requested_target_qps, and does not say when it is filled",
    mark: "U",
    drawn: true,
  }),
  deletedVectorIndex: doubt({
    question: "What does a get say of a vector search index whose deletion is under way?",
    answers: ["404", "pending deletion"],
    default: "404",
    source: "databricks/cli tells that a create of the same name is refused meanwhile; of gets nobody says",
    mark: "U",
    drawn: true,
  }),
  vectorIndexColumns: doubt({
    question: "Under which name does an answer have the columns of a vector search index?",
    answers: ["as asked for", "under the other name"],
    default: "as asked for",
    source: "the SDK 0.162.0 calls columns_to_index an alias for columns_to_sync",
    mark: "U",
    drawn: true,
  }),
  usedVectorEndpoint: doubt({
    question: "Is a vector search endpoint deleted while it has indexes?",
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
