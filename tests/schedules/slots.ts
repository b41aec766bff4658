/**
 * The objects in schedules: two of each kind, each in variants that are distinguished by a number.
 *
 * @module
 */
import { own } from "../../src/base/json.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { resources } from "../../src/resources/mod.ts";
import { manifest, secret } from "../support/objects.ts";
import { simpleKinds } from "./simple_kinds.ts";

/** A slot: a kind, and which of its two objects. */
export interface Slot {
  readonly kind: string;
  readonly letter: "a" | "b";
}

/** A variant of a manifest. */
export interface Variant {
  readonly number: number;
  /** True for extra fields that other variants do not have. */
  readonly more: boolean;
}

/**
 * Kinds that schedules do not play yet: they need another resource first, or their answers lag. Only their cluster
 * tests play them. A kind that is missing here, below and in simple_kinds.ts fails every schedule.
 */
const NOT_PLAYED: readonly string[] = [
  "DatabricksInstancePool",
  "DatabricksCluster",
  "DatabricksPipeline",
  "DatabricksRegisteredModel",
  "DatabricksStorageCredential",
  "DatabricksExternalLocation",
  "DatabricksVectorSearchIndex",
  "DatabricksPermissions",
  "DatabricksGrants",
];

/** The kinds in schedules, in the registry's order. */
export const kinds: readonly string[] = resources.map(({ kind }) => kind).filter((kind) => !NOT_PLAYED.includes(kind));

/** The name of a slot's object. */
export function nameOf({ kind, letter }: Slot): string {
  return `${kind.toLowerCase()}-${letter}`;
}

type Builder = (letter: string, variant: Variant) => Record<string, unknown>;

const builders: Record<string, Builder> = {
  // Both jobs sometimes have the same name: names are not unique in Databricks.
  DatabricksJob: (letter, { number, more }) => ({
    job: {
      settings: {
        name: number % 2 === 0 ? "shared" : `job-${letter}`,
        timeout_seconds: number,
        tasks: [
          { task_key: "main", notebook_task: { notebook_path: `/Shared/${number}` } },
          ...more ? [{ task_key: "more", notebook_task: { notebook_path: "/Shared/more" } }] : [],
        ],
        ...more && { tags: { team: "data" }, max_concurrent_runs: 2 },
      },
    },
    ...number % 3 === 0 && { run: { job_parameters: { number: String(number) } } },
  }),
  GitCredential: (letter, { number }) => ({
    credential: {
      git_provider: letter === "a" ? "gitHub" : "gitLab",
      git_username: "octocat",
      git_email: `${number}@example.com`,
    },
    secret_name: `source-${letter}`,
  }),
  Repo: (letter, { number }) => ({
    repository: {
      path: `/Repos/team/${letter}`,
      url: "https://github.com/example/reports",
      provider: "gitHub",
      branch: `branch-${number}`,
    },
  }),
  DatabricksSecretScope: (letter, { number, more }) => ({
    scope: { name: `scope-${letter}` },
    acls: [
      { principal: "users", permission: ["READ", "WRITE", "MANAGE"][number % 3] },
      ...more ? [{ principal: "team", permission: "READ" }] : [],
    ],
  }),
  // Both fill one scope, so that they may define the same keys.
  DatabricksSecret: (letter) => ({ scope: "scope-a", secret_name: `source-${letter}` }),
};

/** The manifest of a slot. */
export function manifestOf(slot: Slot, variant: Variant): KubeObject {
  const build = own(builders, slot.kind) ?? own(simpleKinds, slot.kind)?.spec;
  if (build === undefined) throw new Error(`Schedules have no manifest for ${slot.kind}: add it to slots.ts`);
  const isDeleted = keepsData(slot.kind) && slot.letter === "a";
  const annotations = isDeleted ? { "deletion-policy": "delete" } : {};
  return manifest(slot.kind, nameOf(slot), build(slot.letter, variant), annotations);
}

/** True for a kind whose resources hold data, and stay unless their object says otherwise. */
export function keepsData(kind: string | undefined): boolean {
  return resources.find((resource) => resource.kind === kind)?.dangers?.deletesData !== undefined;
}

/** A source Secret, with the values for git credentials and secrets. */
export function sourceOf(letter: string, { number, more }: Variant): KubeObject {
  return secret(`source-${letter}`, {
    personal_access_token: `token-${number}`,
    [`own-${letter}`]: `value-${number}`,
    ...more && { common: `common-${letter}-${number}` },
  });
}
