/**
 * The configuration of a serving endpoint: its schema, and how answers are compared with it.
 *
 * @module
 */
import * as z from "zod";
import { anything } from "../../databricks/primitives.ts";
import { type EndpointCoreConfigOutput, ServedEntityInput, type ServedEntityOutput } from "../../databricks/types.ts";
import type { SpecIssue } from "../../resource.ts";

/** The maximum number of served entities: the CRD's rule checks each. */
const MAX_ENTITIES = 50;

const Entity = z.looseObject({
  ...ServedEntityInput.shape,
  // Routes and later reads refer to it, and Databricks' own name for it changes with the version.
  name: z.string(),
  // Providers accept different settings, and more with each release: they are passed on unchanged.
  external_model: z.record(z.string(), anything).optional(),
}).meta({ typeName: "serving.ManagedEntity" });

const Route = z.looseObject({ served_entity_name: z.string(), traffic_percentage: z.number().int() })
  .meta({ typeName: "serving.ManagedRoute" });

/** The configuration of a serving endpoint. */
export const Config = z.looseObject({
  served_entities: z.array(Entity).min(1).max(MAX_ENTITIES),
  traffic_config: z.looseObject({ routes: z.array(Route) }).meta({ typeName: "serving.ManagedTraffic" }).optional(),
}).meta({ typeName: "serving.ManagedConfig" });

/** The fields of a served entity that a manifest may have; answers add states, times and a version. */
const ENTITY_FIELDS = Object.keys(Entity.shape);
/** Replaces a failed configuration that is not shown; a shown one has entities. */
export const NOT_SHOWN: EndpointCoreConfigOutput = { served_entities: [] };
/** The fields of an answered entity that a manifest may have. */
export function inputOf(entity: ServedEntityOutput): Record<string, unknown> {
  return Object.fromEntries(Object.entries(entity).filter(([field]) => ENTITY_FIELDS.includes(field)));
}

/**
 * True for a configuration that contains what was requested, and for one whose deployment failed: another request would
 * start, and cost, another deployment. Answers may omit references to secrets.
 */
export function isConfig(asked: unknown, answered: unknown): boolean {
  const { served_entities } = (answered ?? {}) as EndpointCoreConfigOutput;
  return served_entities?.length === 0 || holdsAll(asked, answered);
}

/** True if everything requested is there; lists of named items in any order. */
export function holdsAll(asked: unknown, answered: unknown): boolean {
  if (Array.isArray(asked)) {
    if (!Array.isArray(answered) || asked.length !== answered.length) return false;
    return asked.every((one, index) => {
      const name = nameIn(one);
      const other = name === undefined ? answered[index] : answered.find((two) => nameIn(two) === name);
      return holdsAll(one, other);
    });
  }
  if (typeof asked === "object" && asked !== null) {
    return Object.entries(asked).every(([field, one]) =>
      holdsAll(one, (answered as Record<string, unknown> | null | undefined)?.[field])
    );
  }
  if (answered === undefined && typeof asked === "string" && /^\{\{secrets\/.+\}\}$/.test(asked)) return true;
  return asked === answered || (asked !== undefined && String(asked) === String(answered ?? ""));
}

function nameIn(one: unknown): unknown {
  const { name, served_entity_name } = (one ?? {}) as { name?: unknown; served_entity_name?: unknown };
  return served_entity_name ?? name;
}

/** Finds models in a list of the former name. */
export function legacyIssues(config: Record<string, unknown>): SpecIssue[] {
  return config.served_models === undefined ? [] : [{
    path: "spec.endpoint.config.served_models",
    message: "is the former name of served_entities: write the models there, with entity_name and entity_version",
  }];
}

/** Keys in plain text would be stored in the cluster, and Databricks never returns them. */
export function plainSecrets(value: unknown, path: string): SpecIssue[] {
  if (Array.isArray(value)) return value.flatMap((one, index) => plainSecrets(one, `${path}[${index}]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([field, one]) => {
    const at = `${path}.${field}`;
    if (!field.endsWith("_plaintext")) return plainSecrets(one, at);
    const other = field.replace(/_plaintext$/, "");
    return [{
      path: at,
      message: `would be in plain text: put it into a secret scope, and set ${other} to {{secrets/scope/key}}`,
    }];
  });
}
