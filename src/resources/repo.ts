/**
 * Repo: a clone of a Git repository in the workspace (Repos API 2.0), on a branch or a tag.
 *
 * @module
 */
import * as z from "zod";
import { int64 } from "../databricks/primitives.ts";
import { WorkspaceSparseCheckout } from "../databricks/types.ts";
import { currentUser, isSameUser } from "../databricks/current_user.ts";
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
import { withPermissions } from "./shared/permissions.ts";

const Repository = z.looseObject({
  id: int64.describe("The repo's id. Made by Databricks; a manifest needs none").optional(),
  path: z.string().describe("The path of the clone, such as /Repos/team/name. Its parent folder must exist")
    .optional(),
  url: z.string().describe("The HTTPS address of the Git repository").optional(),
  provider: z.string().describe("gitHub, gitLab, azureDevOpsServices, bitbucketCloud and others").optional(),
  branch: z.string().describe("The branch to check out").optional(),
  tag: z.string().describe("The tag to check out, instead of a branch").optional(),
  sparse_checkout: WorkspaceSparseCheckout.describe("Check out only parts of the repository").optional(),
  head_commit_id: z.string().describe("The commit that is checked out. Ignored in a manifest").optional(),
});

const Spec = z.looseObject({ repository: Repository.describe("The repo, with the fields of the Repos API") });

type Repository = z.infer<typeof Repository>;

const endpoints = {
  get: endpoint("GET /api/2.0/repos/{repo_id}"),
  // Unlike other lists, this one takes the page token under the name that it has in the answer.
  list: endpoint("GET /api/2.0/repos", { items: "repos", pageToken: "next_page_token" }),
  create: endpoint("POST /api/2.0/repos", {
    errors: [{
      why: "An occupied path may be a 400 that names the path",
      status: 400,
      message: /already exists|is occupied/i,
      means: "taken",
    }],
  }),
  update: endpoint("PATCH /api/2.0/repos/{repo_id}"),
  delete: endpoint("DELETE /api/2.0/repos/{repo_id}"),
  status: endpoint("GET /api/2.0/workspace/get-status"),
  permissions: endpoint("GET /api/2.0/permissions/repos/{repo_id}"),
};

const gitFolder = defineResource<z.infer<typeof Spec>, Repository, Repository>({
  kind: "Repo",
  plural: "repos",
  singular: "repo",
  shortNames: ["dbrepo"],
  noun: "repo",
  description: "A clone of a Git repository in the Databricks workspace",
  identity: "natural",
  spec: Spec,
  observed: Repository,
  comparableSchema: Repository,
  desiredPath: "spec.repository",
  passesOn: ["spec.repository.sparse_checkout"],
  fields: {
    immutable: ["path", "url", "provider"],
    updateOnly: ["branch", "tag"],
    unread: ["tag"],
    // A manifest without a branch leaves the branch alone; an update sends the fields in the manifest and clears
    // nothing.
    onlyIfAsked: { branch: ["branch", "tag"], tag: ["branch", "tag"] },
    irremovable: ["sparse_checkout"],
    // head_commit_id changes with each pull.
    outputOnly: ["id", "head_commit_id"],
    spelling: {
      path: plainPath,
      url: plainUrl,
      provider: (name) => name.toLowerCase(),
    },
  },
  endpoints,
  external: {
    observe: (workspace, id) => workspace.tryCall(endpoints.get, { repo_id: id }),
    find,
    isOurs,
    create: async (workspace, intent) => {
      const { url, provider, path, sparse_checkout } = intent.desired;
      return String((await workspace.call(endpoints.create, { url, provider, path, sparse_checkout })).id);
    },
    update: async (workspace, id, intent) => {
      const { branch, tag, sparse_checkout } = intent.desired;
      await workspace.call(endpoints.update, { repo_id: id, branch, tag, sparse_checkout });
    },
    delete: async (workspace, id) => {
      await workspace.tryCall(endpoints.delete, { repo_id: id });
    },
    list,
    isListed: async (workspace, id, intent) => (await find(workspace, intent)).some((found) => found.id === id),
  },
  printerColumns: [
    { name: "Path", type: "string", jsonPath: ".spec.repository.path" },
    { name: "Branch", type: "string", jsonPath: ".spec.repository.branch" },
    ...commonColumns,
    { name: "Repo ID", type: "string", jsonPath: ".status.id", priority: 1 },
  ],
  rules: [{
    at: ["repository"],
    rule: "!(has(self.branch) && has(self.tag))",
    message: "branch and tag exclude each other: keep one",
  }],
  apiVersion: () => "2.0",
  naturalKey: ({ path = "" }) => plainPath(path),
  desired: (spec) => {
    const { id: _made, head_commit_id: _moves, ...desired } = declared(spec.repository);
    return desired;
  },
  validate,
  comparable: (repository) => repository,
  specId: (spec) => spec.repository.id?.toString(),
  toSpec: (repository) => ({ repository: declared(repository) }),
  displayName: (repository) => repository.path?.split("/").at(-1) ?? "",
  url: (host, id) => `${host}/#folder/${id}`,
  examples: [
    {
      title: "A repo on a branch",
      spec: {
        repository: {
          path: "/Repos/team/reports",
          url: "https://github.com/example/reports.git",
          provider: "gitHub",
          branch: "main",
        },
      },
      edited: {
        repository: {
          path: "/Repos/team/reports",
          url: "https://github.com/example/reports.git",
          provider: "gitHub",
          branch: "release",
        },
      },
    },
    {
      title: "A repo on a tag",
      spec: {
        repository: {
          path: "/Repos/team/library",
          url: "https://github.com/example/library",
          provider: "gitHub",
          tag: "v1.2.0",
        },
      },
      edited: {
        repository: {
          path: "/Repos/team/library",
          url: "https://github.com/example/library",
          provider: "gitHub",
          tag: "v1.3.0",
        },
      },
    },
  ],
});

