/**
 * The Git folders (repos) of one workspace, and the folders that contain them.
 *
 * @module
 */
import { alreadyExists, ApiError, invalid, notFound } from "./errors.ts";
import { checkProvider, providerCase } from "./credentials.ts";
import type { Doubts } from "./doubts.ts";
import { IdSequence } from "./ids.ts";
import { Journal } from "./journal.ts";
import { byFallingId } from "./paging.ts";

/** A Git folder in the workspace's store. */
export interface Repo {
  id: string;
  url: string;
  provider: string;
  path: string;
  /** Absent while a tag is checked out. */
  branch?: string;
  head_commit_id: string;
  sparse_checkout?: { patterns: string[] };
  /** True if it was made with the Git CLI: it is found by id and path, but not listed. */
  gitCli: boolean;
  /** The user whose permission on it is not inherited; the Repos API does not show it. */
  creator: string;
}

/** The fields that a request or a person may set. */
export interface RepoInput {
  url: string;
  provider?: string;
  path?: string;
  branch?: string;
  sparse_checkout?: { patterns: string[] };
  gitCli?: boolean;
  /** The creator; without a path, the Git folder is created in this user's folder. */
  user?: string;
}

/** The body of PATCH /api/2.0/repos/{id}. */
export interface RepoChange {
  branch?: string;
  tag?: string;
  sparse_checkout?: { patterns: string[] };
}

/** The parts of a workspace that {@link Repos} uses. */
export interface ReposOptions {
  user: string;
  firstId: bigint;
  requireParentFolders: boolean;
  doubts: Doubts;
  now: () => number;
  /** How long lists lag, if they do (ms). */
  listLagMs: number;
}

