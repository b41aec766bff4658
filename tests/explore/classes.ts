/**
 * The identity classes: the way in which an object finds its external resource again decides what can go wrong, so one
 * kind of each class is explored.
 *
 * @module
 */
import { complete } from "../../mock/databricks/job_settings.ts";
import type { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { canonicalJson } from "../../src/base/json.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { job, manifest, secret } from "../support/objects.ts";

/** The ownership tag's key. */
export const TAG = "databricks-kube-operator";
/** Another person in the same workspace. */
const SOMEBODY = "somebody@example.com";
/** The token in the Secret. */
const TOKEN = "token-of-the-secret";

/** A kind, and what people can do to its resources in the webapp. */
export interface IdentityClass {
  readonly kind: string;
  /** The evidence of ownership. */
  readonly by: "tag" | "creator" | "natural key" | "write-only value" | "parts";
  /** True if the operator sees only the resources of its own user: sufficient evidence while a create is in doubt. */
  readonly isOurUsersAlone?: boolean;
  /**
   * True if Databricks knows a resource by its name alone: what takes its place between two looks of the operator cannot
   * be told from it.
   */
  readonly isNameAll?: boolean;
  /** The manifest of an object, in one of two variants. */
  manifest(name: string, variant: 1 | 2): KubeObject;
  /** The Secret that a manifest names. */
  readonly source?: KubeObject;
  /** Sets up the workspace before everything else. */
  prepare?(workspace: MockWorkspace): void;
  /** All resources of the kind in the workspace: id → state. */
  all(workspace: MockWorkspace): ReadonlyMap<string, string>;
  /** The `status.id` of an object that holds a resource. */
  holder(id: string): string;
  edit(workspace: MockWorkspace, id: string): void;
  remove(workspace: MockWorkspace, id: string): void;
  /** Makes the resource of a manifest, as another person; throws if the name is taken. */
  twin(workspace: MockWorkspace): void;
  /** Clones a resource, which some kinds allow. */
  clone?(workspace: MockWorkspace, id: string): void;
  /** Gives a resource the tag of an object in another cluster. */
  tag?(workspace: MockWorkspace, id: string): void;
  /** The UID in a resource's tag. */
  uidOf?(workspace: MockWorkspace, id: string): string | undefined;
  /** True if the resource matches a manifest in this variant. */
  matches(workspace: MockWorkspace, id: string, variant: 1 | 2): boolean;
}

const settings = (variant: 1 | 2) => ({ name: "nightly", timeout_seconds: variant * 100 });

const jobs: IdentityClass = {
  kind: "DatabricksJob",
  by: "tag",
  manifest: (name, variant) => job(name, settings(variant)),
  all: ({ jobs }) => new Map(jobs.all().map(({ job_id, settings }) => [job_id, canonicalJson(settings)])),
  holder: (id) => id,
  edit: ({ jobs }, id) => jobs.edit(id, (settings) => void (settings.timeout_seconds = 9000)),
  remove: ({ jobs }, id) => void jobs.remove(id),
  twin: ({ jobs }) => void jobs.add(specOf(jobs_(1)).job.settings, { creator: SOMEBODY }),
  clone: ({ jobs }, id) => void jobs.add({ ...jobs.require(id).settings }, { creator: SOMEBODY }),
  tag: ({ jobs }, id) =>
    jobs.edit(id, (settings) => {
      settings.tags = { ...settings.tags, [TAG]: "00000000-0000-4000-8000-000000000000" };
    }),
  uidOf: ({ jobs }, id) => jobs.get(id)?.settings.tags?.[TAG],
  matches: ({ jobs }, id, variant) => {
    // Databricks queues the runs of jobs that were created with 2.2, and these manifests do not set it.
    const { tags: _tags, queue: _default, ...actual } = jobs.require(id).settings;
    return canonicalJson(actual) === canonicalJson(complete(specOf(jobs_(variant)).job.settings));
  },
};

/** So many tags that there is no room for the ownership tag: creator, time and settings are the evidence. */
const full = Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`team-${index}`, "x"]));
const fullSettings = (variant: 1 | 2) => ({ ...settings(variant), tags: full });

const { tag: _none, uidOf: _nobody, ...alike } = jobs;

const untagged: IdentityClass = {
  ...alike,
  by: "creator",
  manifest: (name, variant) => job(name, fullSettings(variant)),
  twin: ({ jobs }) => void jobs.add(specOf(job("x", fullSettings(1))).job.settings, { creator: SOMEBODY }),
  matches: ({ jobs }, id, variant) => {
    const { queue: _default, ...actual } = jobs.require(id).settings;
    return canonicalJson(actual) === canonicalJson(complete(specOf(job("x", fullSettings(variant))).job.settings));
  },
};

