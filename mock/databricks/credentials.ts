/**
 * The Git credentials of one workspace.
 *
 * @module
 */
import type { Doubts } from "./doubts.ts";
import { alreadyExists, invalid, notFound } from "./errors.ts";
import { IdSequence } from "./ids.ts";

/** The Git providers that Databricks knows, in its spelling; requests may use any case. */
export const gitProviders = [
  "gitHub",
  "bitbucketCloud",
  "gitLab",
  "azureDevOpsServices",
  "gitHubEnterprise",
  "bitbucketServer",
  "gitLabEnterpriseEdition",
  "awsCodeCommit",
];

/** Refuses a provider that Databricks does not know. */
export function checkProvider(provider: unknown, field: string): string {
  if (typeof provider !== "string" || provider === "") throw invalid(`Missing required field: ${field}`);
  if (!gitProviders.some((known) => known.toLowerCase() === provider.toLowerCase())) {
    throw invalid(`Unsupported Git provider "${provider}": one of ${gitProviders.join(", ")} is expected`);
  }
  return provider;
}

/** A Git credential without its token. */
export interface Credential {
  credential_id: string;
  git_provider: string;
  git_username?: string;
  git_email?: string;
  name?: string;
  is_default_for_provider?: boolean;
}

/** What a request or a person gives for one. */
export type CredentialInput = Partial<Omit<Credential, "credential_id">> & { personal_access_token?: string };

const fields = ["git_provider", "git_username", "git_email", "name", "is_default_for_provider"] as const;

/** The Git credentials of one workspace. */
export class Credentials {
  readonly #ids: IdSequence;
  readonly #doubts: Doubts;
  readonly #credentials = new Map<string, Credential>();
  readonly #tokens = new Map<string, string>();

  constructor(firstId: bigint, doubts: Doubts) {
    this.#ids = new IdSequence(firstId);
    this.#doubts = doubts;
  }

  /** Adds a credential and returns its id. */
  add(input: CredentialInput): string {
    const git_provider = checkProvider(input.git_provider, "git_provider");
    this.#refuseDuplicate(git_provider, input.git_username);
    const credential: Credential = { credential_id: this.#ids.next(), git_provider };
    this.#credentials.set(credential.credential_id, credential);
    this.#assign(credential, input);
    return credential.credential_id;
  }

  /** Changes the fields that are given. */
  edit(id: string, input: CredentialInput): void {
    const credential = this.require(id);
    checkProvider(input.git_provider ?? credential.git_provider, "git_provider");
    this.#assign(credential, input);
  }

  get(id: string): Credential | undefined {
    return this.#credentials.get(id);
  }

  /** The credential, or the API's 404. */
  require(id: string): Credential {
    const credential = this.#credentials.get(id);
    if (!credential) throw notFound(`Git credential with id ${id} could not be found`);
    return credential;
  }

  /** The token, which the API never returns. */
  token(id: string): string | undefined {
    return this.#tokens.get(id);
  }

  /** True when there was such a credential. */
  remove(id: string): boolean {
    this.#tokens.delete(id);
    return this.#credentials.delete(id);
  }

  all(): Credential[] {
    return [...this.#credentials.values()];
  }

  #refuseDuplicate(provider: string, username = ""): void {
    const same = this.all().find((other) =>
      other.git_provider.toLowerCase() === provider.toLowerCase() && (other.git_username ?? "") === username
    );
    if (!same) return;
    const message = `A Git credential for provider ${provider} and user "${username}" already exists`;
    throw alreadyExists(message, Number(this.#doubts.duplicateCredential));
  }

  #assign(credential: Credential, input: CredentialInput): void {
    if (input.personal_access_token !== undefined) {
      this.#tokens.set(credential.credential_id, input.personal_access_token);
    }
    const given = fields.filter((field) => input[field] !== undefined).map((field) => [field, input[field]]);
    Object.assign(credential, Object.fromEntries(given));
    if (input.is_default_for_provider) this.#demoteOthers(credential);
  }

  // A provider has at most one default credential.
  #demoteOthers(credential: Credential): void {
    for (const other of this.#credentials.values()) {
      if (other === credential || other.git_provider !== credential.git_provider) continue;
      if (other.is_default_for_provider) other.is_default_for_provider = false;
    }
  }
}