/** A path without the optional /Workspace prefix and without a trailing slash. */
export function normalPath(path: string): string {
  return path.replace(/^\/Workspace(?=\/|$)/, "").replace(/\/+$/, "") || "/";
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** The Git folders of one workspace. */
export class Repos {
  readonly #options: ReposOptions;
  readonly #ids: IdSequence;
  readonly #repos = new Map<string, Repo>();
  readonly #journal: Journal<Repo>;
  readonly #folders = new Map<string, string>();
  #commits = 0;

  constructor(options: ReposOptions) {
    this.#options = options;
    this.#ids = new IdSequence(options.firstId);
    this.#journal = new Journal(options.now, options.listLagMs);
    for (const path of ["/", `/Repos/${options.user}`, `/Users/${options.user}`, "/Shared"]) this.addFolder(path);
  }

  /** Makes lists show all changes so far. */
  settle(): void {
    this.#journal.settle();
  }

  /** Adds a Git folder and returns its id. */
  add(input: RepoInput): string {
    const { url, provider = "gitHub", branch = "main", gitCli = false, user = this.#options.user } = input;
    const name = url.replace(/\/+$/, "").replace(/\.git$/, "").split("/").at(-1);
    const path = normalPath(input.path ?? `/Repos/${user}/${name}`);
    this.#checkPath(path);
    checkProvider(provider, "provider");
    const repo: Repo = {
      id: this.#ids.next(),
      url,
      provider,
      path,
      branch,
      head_commit_id: this.#commit(),
      gitCli,
      creator: user,
    };
    if (input.sparse_checkout) repo.sparse_checkout = input.sparse_checkout;
    this.#journal.note(repo.id, undefined);
    this.#repos.set(repo.id, repo);
    return repo.id;
  }

  /** Checks out a branch or tag, as PATCH does. */
  update(id: string, { branch, tag, sparse_checkout }: RepoChange): void {
    const repo = this.require(id);
    if (branch && tag) throw invalid("Only one of branch and tag can be specified");
    if (sparse_checkout && !repo.sparse_checkout) {
      throw new ApiError(400, "INVALID_STATE", `Sparse checkout is not enabled for repo ${id}`);
    }
    this.#journal.note(id, { ...repo });
    if (branch) repo.branch = branch;
    if (tag) delete repo.branch; // With a tag, HEAD is detached.
    if (sparse_checkout) repo.sparse_checkout = sparse_checkout;
    repo.head_commit_id = this.#commit();
  }

  /** Changes fields, such as the branch or the path, as a person does. */
  edit(id: string, change: Partial<Omit<Repo, "id">>): void {
    const repo = this.require(id);
    this.#journal.note(id, { ...repo });
    Object.assign(repo, change);
  }

  get(id: string): Repo | undefined {
    return this.#repos.get(id);
  }

  /** The repo. @throws {ApiError} 404 if there is none. */
  require(id: string): Repo {
    const repo = this.#repos.get(id);
    if (!repo) throw notFound(`Repo ${id} could not be found`);
    return repo;
  }

  /** Removes a repo. @returns false if there was none. */
  remove(id: string): boolean {
    this.#journal.note(id, this.#repos.get(id));
    return this.#repos.delete(id);
  }

  /** The repo, spelt as in the API's answers. */
  shown(repo: Repo): Repo {
    const { doubts } = this.#options;
    const url = doubts.repoUrl === "as written"
      ? repo.url
      : repo.url.replace(/^(https?:\/\/)[^/@]*@/, "$1").replace(/\.git$/, "");
    const provider = doubts.repoProviderCase === "as written" ? repo.provider : providerCase(repo.provider);
    const path = doubts.repoPath === "no" ? repo.path : `/Workspace${repo.path}`;
    return { ...repo, url, provider, path };
  }

  /** From the newest to the oldest, as the API lists them: without the latest writes if lists lag. */
  listed(): Repo[] {
    if (this.#options.doubts.listLag === "none") return this.all();
    return [...this.#journal.before(this.#repos).values()].sort(byFallingId((repo) => repo.id));
  }

  /** From the newest to the oldest, including those that were made with the Git CLI. */
  all(): Repo[] {
    return [...this.#repos.values()].reverse();
  }

  /** Adds a folder and its missing parents. */
  addFolder(path: string): void {
    const folder = normalPath(path);
    if (this.#folders.has(folder)) return;
    if (this.#repoAt(folder)) throw alreadyExists(`A Git folder already exists at ${folder}`);
    this.#folders.set(folder, this.#ids.next());
    if (folder !== "/") this.addFolder(parentOf(folder));
  }

  /** Returns the {object_type, object_id, path} of the repo or folder at a path. */
  status(path: string): { object_type: "REPO" | "DIRECTORY"; object_id: string; path: string } {
    const wanted = normalPath(path);
    const repo = this.#repoAt(wanted);
    if (repo) return { object_type: "REPO", object_id: repo.id, path: repo.path };
    const folder = this.#folders.get(wanted);
    if (!folder) throw notFound(`Path (${path}) doesn't exist.`);
    return { object_type: "DIRECTORY", object_id: folder, path: wanted };
  }

  /** The workspace's default user. */
  get user(): string {
    return this.#options.user;
  }

  /** True if there is a folder or Git folder at a path. */
  holds(path: string): boolean {
    return this.#folders.has(path) || this.#repoAt(path) !== undefined;
  }

  /** True if a folder has this id. */
  hasFolder(id: string): boolean {
    return [...this.#folders.values()].includes(id);
  }

  /** The folders and Git folders directly below a folder. */
  below(path: string): { object_type: "REPO" | "DIRECTORY"; object_id: string; path: string }[] {
    const paths = [...this.#folders.keys(), ...this.all().map((repo) => repo.path)];
    return paths.filter((one) => one !== "/" && parentOf(one) === path).map((one) => this.status(one));
  }

  /** Removes a folder, but not its contents. */
  removeFolder(path: string): void {
    this.#folders.delete(path);
  }

  #repoAt(path: string): Repo | undefined {
    return this.all().find((repo) => repo.path === path);
  }

  #checkPath(path: string): void {
    if (!path.startsWith("/") || path === "/") throw invalid(`Path (${path}) is not a valid path for a repo`);
    if (/^\/Repos\//.test(path) && path.split("/").length !== 4) {
      throw invalid(`Path (${path}) must have the form /Repos/{folder}/{repo-name}`);
    }
    if (this.#repoAt(path) || this.#folders.has(path)) throw this.#taken(path);
    const parent = parentOf(path);
    if (!this.#options.requireParentFolders) this.addFolder(parent);
    else if (!this.#folders.has(parent)) throw notFound(`Parent folder (${parent}) does not exist.`);
  }

  #taken(path: string): ApiError {
    const [status = "", code = ""] = this.#options.doubts.takenRepoPath.split(" ");
    return new ApiError(Number(status), code, `Path (${path}) already exists.`);
  }

  #commit(): string {
    return (++this.#commits).toString(16).padStart(40, "c0ffee");
  }
}
