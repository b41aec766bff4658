/**
 * Aggregated discovery: all groups, versions and resources in two answers.
 *
 * @module
 */
import { discoverableVerbsOf, type ResourceType } from "../resource_type.ts";
import { type Group, subresourceOf } from "./groups.ts";

/** The media type of the answers. */
export const AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** True if a caller supports aggregated discovery, and prefers it. */
export function wantsAggregated(headers: Headers): boolean {
  const [first = ""] = (headers.get("accept") ?? "").split(",");
  const parts = first.split(";").map((part) => part.trim());
  return parts[0] === "application/json" &&
    ["g=apidiscovery.k8s.io", "v=v2", "as=APIGroupDiscoveryList"].every((part) => parts.includes(part));
}

/** The groups with all their resources. */
export function aggregatedList(groups: readonly Group[]): Record<string, unknown> {
  const items = groups.map(({ name, versions }) => ({
    metadata: { ...name && { name } },
    versions: [...versions].map(([version, types]) => ({
      version,
      resources: types.map(describe),
      freshness: "Current",
    })),
  }));
  return { kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {}, items };
}

function describe(type: ResourceType): Record<string, unknown> {
  const { plural, singular, kind, namespaced, shortNames, categories, subresources, isCustom } = type;
  // The built-in kinds omit their group and version.
  const own = isCustom ? { group: type.group, version: type.version, kind } : { group: "", version: "", kind };
  return {
    resource: plural,
    responseKind: own,
    scope: namespaced ? "Namespaced" : "Cluster",
    singularResource: singular,
    verbs: discoverableVerbsOf(type),
    ...shortNames.length > 0 && { shortNames },
    ...categories.length > 0 && { categories },
    ...subresources.length > 0 && {
      subresources: subresources.map((subresource) => {
        const { verbs, ...other } = subresourceOf(subresource);
        return { subresource, responseKind: other.kind ? other : own, verbs };
      }),
    },
  };
}
