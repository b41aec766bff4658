/**
 * The Git credentials of one workspace.
 *
 * @module
 */
import type { Doubts } from "./doubts.ts";
import { ApiError, invalid, notFound } from "./errors.ts";
import { IdSequence } from "./ids.ts";
import { Journal } from "./journal.ts";
import { inOrder } from "./paging.ts";

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

/** The fields that a request or a person sets. */
export type CredentialInput = Partial<Omit<Credential, "credential_id">> & { personal_access_token?: string };

const fields = ["git_provider", "git_username", "git_email", "name", "is_default_for_provider"] as const;

/** The part of a workspace that {@link Credentials} uses. */
export interface CredentialsOptions {
  firstId: bigint;
  doubts: Doubts;
  now: () => number;
  /** How long lists lag, if they do (ms). */
  listLagMs: number;
}

/** A provider in Databricks' own case; an unknown one stays as it is. */
export function providerCase(provider: string): string {
  return gitProviders.find((known) => known.toLowerCase() === provider?.toLowerCase()) ?? provider;
}

/** The Git credentials of one workspace. */
export class Credentials {
  readonly #ids: IdSequence;
  readonly #doubts: Doubts;
  readonly #credentials = new Map<string, Credential>();
  readonly #tokens = new Map<string, string>();
  readonly #journal: Journal<Credential>;

  constructor({ firstId, doubts, now, listLagMs }: CredentialsOptions) {
    this.#ids = new IdSequence(firstId);
    this.#journal = new Journal(now, listLagMs);
    this.#doubts = doubts;
  }

  /** Makes lists show all changes so far. */
  settle(): void {
    this.#journal.settle();
  }

  /** Adds a credential and returns its id. */
  add(input: CredentialInput): string {
    const git_provider = checkProvider(input.git_provider, "git_provider");
    this.#refuseDuplicate(git_provider, input.git_username);
    const credential: Credential = { credential_id: this.#ids.next(), git_provider };
    this.#journal.note(credential.credential_id, undefined);
    this.#credentials.set(credential.credential_id, credential);
    this.#assign(credential, input);
    return credential.credential_id;
  }

  /** Changes the given fields. */
  edit(id: string, input: CredentialInput): void {
    const credential = this.require(id);
    this.#journal.note(id, { ...credential });
    checkProvider(input.git_provider ?? credential.git_provider, "git_provider");
    this.#assign(credential, input);
  }

  get(id: string): Credential | undefined {
    return this.#credentials.get(id);
  }

  /** The credential. @throws {ApiError} 404 if there is none. */
  require(id: string): Credential {
    const credential = this.#credentials.get(id);
    if (!credential) throw notFound(`Git credential with id ${id} could not be found`);
    return credential;
  }

  /** The token, which the API never returns. */
  token(id: string): string | undefined {
    return this.#tokens.get(id);
  }

  /** Removes a credential. @returns false if there was none. */
  remove(id: string): boolean {
    this.#journal.note(id, this.#credentials.get(id));
    this.#tokens.delete(id);
    return this.#credentials.delete(id);
  }

  /** The credential, spelt as in the API's answers. */
  shown(credential: Credential): Credential {
    const shown = { ...credential };
    if (this.#doubts.repoProviderCase !== "as written") shown.git_provider = providerCase(shown.git_provider);
    if (shown.git_email === "") delete shown.git_email;
    return shown;
  }

  /** The rows of the API's list. */
  listed(): Credential[] {
    const former = this.#doubts.listLag === "none" ? this.#credentials : this.#journal.before(this.#credentials);
    return inOrder([...former.values()], this.#doubts, (one) => one.credential_id).map((one) => this.shown(one));
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
    throw new ApiError(Number(this.#doubts.duplicateCredential), this.#doubts.duplicateCredentialCode, message);
  }

  #assign(credential: Credential, input: CredentialInput): void {
    if (input.personal_access_token !== undefined) {
      this.#tokens.set(credential.credential_id, input.personal_access_token);
    }
    const isTaken = (field: typeof fields[number]) =>
      input[field] !== undefined && !(field === "git_email" && input[field] === "" && !this.#clears());
    const given = fields.filter(isTaken).map((field) => [field, input[field]]);
    Object.assign(credential, Object.fromEntries(given));
    if (input.is_default_for_provider) this.#demoteOthers(credential);
  }

  #clears(): boolean {
    return this.#doubts.emptyStringClears === "yes";
  }

  // A provider has at most one default credential.
  #demoteOthers(credential: Credential): void {
    for (const other of this.#credentials.values()) {
      if (other === credential || other.git_provider !== credential.git_provider) continue;
      if (other.is_default_for_provider) other.is_default_for_provider = false;
    }
  }
}
