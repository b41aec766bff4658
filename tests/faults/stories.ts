/**
 * Stories: one object of each kind, from its manifest to its deletion. A fault may break the expectations of each step.
 *
 * @module
 */
import type { MockWorkspace } from "../../mock/databricks/workspace.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { manifest, notebook, secret } from "../support/objects.ts";
import type { World } from "../support/world.ts";

/** The name of every story's object. */
export const NAME = "x";

/** The phase before the first step. */
export const START = "start";

/** The environment of a story. */
export interface Place {
  readonly world: World;
  readonly workspace: MockWorkspace;
  /** A text that must appear only in Databricks. */
  readonly canary: string;
}

/** A part of a story. */
export interface Step {
  readonly phase: string;
  readonly act: (place: Place) => Promise<void> | void;
  /** True if Databricks matches the current manifest. */
  readonly holds: (workspace: MockWorkspace) => boolean;
  /** The same for the manifest alone, if the result also depends on other objects (a Secret). */
  readonly applied?: (workspace: MockWorkspace) => boolean;
  /** The generation of the manifest in this step. */
  readonly generation: number;
  /** True if the object has completed the step, for a kind that is not Ready then. */
  readonly settled?: (status: Record<string, unknown>) => boolean;
  /** True if the object's status, apart from its conditions, is as expected. */
  readonly told?: (status: Record<string, unknown>, workspace: MockWorkspace) => boolean;
}

/** A story. */
export interface Story {
  readonly name: string;
  readonly kind: string;
  /** Its kind in the names of points. */
  readonly plural: string;
  /** Matches the requests to Databricks for this kind. */
  readonly calls: RegExp;
  /** Matches the requests of the kind's sweeps. */
  readonly sweep: RegExp;
  /** Creates what exists before the operator starts. @returns the names of what belongs to others. */
  readonly prepare: (place: Place) => Promise<string[]>;
  readonly steps: readonly Step[];
  /** Returns the resources in Databricks, including those of others. */
  readonly remote: (workspace: MockWorkspace) => unknown;
  /** Counts the object's external resources. */
  readonly alive: (workspace: MockWorkspace) => number;
}

/** A source Secret with a text that must not appear elsewhere. */
function source(canary: string, values: Record<string, string>): KubeObject {
  const entries = Object.entries(values).map(([key, value]) => [key, `${canary}${value}`]);
  return secret("source", Object.fromEntries(entries));
}

const SETTINGS = { ...notebook(), name: "story", tags: { team: "data" } };

/** A job of somebody else. */
const besideTheirs: Story["prepare"] = ({ workspace }) =>
  Promise.resolve([workspace.jobs.add({ name: "theirs", ...notebook() })]);

const createJob: Step = {
  phase: "create",
  generation: 1,
  act: ({ world }) => world.apply(manifest("DatabricksJob", NAME, { job: { settings: SETTINGS } })),
  holds: (workspace) => jobOf(workspace)?.settings.max_concurrent_runs === 1,
  told: showsRun("NO_RUNS"),
};

/** The beginning of the stories of jobs. */
export const beginning = { prepare: besideTheirs, create: createJob, settings: SETTINGS };

function jobOf({ jobs }: MockWorkspace) {
  return jobs.all().find(({ settings }) => settings.name === "story");
}

function showsRun(state: string): (status: Record<string, unknown>) => boolean {
  return ({ latest_run_state }) => (latest_run_state as Record<string, unknown>)?.life_cycle_state === state;
}

const job: Story = {
  name: "job",
  kind: "DatabricksJob",
  plural: "databricksjobs",
  calls: /jobs\//,
  sweep: /jobs\/list$/,
  prepare: besideTheirs,
  steps: [
    createJob,
    {
      phase: "update",
      generation: 2,
      act: ({ world }) => {
        const settings = { ...SETTINGS, max_concurrent_runs: 3 };
        return world.apply(
          manifest("DatabricksJob", NAME, { job: { settings }, run: { job_parameters: { day: "1" } } }),
        );
      },
      holds: (workspace) => jobOf(workspace)?.settings.max_concurrent_runs === 3,
      told: showsRun("PENDING"),
    },
    {
      phase: "repair",
      generation: 2,
      act: ({ workspace }) => {
        workspace.jobs.edit(jobOf(workspace)?.job_id ?? "", (settings) => {
          settings.max_concurrent_runs = 9;
          settings.description = "added in the webapp";
        });
      },
      holds: (workspace) => {
        const { max_concurrent_runs, description } = jobOf(workspace)?.settings ?? {};
        return max_concurrent_runs === 3 && description === undefined;
      },
    },
  ],
  remote: ({ jobs, runs }) => ({
    jobs: jobs.all().map(({ settings, creator_user_name }) => ({ settings, creator_user_name })),
    runs: runs.list().length,
  }),
  alive: ({ jobs }) => jobs.all().filter(({ settings }) => settings.name === "story").length,
};

