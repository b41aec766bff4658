/**
 * DatabricksInstancePool: instances that are kept ready, so that clusters start sooner (Instance Pools API 2.0).
 *
 * The cloud provider bills idle instances, Databricks does not; `min_idle_instances` of them are always kept.
 *
 * @module
 */
import * as z from "zod";
import { type InstancePoolAndStats, InstancePoolsCreate, InstancePoolsEdit } from "../databricks/types.ts";
import {
  commonColumns,
  defineResource,
  endpoint,
  type External,
  type FindContext,
  type Intent,
  type Owner,
  type Resource,
  type Workspace,
} from "../resource.ts";
import { absent, taken } from "./shared/compute_quirks.ts";
import { hasMark, markAt, markOf, withMark, withoutMark } from "./shared/owner_tags.ts";
import { withPermissions } from "./shared/permissions.ts";

const { instance_pool_name, ...settings } = InstancePoolsCreate.shape;

const Pool = z.looseObject({ instance_pool_name: instance_pool_name.optional(), ...settings })
  .meta({ typeName: "compute.InstancePool" });

const Spec = z.looseObject({ pool: Pool.describe("The pool, with the fields of the Instance Pools API") });

type Pool = z.infer<typeof Pool>;
type Observed = InstancePoolAndStats;

/** The maximum number of custom tags besides Databricks' own: the API's docstring says 45. */
const MAX_TAGS = 45;

const nameTaken = { ...taken, message: /already exists|must be unique/i };

const endpoints = {
  get: endpoint("GET /api/2.0/instance-pools/get", { errors: [absent] }),
  list: endpoint("GET /api/2.0/instance-pools/list", { items: "instance_pools" }),
  create: endpoint("POST /api/2.0/instance-pools/create", { errors: [nameTaken] }),
  edit: endpoint("POST /api/2.0/instance-pools/edit", { repeatable: true, errors: [absent, nameTaken] }),
  delete: endpoint("POST /api/2.0/instance-pools/delete", { repeatable: true, errors: [absent] }),
};

/** The fields that an edit accepts; nothing else can be changed. */
const EDITABLE = Object.keys(InstancePoolsEdit.shape).filter((field) => field !== "node_type_id");
/** Defaults (docstrings of the SDK, 0.162.0: compute.py). An edit includes them, since it may reset omitted fields. */
const DEFAULTS = { min_idle_instances: 0, idle_instance_autotermination_minutes: 60 };
/** Fields whose defaults depend on the cloud: they are compared only if a manifest names them. */
const OF_THE_CLOUD = [
  "aws_attributes",
  "azure_attributes",
  "disk_spec",
  "enable_elastic_disk",
  "gcp_attributes",
  "max_capacity",
  "node_type_flexibility",
  "preloaded_docker_images",
  "preloaded_spark_versions",
  "remote_disk_throughput",
  "total_initial_remote_disk_size",
];

