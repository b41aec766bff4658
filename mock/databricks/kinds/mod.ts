/**
 * The kinds of one workspace with their own file in this folder: one line each.
 *
 * @module
 */
import { Apps } from "./apps.ts";
import { Alerts, Queries } from "./queries.ts";
import { ClusterPolicies } from "./cluster_policies.ts";
import { Clusters } from "./clusters.ts";
import type { KindContext } from "./context.ts";
import { Dashboards } from "./dashboards.ts";
import { Experiments } from "./experiments.ts";
import { InstancePools } from "./instance_pools.ts";
import { NotificationDestinations } from "./notification_destinations.ts";
import { Pipelines } from "./pipelines.ts";
import { ServingEndpoints } from "./serving_endpoints.ts";
import { SqlWarehouses } from "./sql_warehouses.ts";
import { UnityCatalog } from "./unity_catalog.ts";
import { VectorSearchEndpoints } from "./vector_search_endpoints.ts";
import { VectorSearchIndexes } from "./vector_search_indexes.ts";

/** The collections of a workspace, by kind. */
export type Kinds = {
  readonly clusters: Clusters;
  readonly policies: ClusterPolicies;
  readonly pools: InstancePools;
  readonly pipelines: Pipelines;
  readonly warehouses: SqlWarehouses;
  readonly catalog: UnityCatalog;
  readonly experiments: Experiments;
  readonly destinations: NotificationDestinations;
  readonly dashboards: Dashboards;
  readonly queries: Queries;
  readonly alerts: Alerts;
  readonly serving: ServingEndpoints;
  readonly vectorSearch: VectorSearchEndpoints;
  readonly vectorIndexes: VectorSearchIndexes;
  readonly apps: Apps;
};

/** Creates the collections of a new workspace, by kind. Each has `handlers()`. */
export function kindsOf(context: KindContext): Kinds {
  const vectorSearch = new VectorSearchEndpoints(context);
  return {
    clusters: new Clusters(context),
    policies: new ClusterPolicies(context),
    pools: new InstancePools(context),
    pipelines: new Pipelines(context),
    warehouses: new SqlWarehouses(context),
    catalog: new UnityCatalog(context),
    experiments: new Experiments(context),
    destinations: new NotificationDestinations(context),
    dashboards: new Dashboards(context),
    queries: new Queries(context),
    alerts: new Alerts(context),
    serving: new ServingEndpoints(context),
    vectorSearch,
    vectorIndexes: new VectorSearchIndexes(context, vectorSearch),
    apps: new Apps(context),
  };
}
