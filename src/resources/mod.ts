/**
 * The registry: every kind that the operator manages, one line each. Scopes come before the secrets that need them.
 *
 * @module
 */
import type { Resource } from "../resource.ts";
import { databricksAlert } from "./databricks_alert.ts";
import { databricksApp } from "./databricks_app.ts";
import { databricksCatalog } from "./databricks_catalog.ts";
import { databricksCluster } from "./databricks_cluster.ts";
import { databricksClusterPolicy } from "./databricks_cluster_policy.ts";
import { databricksUnityCatalogConnection } from "./databricks_unity_catalog_connection.ts";
import { databricksDashboard } from "./databricks_dashboard.ts";
import { databricksDirectory } from "./databricks_directory.ts";
import { databricksExperiment } from "./databricks_experiment.ts";
import { databricksExternalLocation } from "./databricks_external_location.ts";
import { databricksGrants } from "./databricks_grants.ts";
import { databricksInstancePool } from "./databricks_instance_pool.ts";
import { databricksJob } from "./databricks_job.ts";
import { databricksNotificationDestination } from "./databricks_notification_destination.ts";
import { databricksPermissions } from "./databricks_permissions.ts";
import { databricksPipeline } from "./databricks_pipeline.ts";
import { databricksQuery } from "./databricks_query.ts";
import { databricksRegisteredModel } from "./databricks_registered_model.ts";
import { databricksRun } from "./databricks_run.ts";
import { databricksSchema } from "./databricks_schema.ts";
import { databricksSecret } from "./databricks_secret.ts";
import { databricksSecretScope } from "./databricks_secret_scope.ts";
import { databricksServingEndpoint } from "./databricks_serving_endpoint.ts";
import { databricksSQLWarehouse } from "./databricks_sql_warehouse.ts";
import { databricksStorageCredential } from "./databricks_storage_credential.ts";
import { databricksVectorSearchEndpoint } from "./databricks_vector_search_endpoint.ts";
import { databricksVectorSearchIndex } from "./databricks_vector_search_index.ts";
import { databricksVolume } from "./databricks_volume.ts";
import { databricksWorkspaceFile } from "./databricks_workspace_file.ts";
import { gitCredential } from "./git_credential.ts";
import { repo } from "./repo.ts";

/** All kinds. */
export const resources: readonly Resource[] = [
  databricksJob,
  databricksRun,
  gitCredential,
  repo,
  databricksSecretScope,
  databricksSecret,
  databricksClusterPolicy,
  databricksInstancePool,
  databricksCluster,
  databricksSQLWarehouse,
  databricksStorageCredential,
  databricksExternalLocation,
  databricksUnityCatalogConnection,
  databricksCatalog,
  databricksSchema,
  databricksVolume,
  databricksRegisteredModel,
  databricksPipeline,
  databricksDirectory,
  databricksWorkspaceFile,
  databricksExperiment,
  databricksNotificationDestination,
  databricksDashboard,
  databricksQuery,
  databricksAlert,
  databricksServingEndpoint,
  databricksVectorSearchEndpoint,
  databricksVectorSearchIndex,
  databricksApp,
  databricksPermissions,
  databricksGrants,
];