const credential: Story = {
  name: "credential",
  kind: "GitCredential",
  plural: "gitcredentials",
  calls: /git-credentials/,
  sweep: /git-credentials$/,
  prepare: async ({ world, workspace, canary }) => {
    await world.apply(source(canary, { personal_access_token: "-1" }));
    return [workspace.credentials.add({ git_provider: "gitLab", git_username: "theirs" })];
  },
  steps: [
    {
      phase: "create",
      generation: 1,
      act: ({ world }) => world.apply(credentialManifest("octocat")),
      holds: (workspace) => credentialOf(workspace)?.git_username === "octocat",
    },
    {
      phase: "update",
      generation: 2,
      act: async ({ world, canary }) => {
        await world.apply(source(canary, { personal_access_token: "-2" }));
        await world.apply(credentialManifest("hubot"));
      },
      holds: (workspace) => {
        const held = credentialOf(workspace);
        const token = workspace.credentials.token(held?.credential_id ?? "") ?? "";
        return held?.git_username === "hubot" && token.endsWith("-2");
      },
      applied: (workspace) => credentialOf(workspace)?.git_username === "hubot",
    },
    {
      phase: "repair",
      generation: 2,
      act: ({ workspace }) => {
        workspace.credentials.edit(credentialOf(workspace)?.credential_id ?? "", { git_username: "somebody" });
      },
      holds: (workspace) => credentialOf(workspace)?.git_username === "hubot",
    },
  ],
  remote: ({ credentials }) =>
    credentials.all().map((held) => ({ ...held, token: credentials.token(held.credential_id)?.slice(-2) })),
  alive: ({ credentials }) => credentials.all().filter(({ git_provider }) => git_provider === "gitHub").length,
};

function credentialOf({ credentials }: MockWorkspace) {
  return credentials.all().find(({ git_provider }) => git_provider === "gitHub");
}

function credentialManifest(git_username: string): KubeObject {
  return manifest("GitCredential", NAME, {
    credential: { git_username, git_provider: "gitHub" },
    secret_name: "source",
  });
}

const PATH = "/Repos/team/story";

function repoOf({ repos }: MockWorkspace) {
  return repos.all().find(({ path }) => path === PATH);
}

function repoManifest(branch: string): KubeObject {
  const url = "https://github.com/example/story.git";
  return manifest("Repo", NAME, { repository: { path: PATH, url, provider: "gitHub", branch } });
}

const repo: Story = {
  name: "repo",
  kind: "Repo",
  plural: "repos",
  calls: /repos|get-status/,
  sweep: /2\.0\/repos$/,
  prepare: ({ workspace }) => {
    const url = "https://github.com/example/theirs.git";
    return Promise.resolve([workspace.repos.add({ path: "/Repos/team/theirs", url, provider: "gitHub" })]);
  },
  steps: [
    {
      phase: "create",
      generation: 1,
      act: ({ world }) => world.apply(repoManifest("dev")),
      holds: (workspace) => repoOf(workspace)?.branch === "dev",
    },
    {
      phase: "update",
      generation: 2,
      act: ({ world }) => world.apply(repoManifest("prod")),
      holds: (workspace) => repoOf(workspace)?.branch === "prod",
    },
    {
      phase: "repair",
      generation: 2,
      act: ({ workspace }) => workspace.repos.edit(repoOf(workspace)?.id ?? "", { branch: "feature" }),
      holds: (workspace) => repoOf(workspace)?.branch === "prod",
    },
  ],
  remote: ({ repos }) => repos.all(),
  alive: ({ repos }) => repos.all().filter(({ path }) => path === PATH).length,
};