const pool = defineResource<z.infer<typeof Spec>, Pool, Observed>({
  kind: "DatabricksInstancePool",
  plural: "databricksinstancepools",
  singular: "databricksinstancepool",
  shortNames: ["dbpool"],
  noun: "instance pool",
  description: "Instances that are kept ready for clusters. The cloud provider bills them while idle",
  identity: "natural",
  spec: Spec,
  observed: z.custom<Observed>(),
  comparableSchema: Pool,
  desiredPath: "spec.pool",
  descriptions: {
    "compute.InstancePool": {
      aws_attributes: "Settings for AWS.",
      azure_attributes: "Settings for Azure.",
      custom_tags: "Tags of its instances, shown on the cloud provider's bill. Fewer than 45.",
      disk_spec: "The disks of each instance.",
      enable_elastic_disk: "Add disk space when an instance runs out of it.",
      gcp_attributes: "Settings for Google Cloud.",
      idle_instance_autotermination_minutes:
        "Minutes before an idle instance beyond the minimum terminates; 60 by default.",
      instance_pool_name: "The pool's name, unique in the workspace; defaults to metadata.name.",
      max_capacity: "The maximum number of instances, idle and in use.",
      min_idle_instances: "The minimum number of idle instances, which cost all the time; 0 by default.",
      node_type_flexibility: "Other node types that may be used.",
      node_type_id: "The node type of its instances.",
      preloaded_docker_images: "Docker images to preload on its instances.",
      preloaded_spark_versions: "The runtime version to preload on its instances.",
      remote_disk_throughput: "Throughput of remote disks in MB/s, on some clouds.",
      total_initial_remote_disk_size: "Size of remote disks in GB, on some clouds.",
    },
    "compute.InstancePoolAwsAttributes": {
      availability: "SPOT or ON_DEMAND.",
      instance_profile_arn: "The instance profile of its instances.",
      spot_bid_price_percent: "The highest price for spot instances, in percent of the on-demand price.",
      zone_id: "The availability zone, or auto.",
    },
    "compute.InstancePoolAzureAttributes": {
      availability: "SPOT_AZURE or ON_DEMAND_AZURE.",
      capacity_reservation_group: "The capacity reservation group to take instances from.",
      spot_bid_max_price: "The highest price for spot instances; -1 for the on-demand price.",
    },
    "compute.InstancePoolGcpAttributes": {
      gcp_availability: "The type of instances: preemptible, on demand, or both.",
      local_ssd_count: "Local SSDs of each instance.",
      zone_id: "The availability zone, AUTO or HA.",
    },
    "compute.DiskSpec": {
      disk_count: "The disks of each instance.",
      disk_iops: "I/O operations per second.",
      disk_size: "Size of each disk in GB.",
      disk_throughput: "Throughput of each disk in MB/s.",
      disk_type: "The type of the disks.",
    },
    "compute.DiskType": {
      azure_disk_volume_type: "The type on Azure.",
      ebs_volume_type: "The type on AWS.",
    },
  },
  fields: {
    replaces: true,
    immutable: Object.keys(settings).filter((field) => !EDITABLE.includes(field)),
    onlyIfAsked: Object.fromEntries(OF_THE_CLOUD.map((field) => [field, [field]])),
    irremovable: ["max_capacity", "remote_disk_throughput", "total_initial_remote_disk_size"],
    defaults: DEFAULTS,
    confidential: ["basic_auth"],
  },
  endpoints,
  external: {
    observe,
    find,
    create: async (workspace, { desired, owner }) =>
      String((await workspace.call(endpoints.create, tagged(desired, owner))).instance_pool_id),
    update: async (workspace, id, { desired, owner }) => {
      const { instance_pool_name: name, node_type_id, ...rest } = tagged(desired, owner);
      const editable = Object.entries(rest).filter(([field]) => EDITABLE.includes(field));
      const change = { ...DEFAULTS, custom_tags: {}, ...Object.fromEntries(editable) };
      await workspace.call(endpoints.edit, { ...change, instance_pool_name: name, node_type_id, instance_pool_id: id });
    },
    delete: async (workspace, id) => {
      await workspace.tryCall(endpoints.delete, { instance_pool_id: id });
    },
    list,
    release,
  },
  printerColumns: [
    { name: "Node type", type: "string", jsonPath: ".spec.pool.node_type_id" },
    ...commonColumns,
    { name: "Pool ID", type: "string", jsonPath: ".status.id", priority: 1 },
  ],
  apiVersion: () => "2.0",
  naturalKey: ({ instance_pool_name = "" }) => instance_pool_name,
  desired: (spec, { name }) => ({ instance_pool_name: name, ...spec.pool }),
  comparable: ({ custom_tags, ...pool }, owner) => {
    const tags = withoutMark(custom_tags, owner);
    return tags === undefined ? pool : { ...pool, custom_tags: tags };
  },
  nameField: "instance_pool_name",
  ownerUid: ({ custom_tags }, tag) => markOf(custom_tags, tag),
  mark: ({ custom_tags }, { desired, owner }) =>
    markAt("custom_tags", { asked: desired.custom_tags, held: custom_tags, owner, most: MAX_TAGS }),
  dangers: {
    costs: "its idle instances, which the cloud provider bills: min_idle_instances says how many always wait",
  },
  displayName: ({ instance_pool_name = "" }) => instance_pool_name,
  url: (host, id) => `${host}/compute/instance-pools/${id}`,
  examples: [{
    title: "Spot instances that wait for an hour at most",
    spec: {
      pool: {
        instance_pool_name: "small",
        node_type_id: "m5.large",
        min_idle_instances: 0,
        max_capacity: 10,
        idle_instance_autotermination_minutes: 60,
        aws_attributes: { availability: "SPOT", zone_id: "eu-west-1a" },
        custom_tags: { team: "reporting" },
      },
    },
    edited: {
      pool: {
        instance_pool_name: "small",
        node_type_id: "m5.large",
        max_capacity: 20,
        idle_instance_autotermination_minutes: 15,
        aws_attributes: { availability: "SPOT", zone_id: "eu-west-1a" },
      },
    },
  }, {
    title: "A pool that takes its name from metadata.name",
    spec: { pool: { node_type_id: "Standard_DS3_v2", preloaded_spark_versions: ["15.4.x-scala2.12"] } },
    edited: {
      pool: {
        node_type_id: "Standard_DS3_v2",
        preloaded_spark_versions: ["15.4.x-scala2.12"],
        idle_instance_autotermination_minutes: 20,
      },
    },
  }],
});

