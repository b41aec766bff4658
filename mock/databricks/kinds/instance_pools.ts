/**
 * The instance pools of one workspace (Instance Pools API 2.0).
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import { alreadyExists, invalid, notFound } from "../errors.ts";
import { type Call, endpoint, listAnswer } from "../handlers/endpoint.ts";
import { inOrder } from "../paging.ts";
import { pick } from "./collection.ts";
import { CollectionKind } from "./collection_kind.ts";
import type { KindContext } from "./context.ts";

type Fields = Record<string, unknown>;

/** The fields that edit accepts (SDK 0.162: compute.InstancePoolsAPI.edit). */
const EDITABLE = [
  "instance_pool_name",
  "custom_tags",
  "idle_instance_autotermination_minutes",
  "max_capacity",
  "min_idle_instances",
  "remote_disk_throughput",
  "total_initial_remote_disk_size",
];

/** The fields that only create accepts (SDK 0.162: compute.InstancePoolsAPI.create). */
const FIXED = [
  "node_type_id",
  "aws_attributes",
  "azure_attributes",
  "disk_spec",
  "enable_elastic_disk",
  "gcp_attributes",
  "node_type_flexibility",
  "preloaded_docker_images",
  "preloaded_spark_versions",
];

/** The defaults (the SDK's docstrings). */
const DEFAULTS: Fields = {
  idle_instance_autotermination_minutes: 60,
  min_idle_instances: 0,
  enable_elastic_disk: true,
};

/** The instance pools of one workspace. */
export class InstancePools extends CollectionKind {
  constructor(context: KindContext) {
    let count = 0;
    super(context, {
      noun: "Instance pool",
      id: "instance_pool_id",
      name: "instance_pool_name",
      newId: () => `1128-0914-pool-${String(++count).padStart(8, "0")}`,
      missing: (message) => context.doubts.missingPool === "404" ? notFound(message) : invalid(message),
      taken: (message) =>
        context.doubts.poolNameTaken === "RESOURCE_ALREADY_EXISTS" ? alreadyExists(message) : invalid(message),
    });
  }

  /** Adds a pool and returns its id. */
  add(fields: Fields): string {
    return this.items.add({ ...DEFAULTS, ...pick(fields, [...EDITABLE, ...FIXED]), state: "ACTIVE" });
  }

  override get(id: string): Fields | undefined {
    const pool = this.items.get(id);
    return pool && { ...pool, ...this.#told(id, pool) };
  }

  /** Returns the creator of a pool, which the API's answers omit. */
  creator(id: string): string | undefined {
    return this.get(id) && this.context.user;
  }

  override all(): Fields[] {
    return this.items.all().map((pool) => ({ ...pool, ...this.#told(String(pool.instance_pool_id), pool) }));
  }

  handlers(): HttpHandler[] {
    const path = "/api/2.0/instance-pools";
    const idOf = ({ query, body }: Call) => String(query.text("instance_pool_id") ?? body.instance_pool_id ?? "");
    const rows = () => inOrder(this.all(), this.context.doubts, (pool) => String(pool.instance_pool_id));
    return [
      endpoint("get", `${path}/get`, (call) => ({ ...this.items.require(idOf(call)), ...this.get(idOf(call)) })),
      endpoint("get", `${path}/list`, () => listAnswer("instance_pools", rows(), this.context.doubts)),
      endpoint("post", `${path}/create`, ({ body }) => ({ instance_pool_id: this.add(checked(body)) })),
      endpoint("post", `${path}/edit`, (call) => this.#edit(idOf(call), checked(call.body))),
      endpoint("post", `${path}/delete`, (call) => this.delete(idOf(call))),
    ];
  }

  #told(id: string, { instance_pool_name }: Fields): Fields {
    const idle = { used_count: 0, idle_count: 0, pending_used_count: 0, pending_idle_count: 0 };
    const default_tags = {
      Vendor: "Databricks",
      DatabricksInstancePoolCreatorId: "100",
      DatabricksInstancePoolId: id,
      DatabricksInstancePoolName: instance_pool_name,
    };
    return { default_tags, stats: idle, status: {} };
  }

  /** An edit sets the given fields; the node type must stay the same. */
  #edit(id: string, body: Fields): void {
    const before = this.items.require(id);
    if (body.node_type_id !== before.node_type_id) throw invalid("node_type_id of a pool cannot be changed");
    const kept = pick(before, [...FIXED, "state"]);
    const omitted = this.context.doubts.omittedByPoolEdit === "kept" ? pick(before, EDITABLE) : {};
    this.items.replace(id, { ...DEFAULTS, ...kept, ...omitted, ...pick(body, EDITABLE) });
  }
}

function checked(body: Fields): Fields {
  const { min_idle_instances: least = 0, max_capacity: most = Infinity, node_type_id } = body;
  if (typeof node_type_id !== "string" || node_type_id === "") throw invalid("Missing required field: node_type_id");
  if (Number(least) > Number(most)) throw invalid("min_idle_instances must not be larger than max_capacity");
  return body;
}
