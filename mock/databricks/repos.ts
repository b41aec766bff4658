/**
 * The Git folders (repos) of one workspace, and the folders that they stand in.
 *
 * @module
 */
import { alreadyExists, ApiError, invalid, notFound } from "./errors.ts";
import { checkProvider, providerCase } from "./credentials.ts";
import type { Doubts } from "./doubts.ts";
import { IdSequence } from "./ids.ts";
import { Journal } from "./journal.ts";
import { byFallingId } from "./paging.ts";

/** A Git folder as the workspace holds it. */
export interface Repo {
  id: string;
  url: string;
  provider: string;
  path: string;
  /** Absent while a tag is checked out. */
  branch?: string;
  head_commit_id: string;
  sparse_checkout?: { patterns: string[] };
  /** Made with the Git CLI: found by id and path, not in the list. */
  gitCli: boolean;
  /** The user whose permission on it is not inherited; no answer of the Repos API shows it. */
  creator: string;
}

/** The fields that a request or a person sets. */
export interface RepoInput {
  url: string;
  provider?: string;
  path?: string;
  branch?: string;
  sparse_checkout?: { patterns: string[] };
  gitCli?: boolean;
  /** The user who makes it, and in whose folder it is made when there is no path. */
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
  /** The lag of lists, where they lag (ms). */
  listLagMs: number;
}

/** A path without the optional /Workspace in front and without a slash at its end. */
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

  /** Lists tell from now on what was done so far. */
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

  /** Checks something else out, as PATCH does. */
  update(id: string, { branch, tag, sparse_checkout }: RepoChange): void {
    const repo = this.require(id);
    if (branch && tag) throw invalid("Only one of branch and tag can be specified");
    if (sparse_checkout && !repo.sparse_checkout) {
      throw new ApiError(400, "INVALID_STATE", `Sparse checkout is not enabled for repo ${id}`);
    }
    this.#journal.note(id, { ...repo });
    if (branch) repo.branch = branch;
    if (tag) delete repo.branch; // A tag leaves the head detached.
    if (sparse_checkout) repo.sparse_checkout = sparse_checkout;
    repo.head_commit_id = this.#commit();
  }

  /** Changes fields as a person would, such as the branch or the path. */
  edit(id: string, change: Partial<Omit<Repo, "id">>): void {
    const repo = this.require(id);
    this.#journal.note(id, { ...repo });
    Object.assign(repo, change);
  }

  get(id: string): Repo | undefined {
    return this.#repos.get(id);
  }

  /** The repo, or the API's 404. */
  require(id: string): Repo {
    const repo = this.#repos.get(id);
    if (!repo) throw notFound(`Repo ${id} could not be found`);
    return repo;
  }

  /** True when there was such a repo. */
  remove(id: string): boolean {
    this.#journal.note(id, this.#repos.get(id));
    return this.#repos.delete(id);
  }

  /** As the API spells it. */
  shown(repo: Repo): Repo {
    const { doubts } = this.#options;
    const url = doubts.repoUrl === "as written"
      ? repo.url
      : repo.url.replace(/^(https?:\/\/)[^/@]*@/, "$1").replace(/\.git$/, "");
    const provider = doubts.repoProviderCase === "as written" ? repo.provider : providerCase(repo.provider);
    const path = doubts.repoPath === "no" ? repo.path : `/Workspace${repo.path}`;
    return { ...repo, url, provider, path };
  }

  /** From the newest to the oldest, as the API lists them: where lists lag, without the latest writes. */
  listed(): Repo[] {
    if (this.#options.doubts.listLag === "none") return this.all();
    return [...this.#journal.before(this.#repos).values()].sort(byFallingId((repo) => repo.id));
  }

  /** From the newest to the oldest, with those made with the Git CLI. */
  all(): Repo[] {
    return [...this.#repos.values()].reverse();
  }

  /** Adds a folder and those above it. */
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

  /** The workspace's user. */
  get user(): string {
    return this.#options.user;
  }

  /** True when a folder or Git folder stands at a path. */
  holds(path: string): boolean {
    return this.#folders.has(path) || this.#repoAt(path) !== undefined;
  }

  /** True when a folder has this id. */
  hasFolder(id: string): boolean {
    return [...this.#folders.values()].includes(id);
  }

  /** The folders and Git folders directly below a folder. */
  below(path: string): { object_type: "REPO" | "DIRECTORY"; object_id: string; path: string }[] {
    const paths = [...this.#folders.keys(), ...this.all().map((repo) => repo.path)];
    return paths.filter((one) => one !== "/" && parentOf(one) === path).map((one) => this.status(one));
  }

  /** Takes a folder away; what is in it stays where it is. */
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
