/**
 * Descriptions of a job's tasks of further types.
 *
 * @module
 */

import { gitOrWorkspace, subscriber } from "./tasks.ts";

/** Tasks of further types. */
export const otherTasks = {
  "jobs.AiRuntimeTask": {
    experiment: "The MLflow experiment that records the run.",
    deployments: "The commands and their hardware.",
    code_source_path: "The code's path.",
    docker_image_url: "The container image.",
    mlflow_artifact_location: "The location of MLflow artifacts.",
    mlflow_experiment_directory: "The folder of the experiment.",
    mlflow_run: "The MLflow run's name.",
    priority_class: "The priority when capacity is scarce.",
    unity_catalog_image_path: "The image in Unity Catalog.",
  },
  "jobs.DeploymentSpec": {
    compute: "The hardware.",
    command_path: "The path of the command.",
    name: "The deployment's name.",
  },
  "jobs.ComputeSpec": {
    accelerator_type: "The accelerator.",
    accelerator_count: "The number of accelerators.",
    provisioned_capacity_id: "Reserved capacity to run on.",
  },
  "jobs.GenAiComputeTask": {
    dl_runtime_image: "The runtime image.",
    command: "The command, such as a launcher with its options.",
    compute: "The hardware.",
    mlflow_experiment_name: "The MLflow experiment that records the run.",
    source: gitOrWorkspace,
    training_script_path: "The script's path.",
    yaml_parameters: "Parameters as YAML text.",
    yaml_parameters_file_path: "The path of a file with parameters.",
  },
  "jobs.ComputeConfig": {
    num_gpus: "The number of GPUs.",
    gpu_node_pool_id: "The pool of the GPUs.",
    gpu_type: "The type of GPU.",
  },
  "jobs.AlertTask": {
    alert_id: "The alert's id.",
    parameters: "Parameters of the alert's query.",
    subscribers: "The recipients.",
    warehouse_id: "The SQL warehouse that evaluates it.",
    workspace_path: "The alert's path.",
  },
  "jobs.AlertTaskSubscriber": subscriber,
  "jobs.DashboardTask": {
    dashboard_id: "The dashboard's id.",
    filters: "Values of the dashboard's filters.",
    subscription: "The recipients of the dashboard.",
    warehouse_id: "The SQL warehouse; defaults to the dashboard's own.",
  },
  "jobs.Subscription": {
    attachment: "The attachments of the messages.",
    custom_subject: "The subject of the e-mails.",
    paused: "Send nothing.",
    subscribers: "The recipients of the dashboard.",
  },
  "jobs.SubscriptionAttachment": {
    data_attachment: "Attach the data of widgets.",
    page_attachment: "Attach pages.",
  },
  "jobs.SubscriptionAttachmentDataAttachment": {
    widgets: "The widgets.",
    file_format: "The format of the files.",
    include_applied_filters: "Show the filters that were applied.",
  },
  "jobs.SubscriptionAttachmentDataAttachmentWidget": {
    page_id: "The page that the widget is on.",
    widget_id: "The widget's id.",
  },
  "jobs.SubscriptionAttachmentPageAttachment": {
    page_ids: "The pages, if only a subset is sent.",
    page_selection: "All pages or a subset.",
  },
  "jobs.SubscriptionSubscriber": subscriber,
  "jobs.PowerBiTask": {
    connection_resource_name: "The connection to Power BI.",
    power_bi_model: "The semantic model that is published.",
    refresh_after_update: "Refresh the model after an update.",
    tables: "The tables to publish.",
    warehouse_id: "The SQL warehouse that Power BI reads from.",
  },
  "jobs.PowerBiModel": {
    authentication_method: "How Power BI signs in.",
    model_name: "The model's name.",
    overwrite_existing: "Replace a model of the same name.",
    storage_mode: "The storage mode.",
    workspace_name: "The Power BI workspace.",
  },
  "jobs.PowerBiTable": {
    catalog: "The table's catalog.",
    name: "The table's name.",
    schema: "The table's schema.",
    storage_mode: "The storage mode of its data.",
  },
};