/** The declaration of kind Repo. */
export const repo: Resource = withPermissions(gitFolder, { type: "repos" });

// A get returns more than the list (git_cli_enabled), and no call accepts it: in a manifest it would be drift forever.
function declared(repository: Repository): Repository {
  return Object.fromEntries(Object.entries(repository).filter(([field]) => Object.hasOwn(Repository.shape, field)));
}

/** Databricks accepts paths with /Workspace at the beginning and slashes at the end, and answers without. */
function plainPath(path: string): string {
  return path.replace(/^\/Workspace(?=\/)/, "").replace(/(?<=.)\/+$/, "");
}

/**
 * Without a prefix the list contains only repos below /Repos (its reference: "Git folders from /Workspace/Repos will be
 * served"). All others are in these folders, unless an administrator created another one at the top level.
 */
const OUTSIDE = ["/Users", "/Shared"];

async function* list(workspace: Workspace, { quick = false } = {}): AsyncIterable<External<Repository>[]> {
  const inputs = [{}, ...(quick ? [] : OUTSIDE.map((path_prefix) => ({ path_prefix })))];
  for (const input of inputs) {
    for await (const page of workspace.pages(endpoints.list, input)) {
      yield page.map((item) => ({ id: String(item.id), observed: item }));
    }
  }
}

// The list omits folders that were created with the Git command line, so a miss is confirmed by the path's status.
async function find(workspace: Workspace, intent: Intent<Repository>): Promise<External<Repository>[]> {
  const { path = "" } = intent.desired;
  for await (const page of workspace.pages(endpoints.list, { path_prefix: plainPath(path) })) {
    const match = page.find((item) => plainPath(String(item.path)) === plainPath(path));
    if (match !== undefined) return [{ id: String(match.id), observed: match }];
  }
  const status = await workspace.tryCall(endpoints.status, { path });
  if (status === undefined || status.object_type !== "REPO") return [];
  const id = String(status.object_id);
  const observed = await workspace.tryCall(endpoints.get, { repo_id: id });
  return observed === undefined ? [] : [{ id, observed }];
}

/** An entry of a repo's access control list. */
interface Access {
  readonly user_name?: string;
  readonly service_principal_name?: string;
  readonly all_permissions?: readonly { readonly inherited?: boolean }[];
}

/**
 * A repo has neither a creator nor a time, but its creator has a permission of its own, not inherited from the folder
 * above. If Databricks does not grant that, a person decides.
 */
async function isOurs(
  workspace: Workspace,
  { id, observed }: External<Repository>,
  { intent: { desired } }: { intent: Intent<Repository> },
): Promise<boolean> {
  if (plainUrl(observed.url ?? "") !== plainUrl(desired.url ?? "")) return false;
  const user = await currentUser(workspace);
  const answer = await workspace.tryCall(endpoints.permissions, { repo_id: id });
  const list = (answer?.access_control_list ?? []) as Access[];
  return list.some(({ user_name, service_principal_name, all_permissions }) =>
    (isSameUser(user_name, user) || isSameUser(service_principal_name, user)) &&
    all_permissions?.some(({ inherited }) => inherited !== true)
  );
}

/** Without the user's name and without .git, either of which answers may have. */
function plainUrl(url: string): string {
  return url.toLowerCase().replace(/\/\/[^@/]*@/, "//").replace(/(\.git)?\/*$/, "");
}

function validate(spec: z.infer<typeof Spec>): SpecIssue[] {
  const needed = {
    path: "where the clone shall be, such as /Repos/team/name",
    url: "the HTTPS address of the repository",
    provider: "the Git provider, such as gitHub",
  };
  return Object.entries(needed)
    .filter(([field]) => !spec.repository[field])
    .map(([field, what]) => ({ path: `spec.repository.${field}`, message: `is missing: give ${what}` }));
}
