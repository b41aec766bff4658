/**
 * GitCredential: a Git token that Databricks keeps for a user or service principal (Git Credentials API 2.0).
 *
 * The token comes from a Secret and is never returned, so it is sent again only when the Secret changed.
 *
 * @module
 */
import * as z from "zod";
import { int64 } from "../databricks/primitives.ts";
import {
  commonColumns,
  defineResource,
  endpoint,
  type External,
  type Intent,
  type SpecIssue,
  type Workspace,
} from "../resource.ts";

/** The key of the Secret that holds the token. */
const TOKEN_KEY = "personal_access_token";

const Credential = z.looseObject({
  credential_id: int64.describe("The credential's id. Made by Databricks; a manifest needs none").optional(),
  git_provider: z.string().describe("gitHub, gitLab, azureDevOpsServices, bitbucketCloud and others").optional(),
  git_username: z.string().describe("The user name at the Git provider").optional(),
  git_email: z.string().describe("The e-mail address for commits").optional(),
  name: z.string().describe("A name that distinguishes several credentials of one provider").optional(),
  is_default_for_provider: z.boolean().describe("Use this credential by default").optional(),
});

const Spec = z.looseObject({
  credential: Credential.describe("The credential, with the fields of the Git Credentials API"),
  secret_name: z.string().describe(`The Secret in this namespace whose key ${TOKEN_KEY} holds the token`).optional(),
});

type Credential = z.infer<typeof Credential>;

const endpoints = {
  get: endpoint("GET /api/2.0/git-credentials/{credential_id}"),
  list: endpoint("GET /api/2.0/git-credentials", { items: "credentials" }),
  create: endpoint("POST /api/2.0/git-credentials", {
    secrets: [TOKEN_KEY],
    errors: [{
      why: "A second credential may be 400 with a code of its own, such as GIT_CREDENTIAL_ALREADY_EXISTS",
      code: /ALREADY_EXISTS/,
      means: "taken",
    }],
  }),
  update: endpoint("PATCH /api/2.0/git-credentials/{credential_id}", { secrets: [TOKEN_KEY] }),
  delete: endpoint("DELETE /api/2.0/git-credentials/{credential_id}"),
};

const lower = (text: string) => text.toLowerCase();

/** The declaration of kind GitCredential. */
export const gitCredential = defineResource<z.infer<typeof Spec>, Credential, Credential>({
  kind: "GitCredential",
  plural: "gitcredentials",
  singular: "gitcredential",
  shortNames: ["gitcred"],
  noun: "git credential",
  description: "A Git token that Databricks keeps, taken from a Secret",
  identity: "natural",
  spec: Spec,
  observed: Credential,
  comparableSchema: Credential,
  desiredPath: "spec.credential",
  fields: {
    outputOnly: ["credential_id"],
    spelling: { git_provider: lower },
    // An update sends the fields in the manifest and clears nothing.
    irremovable: ["git_email", "git_username", "name"],
    onlyIfAsked: { is_default_for_provider: ["is_default_for_provider"] },
  },
  endpoints,
  external: {
    observe: (workspace, id) => workspace.tryCall(endpoints.get, { credential_id: id }),
    find,
    // The API returns only a user's own credentials, without a time: while a create is in doubt, that is enough.
    isOurs: (_workspace, _found, { attempt }) => Promise.resolve(attempt.since !== undefined),
    create: async (workspace, intent) => String((await workspace.call(endpoints.create, body(intent))).credential_id),
    update: async (workspace, id, intent) => {
      await workspace.call(endpoints.update, { credential_id: id, ...body(intent) });
    },
    delete: async (workspace, id) => {
      await workspace.tryCall(endpoints.delete, { credential_id: id });
    },
    list,
  },
  printerColumns: [
    { name: "Provider", type: "string", jsonPath: ".spec.credential.git_provider" },
    { name: "Username", type: "string", jsonPath: ".spec.credential.git_username" },
    ...commonColumns,
    { name: "Credential ID", type: "string", jsonPath: ".status.id", priority: 1 },
  ],
  apiVersion: () => "2.0",
  naturalKey: ({ git_provider = "", git_username = "", name = "" }) =>
    [lower(git_provider), git_username, name].join("/"),
  desired: (spec) => {
    const { credential_id: _made, ...desired } = spec.credential;
    return desired;
  },
  validate,
  // A user has one default for each provider: setting it on one credential takes it from the other.
  singles: ({ is_default_for_provider, git_provider = "" }) =>
    is_default_for_provider !== true ? [] : [{
      key: lower(git_provider),
      path: "spec.credential.is_default_for_provider",
      what: `the default credential for ${git_provider}`,
    }],
  comparable: (credential) => credential,
  specId: (spec) => spec.credential.credential_id?.toString(),
  referenceField: "spec.secret_name",
  reference: (spec) =>
    spec.secret_name === undefined ? undefined : { name: spec.secret_name, field: "spec.secret_name", key: TOKEN_KEY },
  toSpec: (credential) => ({ credential }),
  displayName: (credential) => [credential.git_provider, credential.git_username].filter(Boolean).join("-"),
  examples: [{
    title: "A GitHub token from a Secret",
    spec: { credential: { git_username: "octocat", git_provider: "gitHub" }, secret_name: "github-token" },
    secret: { [TOKEN_KEY]: "ghp_example" },
    edited: { credential: { git_username: "hubot", git_provider: "gitHub" }, secret_name: "github-token" },
  }],
});

function body(intent: Intent<Credential>): Record<string, unknown> {
  const token = intent.values[TOKEN_KEY];
  return { ...intent.desired, ...(token === undefined ? {} : { [TOKEN_KEY]: new TextDecoder().decode(token).trim() }) };
}

async function* list(workspace: Workspace): AsyncIterable<External<Credential>[]> {
  for await (const page of workspace.pages(endpoints.list)) {
    yield page.map((item) => ({ id: String(item.credential_id), observed: item }));
  }
}

async function find(workspace: Workspace, intent: Intent<Credential>): Promise<External<Credential>[]> {
  const { git_provider = "", git_username, name } = intent.desired;
  const found: External<Credential>[] = [];
  for await (const page of list(workspace)) {
    found.push(
      ...page.filter(({ observed }) =>
        lower(observed.git_provider ?? "") === lower(git_provider) && observed.git_username === git_username &&
        (name === undefined || observed.name === name)
      ),
    );
  }
  return found.sort((a, b) => Number(a.id) - Number(b.id));
}

function validate(spec: z.infer<typeof Spec>): SpecIssue[] {
  return (["git_provider"] as const)
    .filter((field) => !spec.credential[field])
    .map((field) => ({
      path: `spec.credential.${field}`,
      message: "is missing: name the Git provider, such as gitHub",
    }));
}