/** The declaration of kind DatabricksInstancePool. */
export const databricksInstancePool: Resource = withPermissions(pool, { type: "instance-pools" });

/** Databricks may still return a deleted pool. */
async function observe(workspace: Workspace, id: string): Promise<Observed | undefined> {
  const pool = await workspace.tryCall(endpoints.get, { instance_pool_id: id }) as Observed | undefined;
  return pool?.state === "DELETED" ? undefined : pool;
}

async function* list(workspace: Workspace): AsyncIterable<External<Observed>[]> {
  for await (const page of workspace.pages(endpoints.list)) {
    yield (page as Observed[]).filter(({ state }) => state !== "DELETED")
      .map((pool) => ({ id: String(pool.instance_pool_id), observed: pool }));
  }
}

async function find(
  workspace: Workspace,
  { desired, owner }: Intent<Pool>,
  { formerUids = [], name }: FindContext,
): Promise<External<Observed>[]> {
  const names = [desired.instance_pool_name, name];
  const found: External<Observed>[] = [];
  for await (const page of list(workspace)) {
    for (const one of page.filter(({ observed }) => names.includes(observed.instance_pool_name))) {
      const isMarked = hasMark(one.observed.custom_tags, owner.uid, ...formerUids);
      found.push(isMarked ? { ...one, marked: true } : one);
    }
  }
  return found;
}

function tagged(desired: Pool, owner: Owner): Pool {
  const custom_tags = withMark(desired.custom_tags, owner, MAX_TAGS);
  return custom_tags === undefined ? desired : { ...desired, custom_tags };
}

async function release(workspace: Workspace, id: string, owner: Owner): Promise<boolean> {
  const pool = await observe(workspace, id);
  if (pool === undefined || !hasMark(pool.custom_tags, owner.uid)) return pool !== undefined;
  const kept = Object.entries(pool).filter(([field]) => field in InstancePoolsEdit.shape);
  const custom_tags = withoutMark(pool.custom_tags, owner) ?? {};
  const request = { ...Object.fromEntries(kept), custom_tags, instance_pool_id: id };
  return await workspace.tryCall(endpoints.edit, request) !== undefined;
}