function jobs_(variant: 1 | 2): KubeObject {
  return job("x", settings(variant));
}

const repos: IdentityClass = {
  kind: "Repo",
  by: "natural key",
  manifest: (name, variant) =>
    manifest("Repo", name, {
      repository: {
        path: "/Repos/team/reports",
        url: "https://github.com/example/reports",
        provider: "gitHub",
        branch: `branch-${variant}`,
      },
    }),
  all: ({ repos }) => new Map(repos.all().map(({ id, path, branch = "" }) => [id, `${path} ${branch}`])),
  holder: (id) => id,
  edit: ({ repos }, id) => repos.update(id, { branch: "by-hand" }),
  remove: ({ repos }, id) => void repos.remove(id),
  twin: ({ repos }) =>
    void repos.add({
      url: "https://github.com/example/reports",
      path: "/Repos/team/reports",
      branch: "theirs",
      user: SOMEBODY,
    }),
  matches: ({ repos }, id, variant) => repos.require(id).branch === `branch-${variant}`,
};

const scopes: IdentityClass = {
  kind: "DatabricksSecretScope",
  by: "natural key",
  isNameAll: true,
  manifest: (name, variant) =>
    manifest("DatabricksSecretScope", name, {
      scope: { name: "team" },
      acls: [{ principal: "users", permission: variant === 1 ? "READ" : "WRITE" }],
    }),
  all: ({ secrets }) => new Map(secrets.scopes().map(({ name }) => [name, canonicalJson(secrets.acls(name))])),
  holder: (id) => id,
  edit: ({ secrets }, id) => secrets.putAcl(id, "users", "MANAGE"),
  remove: ({ secrets }, id) => secrets.removeScope(id),
  twin: ({ secrets }) => secrets.addScope("team", { manager: SOMEBODY }),
  matches: ({ secrets }, id, variant) =>
    secrets.acls(id).some(({ principal, permission }) =>
      principal === "users" && permission === (variant === 1 ? "READ" : "WRITE")
    ),
};

const credentials: IdentityClass = {
  kind: "GitCredential",
  by: "write-only value",
  isOurUsersAlone: true,
  source: secret("source", { personal_access_token: TOKEN }),
  manifest: (name, variant) =>
    manifest("GitCredential", name, {
      credential: { git_provider: "gitHub", git_username: "octocat", git_email: `${variant}@example.com` },
      secret_name: "source",
    }),
  all: ({ credentials }) =>
    new Map(
      credentials.all().map((one) => [
        one.credential_id,
        canonicalJson({ ...one, token: credentials.token(one.credential_id) }),
      ]),
    ),
  holder: (id) => id,
  edit: ({ credentials }, id) => credentials.edit(id, { git_email: "by-hand@example.com" }),
  remove: ({ credentials }, id) => void credentials.remove(id),
  twin: ({ credentials }) =>
    void credentials.add({
      git_provider: "gitHub",
      git_username: "octocat",
      git_email: SOMEBODY,
      personal_access_token: "theirs",
    }),
  matches: ({ credentials }, id, variant) =>
    credentials.require(id).git_email === `${variant}@example.com` && credentials.token(id) === TOKEN,
};

const SCOPE = "shared";
const decoder = new TextDecoder();

const keys: IdentityClass = {
  kind: "DatabricksSecret",
  by: "parts",
  isNameAll: true,
  source: secret("source", { password: TOKEN }),
  manifest: (name) => manifest("DatabricksSecret", name, { scope: SCOPE, secret_name: "source" }),
  prepare: ({ secrets }) => secrets.addScope(SCOPE),
  all: ({ secrets }) =>
    new Map(
      secrets.scopes().flatMap(({ name }) =>
        secrets.keys(name).map(({ key }) => [`${name}/${key}`, decoder.decode(secrets.value(name, key))])
      ),
    ),
  holder: (id) => id.split("/")[0] ?? "",
  edit: ({ secrets }) => secrets.put(SCOPE, "password", "by-hand"),
  remove: ({ secrets }) => secrets.remove(SCOPE, "password"),
  twin: ({ secrets }) => {
    if (secrets.value(SCOPE, "password") !== undefined) throw new Error("already exists");
    secrets.put(SCOPE, "password", "theirs");
  },
  matches: ({ secrets }) => decoder.decode(secrets.value(SCOPE, "password")) === TOKEN,
};

/** The classes, by short names. */
export const classes: Readonly<Record<string, IdentityClass>> = {
  job: jobs,
  untagged,
  repo: repos,
  scope: scopes,
  credential: credentials,
  key: keys,
};

// deno-lint-ignore no-explicit-any -- specs of all kinds
function specOf({ spec }: KubeObject): any {
  return spec;
}
