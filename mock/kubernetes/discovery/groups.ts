/**
 * Discovery in its original form: groups, their versions, and the resources of a version.
 *
 * @module
 */
import type { Registry } from "../registry.ts";
import { discoverableVerbsOf, groupVersion, type ResourceType } from "../resource_type.ts";

/** A group, with its kinds by version. */
export interface Group {
  readonly name: string;
  readonly versions: ReadonlyMap<string, readonly ResourceType[]>;
}

/** All groups, with the core group first. */
export function groupsOf(registry: Registry): Group[] {
  const byGroup = Map.groupBy(registry.all(), ({ group }) => group);
  return [...byGroup].map(([name, types]) => ({ name, versions: Map.groupBy(types, ({ version }) => version) }));
}

/** The versions of the core group. */
export function apiVersions(): Record<string, unknown> {
  return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] };
}

/** All groups except the core group. */
export function apiGroupList(registry: Registry): Record<string, unknown> {
  const groups = groupsOf(registry).filter(({ name }) => name !== "").map(describeGroup);
  return { kind: "APIGroupList", apiVersion: "v1", groups };
}

/** One group; `undefined` if it does not exist. */
export function apiGroup(registry: Registry, name: string): Record<string, unknown> | undefined {
  const group = groupsOf(registry).find((one) => one.name === name && name !== "");
  return group && { kind: "APIGroup", apiVersion: "v1", ...describeGroup(group) };
}

function describeGroup({ name, versions }: Group) {
  const all = [...versions.keys()].map((version) => ({
    groupVersion: groupVersion({ group: name, version }),
    version,
  }));
  return { name, versions: all, preferredVersion: all[0] };
}

/** The resources of a group's version; `undefined` if it does not exist. */
export function resourceList(registry: Registry, group: string, version: string): Record<string, unknown> | undefined {
  const types = registry.all().filter((type) => type.group === group && type.version === version);
  if (types.length === 0) return undefined;
  const resources = types.flatMap(resourcesOf);
  return { kind: "APIResourceList", apiVersion: "v1", groupVersion: groupVersion({ group, version }), resources };
}

function resourcesOf(type: ResourceType): Record<string, unknown>[] {
  const { plural, singular, namespaced, kind, shortNames, categories, subresources } = type;
  const whole = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs: discoverableVerbsOf(type),
    ...shortNames.length > 0 && { shortNames },
    ...categories.length > 0 && { categories },
  };
  const parts = subresources.map((name) => {
    const { verbs, group, version, kind: other } = subresourceOf(name);
    return {
      name: `${plural}/${name}`,
      singularName: "",
      namespaced,
      ...group && { group, version },
      kind: other ?? kind,
      verbs,
    };
  });
  return [whole, ...parts];
}

/** The verbs of a subresource, and its kind if it differs from its object's. */
export interface Subresource {
  readonly verbs: readonly string[];
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
}

const SUBRESOURCES: Record<string, Subresource> = {
  status: { verbs: ["get", "patch", "update"] },
  finalize: { verbs: ["update"] },
  token: { verbs: ["create"], group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" },
};

/** Returns a subresource's entry for discovery. */
export function subresourceOf(name: string): Subresource {
  return SUBRESOURCES[name] ?? { verbs: [] };
}
