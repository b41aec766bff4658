/**
 * The cluster policies of one workspace (Cluster Policies API 2.0).
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import { ApiError, invalid, notFound } from "../errors.ts";
import { type Call, endpoint, listAnswer } from "../handlers/endpoint.ts";
import { inOrder } from "../paging.ts";
import { pick } from "./collection.ts";
import { CollectionKind } from "./collection_kind.ts";
import type { KindContext } from "./context.ts";

type Fields = Record<string, unknown>;

/** The fields that create and edit accept (SDK 0.162: compute.ClusterPoliciesAPI.create). */
const FIELDS = [
  "name",
  "definition",
  "description",
  "libraries",
  "max_clusters_per_user",
  "policy_family_id",
  "policy_family_definition_overrides",
];

/** The cluster policies of one workspace. */
export class ClusterPolicies extends CollectionKind {
  constructor(context: KindContext) {
    let count = 0;
    super(context, {
      noun: "Cluster policy",
      id: "policy_id",
      name: "name",
      newId: () => (0x6000_0000_0000 + count++).toString(16).toUpperCase().padStart(16, "0"),
      missing: (message) => context.doubts.missingPolicy === "404" ? notFound(message) : invalid(message),
    });
  }

  /** Adds a policy and returns its id. */
  add(fields: Fields): string {
    const { now, user } = this.context;
    return this.items.add({ ...this.#taken(fields), created_at_timestamp: now(), creator_user_name: user });
  }

  handlers(): HttpHandler[] {
    const path = "/api/2.0/policies/clusters";
    const idOf = ({ query, body }: Call) => String(query.text("policy_id") ?? body.policy_id ?? "");
    const rows = () => inOrder(this.all(), this.context.doubts, (policy) => String(policy.policy_id));
    return [
      endpoint("get", `${path}/get`, (call) => this.items.require(idOf(call))),
      endpoint("get", `${path}/list`, () => listAnswer("policies", rows(), this.context.doubts)),
      endpoint("post", `${path}/create`, ({ body }) => ({ policy_id: this.add(body) })),
      endpoint("post", `${path}/edit`, (call) => this.#replace(idOf(call), call.body)),
      endpoint("post", `${path}/delete`, (call) => {
        const { is_default } = this.items.require(idOf(call));
        if (is_default === true) {
          throw new ApiError(400, "INVALID_PARAMETER_VALUE", "A default policy cannot be deleted");
        }
        this.remove(idOf(call));
      }),
    ];
  }

  /** An edit replaces all fields of a create. */
  #replace(id: string, body: Fields): void {
    const { created_at_timestamp, creator_user_name, is_default } = this.items.require(id);
    const kept = { created_at_timestamp, creator_user_name, ...(is_default === undefined ? {} : { is_default }) };
    this.items.replace(id, { ...this.#taken(body), ...kept });
  }

  #taken(body: Fields): Fields {
    const { definition, policy_family_id } = body;
    if (definition !== undefined && policy_family_id !== undefined) {
      throw invalid("definition cannot be given with policy_family_id");
    }
    const fields = pick(body, FIELDS);
    if (definition === undefined) return { definition: "{}", ...fields };
    return { ...fields, definition: this.#text(String(definition)) };
  }

  #text(definition: string): string {
    let parsed: unknown;
    try {
      parsed = JSON.parse(definition);
    } catch {
      throw invalid("definition is not valid JSON");
    }
    return this.context.doubts.policyDefinition === "as sent" ? definition : JSON.stringify(parsed, null, 2);
  }
}