function scopeManifest(acls: Record<string, string>): KubeObject {
  return manifest("DatabricksSecretScope", NAME, {
    scope: { name: "story" },
    acls: Object.entries(acls).map(([principal, permission]) => ({ principal, permission })),
  });
}

function aclsOf({ secrets }: MockWorkspace): string {
  if (!secrets.scopes().some(({ name }) => name === "story")) return "";
  return secrets.acls("story").map(({ principal, permission }) => `${principal}:${permission}`).sort().join();
}

const OPERATOR = "operator@example.com:MANAGE";

const scope: Story = {
  name: "scope",
  kind: "DatabricksSecretScope",
  plural: "databrickssecretscopes",
  calls: /secrets\/(scopes|acls)/,
  sweep: /scopes\/list$/,
  prepare: ({ workspace }) => {
    workspace.secrets.addScope("theirs");
    return Promise.resolve(["theirs"]);
  },
  steps: [
    {
      phase: "create",
      generation: 1,
      act: ({ world }) => world.apply(scopeManifest({ users: "READ", admins: "WRITE" })),
      holds: (workspace) => aclsOf(workspace) === `admins:WRITE,${OPERATOR},users:READ`,
    },
    {
      phase: "update",
      generation: 2,
      act: ({ world }) => world.apply(scopeManifest({ admins: "MANAGE" })),
      holds: (workspace) => aclsOf(workspace) === `admins:MANAGE,${OPERATOR}`,
    },
    {
      phase: "repair",
      generation: 2,
      act: ({ workspace }) => workspace.secrets.putAcl("story", "everybody", "READ"),
      holds: (workspace) => aclsOf(workspace) === `admins:MANAGE,${OPERATOR}`,
    },
  ],
  remote: (workspace) => ({ scopes: workspace.secrets.scopes(), acls: aclsOf(workspace) }),
  alive: ({ secrets }) => secrets.scopes().filter(({ name }) => name === "story").length,
};

/** The keys of the scope with the ends of their values. */
function keysIn({ secrets }: MockWorkspace): string {
  const text = (key: string) => new TextDecoder().decode(secrets.value("team", key)).slice(-2);
  return secrets.keys("team").map(({ key }) => `${key}${text(key)}`).sort().join();
}

/** True if the status has the stamp of the last put of each of the object's keys. */
function hasStamps(status: Record<string, unknown>, { secrets }: MockWorkspace): boolean {
  const parts = status.parts as Record<string, { stamp?: string }> | undefined;
  return secrets.keys("team").filter(({ key }) => key !== "theirs")
    .every(({ key, last_updated_timestamp }) => parts?.[key]?.stamp === String(last_updated_timestamp));
}

const keys: Story = {
  name: "secret",
  kind: "DatabricksSecret",
  plural: "databrickssecrets",
  calls: /secrets\//,
  sweep: /secrets\/list$/,
  prepare: async ({ world, workspace, canary }) => {
    workspace.secrets.addScope("team");
    workspace.secrets.put("team", "theirs", "-0");
    await world.apply(source(canary, { user: "-1", password: "-1" }));
    return ["theirs"];
  },
  steps: [
    {
      phase: "create",
      generation: 1,
      act: ({ world }) => world.apply(manifest("DatabricksSecret", NAME, { scope: "team", secret_name: "source" })),
      holds: (workspace) => keysIn(workspace) === "password-1,theirs-0,user-1",
      told: hasStamps,
    },
    {
      phase: "update",
      generation: 1,
      act: ({ world, canary }) => world.apply(source(canary, { password: "-2", extra: "-1" })),
      holds: (workspace) => keysIn(workspace) === "extra-1,password-2,theirs-0",
      told: hasStamps,
    },
    {
      phase: "repair",
      generation: 1,
      act: ({ workspace }) => workspace.secrets.put("team", "password", "-9"),
      holds: (workspace) => keysIn(workspace) === "extra-1,password-2,theirs-0",
      told: hasStamps,
    },
  ],
  remote: (workspace) => ({ scopes: workspace.secrets.scopes(), keys: keysIn(workspace) }),
  alive: ({ secrets }) => secrets.keys("team").some(({ key }) => key !== "theirs") ? 1 : 0,
};

/** A story for each kind that the operator keeps as in its manifest. */
export const stories: readonly Story[] = [job, credential, repo, scope, keys];
