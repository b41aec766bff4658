/**
 * DatabricksClusterPolicy: rules for the clusters that users and jobs create (Cluster Policies API 2.0).
 *
 * @module
 */
import * as z from "zod";
import { ClusterPoliciesCreate, type Policy } from "../databricks/types.ts";
import { currentUser } from "../databricks/current_user.ts";
import {
  commonColumns,
  defineResource,
  endpoint,
  type External,
  type Intent,
  type Resource,
  type SpecIssue,
  type Workspace,
} from "../resource.ts";
import { absent, taken } from "./shared/compute_quirks.ts";
import { isOursBy } from "./shared/made_by_us.ts";
import { withPermissions } from "./shared/permissions.ts";

const Spec = z.looseObject({
  policy: ClusterPoliciesCreate.describe("The policy, with the fields of the Cluster Policies API"),
});

type Desired = z.infer<typeof ClusterPoliciesCreate>;

const endpoints = {
  get: endpoint("GET /api/2.0/policies/clusters/get", { errors: [absent] }),
  list: endpoint("GET /api/2.0/policies/clusters/list", { items: "policies" }),
  create: endpoint("POST /api/2.0/policies/clusters/create", { errors: [taken] }),
  update: endpoint("POST /api/2.0/policies/clusters/edit", { repeatable: true, errors: [absent, taken] }),
  delete: endpoint("POST /api/2.0/policies/clusters/delete", { repeatable: true, errors: [absent] }),
};

const clusterPolicy = defineResource<z.infer<typeof Spec>, Desired, Policy>({
  kind: "DatabricksClusterPolicy",
  plural: "databricksclusterpolicies",
  singular: "databricksclusterpolicy",
  shortNames: ["dbpolicy"],
  noun: "cluster policy",
  description: "Rules for the clusters that users and jobs make",
  identity: "natural",
  spec: Spec,
  observed: z.custom<Policy>(),
  comparableSchema: ClusterPoliciesCreate,
  desiredPath: "spec.policy",
  descriptions: {
    "compute.ClusterPoliciesCreate": {
      definition: "The rules, as a JSON document; instead of policy_family_id.",
      description: "The purpose of the policy.",
      libraries: "Libraries that are installed on each cluster.",
      max_clusters_per_user: "The maximum number of clusters per user; unlimited by default.",
      name: "The policy's name, unique in the workspace; defaults to metadata.name.",
      policy_family_definition_overrides: "Rules that differ from the family's, as a JSON document.",
      policy_family_id: "The family whose rules the policy has, such as personal-vm.",
    },
  },
  fields: {
    replaces: true,
    unordered: ["libraries"],
    spelling: { definition: plainJson, policy_family_definition_overrides: plainJson },
    // A family's rules are returned as the definition; they change with the family.
    onlyIfAsked: { definition: ["definition"] },
    computed: { definition: "policy_family_id" },
  },
  endpoints,
  external: {
    observe: (workspace, id) => workspace.tryCall(endpoints.get, { policy_id: id }) as Promise<Policy | undefined>,
    find,
    isOurs: isOursBy(({ creator_user_name: by, created_at_timestamp: at = 0 }) => ({ by, at: Number(at) })),
    create: async (workspace, { desired }) => String((await workspace.call(endpoints.create, desired)).policy_id),
    update: async (workspace, id, { desired }) => {
      await workspace.call(endpoints.update, { ...desired, policy_id: id });
    },
    delete: async (workspace, id) => {
      await workspace.tryCall(endpoints.delete, { policy_id: id });
    },
    list,
    self: currentUser,
  },
  printerColumns: [
    ...commonColumns,
    { name: "Policy ID", type: "string", jsonPath: ".status.id", priority: 1 },
  ],
  rules: [{
    at: ["policy"],
    rule: "has(self.definition) != has(self.policy_family_id)",
    message: "definition and policy_family_id exclude each other, and one of them is needed",
  }],
  apiVersion: () => "2.0",
  naturalKey: ({ name = "" }) => name,
  desired: (spec, { name }) => ({ name, ...spec.policy }),
  validate: ({ policy }) => [
    ...jsonIssues("definition", policy.definition),
    ...jsonIssues("policy_family_definition_overrides", policy.policy_family_definition_overrides),
  ],
  comparable: (policy) => policy,
  made: ({ creator_user_name: by, created_at_timestamp: at }) => ({
    by,
    at: at === undefined ? undefined : Number(at),
  }),
  displayName: ({ name = "" }) => name,
  examples: [{
    title: "Small clusters only",
    spec: {
      policy: {
        name: "small",
        definition: '{"num_workers": {"type": "range", "maxValue": 4}}',
        max_clusters_per_user: 2,
      },
    },
    edited: { policy: { name: "small", definition: '{"num_workers": {"type": "range", "maxValue": 8}}' } },
  }, {
    title: "A policy of a family, with a rule of its own",
    spec: {
      policy: {
        policy_family_id: "personal-vm",
        policy_family_definition_overrides: '{"autotermination_minutes": {"type": "fixed", "value": 20}}',
      },
    },
    edited: { policy: { policy_family_id: "personal-vm", description: "For everybody" } },
  }],
});

/** The declaration of kind DatabricksClusterPolicy. */
export const databricksClusterPolicy: Resource = withPermissions(clusterPolicy, { type: "cluster-policies" });

async function* list(workspace: Workspace): AsyncIterable<External<Policy>[]> {
  for await (const page of workspace.pages(endpoints.list)) {
    yield page.map((policy) => ({ id: String(policy.policy_id), observed: policy as Policy }));
  }
}

async function find(workspace: Workspace, { desired }: Intent<Desired>): Promise<External<Policy>[]> {
  const found: External<Policy>[] = [];
  for await (const page of list(workspace)) {
    found.push(...page.filter(({ observed }) => observed.name === desired.name));
  }
  return found;
}

/** Databricks may format the document differently: its content is compared. */
function plainJson(text: string): string {
  try {
    return JSON.stringify(sorted(JSON.parse(text)));
  } catch {
    return text;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => one < other ? -1 : 1);
  return Object.fromEntries(entries.map(([key, content]) => [key, sorted(content)]));
}

function jsonIssues(field: string, text: string | undefined): SpecIssue[] {
  if (text === undefined) return [];
  try {
    JSON.parse(text);
    return [];
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [{ path: `spec.policy.${field}`, message: `is not JSON (${why}): correct the document` }];
  }
}
