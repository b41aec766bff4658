/**
 * Reviews: the caller's identity and permissions.
 *
 * @module
 */
import { isAllowed, type PolicyRule, type User } from "../access.ts";
import { parseBody } from "../decode.ts";
import { asObject } from "../values.ts";
import type { Inquiry } from "./discovery.ts";

type Review = (user: User, spec: Record<string, unknown>) => Record<string, unknown>;

const reviews: Record<string, { kind: string; answer: Review }> = {
  "authentication.k8s.io/selfsubjectreviews": {
    kind: "SelfSubjectReview",
    answer: ({ name }) => ({ userInfo: { username: name, groups: ["system:authenticated"] } }),
  },
  "authorization.k8s.io/selfsubjectaccessreviews": {
    kind: "SelfSubjectAccessReview",
    answer: (user, spec) => ({ allowed: mayDo(user, spec) }),
  },
  "authorization.k8s.io/selfsubjectrulesreviews": { kind: "SelfSubjectRulesReview", answer: rulesOf },
};

/** Returns the rules of a user in a namespace. Users without rules may do everything. */
function rulesOf({ rules }: User, { namespace }: Record<string, unknown>): Record<string, unknown> {
  const all = { verbs: ["*"], apiGroups: ["*"], resources: ["*"] };
  const here = (rules ?? [all, { verbs: ["*"], nonResourceURLs: ["*"] }])
    .filter((rule) =>
      !("namespaces" in rule) || (rule.namespaces as string[] | undefined)?.includes(String(namespace))
    );
  const own = here.filter((rule): rule is PolicyRule => "resources" in rule);
  return {
    resourceRules: own.map(({ verbs, apiGroups = [""], resources, resourceNames }) => ({
      verbs,
      apiGroups,
      resources,
      ...resourceNames !== undefined && { resourceNames },
    })),
    nonResourceRules: here.filter((rule) => "nonResourceURLs" in rule)
      .map((rule) => ({ verbs: rule.verbs, nonResourceURLs: (rule as PolicyRule).nonResourceURLs })),
    incomplete: false,
  };
}

/** Answers a review; `undefined` if there is none with this name. */
export function review({ method, headers, body, user }: Inquiry, group: string, plural: string) {
  const found = reviews[`${group}/${plural}`];
  if (!found || method !== "POST") return undefined;
  const { kind, answer } = found;
  const asked = parseBody(body, headers.get("content-type") ?? "", kind);
  return { ...asked, kind, apiVersion: `${group}/v1`, status: answer(user, asObject(asked.spec)) };
}

function mayDo(user: User, spec: Record<string, unknown>): boolean {
  const { path = "", verb: pathVerb = "" } = asObject(spec.nonResourceAttributes) as Record<string, string>;
  const { verb, resource, ...rest } = asObject(spec.resourceAttributes) as Record<string, string>;
  const said = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== ""));
  if (resource === undefined) return isAllowed(user, { verb: pathVerb, path });
  return isAllowed(user, { ...said, verb: verb ?? "", resource, path });
}
