/**
 * The notebooks and files of one workspace; folders and Git folders are in `repos.ts`.
 *
 * @module
 */
import { alreadyExists, ApiError, notFound } from "./errors.ts";
import { IdSequence } from "./ids.ts";
import { normalPath, type Repos } from "./repos.ts";

/** A notebook or a file. */
export interface WorkspaceFile {
  object_id: string;
  object_type: "NOTEBOOK" | "FILE";
  path: string;
  /** The language of a notebook. */
  language?: string;
  content: Uint8Array;
  created_at: number;
  modified_at: number;
}

/** The content of an import. */
export interface FileInput {
  path: string;
  content: Uint8Array;
  language?: string | undefined;
  isNotebook: boolean;
  overwrite?: boolean;
}

/** The object at a path, in the API's form. */
export type ObjectInfo = Omit<WorkspaceFile, "content" | "object_type" | "created_at" | "modified_at"> & {
  object_type: string;
  created_at?: number;
  modified_at?: number;
  size?: number;
  resource_id?: string;
};

/** A resource of another API that is in a folder: a dashboard or a query. */
export interface Guest {
  infos(): ObjectInfo[];
  removeAt(path: string): boolean;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** The notebooks and files of one workspace. */
export class WorkspaceFiles {
  /** Resources of other APIs that are in folders. */
  readonly guests: Guest[] = [];
  readonly #repos: Repos;
  readonly #now: () => number;
  readonly #ids = new IdSequence(501234567890123456n);
  readonly #files = new Map<string, WorkspaceFile>();

  constructor(repos: Repos, now: () => number) {
    this.#repos = repos;
    this.#now = now;
  }

  /** Puts a notebook or file; its parent folder must exist. */
  put({ path, content, language, isNotebook, overwrite = false }: FileInput): void {
    const at = normalPath(path);
    const former = this.#files.get(at);
    if (former && !overwrite) throw alreadyExists(`Path (${path}) already exists.`);
    const parent = parentOf(at);
    if (!this.#repos.holds(parent)) throw notFound(`The parent folder (${parent}) does not exist.`);
    if (this.#repos.holds(at)) throw alreadyExists(`Path (${path}) is a folder.`);
    const now = this.#now();
    const { object_id = this.#ids.next(), created_at = now } = former ?? {};
    const object_type = isNotebook ? "NOTEBOOK" as const : "FILE" as const;
    const file: WorkspaceFile = { object_id, object_type, path: at, content, created_at, modified_at: now };
    if (isNotebook) file.language = language ?? "PYTHON";
    this.#files.set(at, file);
  }

  /** The notebook or file at a path. @throws {ApiError} 404 if there is none. */
  require(path: string): WorkspaceFile {
    const file = this.#files.get(normalPath(path));
    if (!file) throw notFound(`Path (${path}) doesn't exist.`);
    return file;
  }

  /** The notebook or file at a path, with its content as text; `undefined` if there is none. */
  find(path: string): Record<string, unknown> | undefined {
    const file = this.#files.get(normalPath(path));
    return file && { ...file, content: new TextDecoder().decode(file.content) };
  }

  /** True if a notebook or file has this id. */
  holds(id: string): boolean {
    return [...this.#files.values()].some(({ object_id }) => object_id === id);
  }

  /** Returns the notebook, file, folder or Git folder at a path. */
  status(path: string): ObjectInfo {
    const file = this.#files.get(normalPath(path));
    const guest = this.#guests().find((one) => one.path === normalPath(path));
    return file ? infoOf(file) : guest ?? this.#repos.status(path);
  }

  /** Lists the direct children of a folder; a notebook or file lists itself. */
  list(path: string): ObjectInfo[] {
    const at = normalPath(path);
    const file = this.#files.get(at);
    if (file) return [infoOf(file)];
    this.#repos.status(path); // Throws if the path does not exist.
    const below = [...this.#files.values()].filter((one) => parentOf(one.path) === at);
    const guests = this.#guests().filter((one) => parentOf(one.path) === at);
    return [...this.#repos.below(at), ...below.map(infoOf), ...guests];
  }

  #guests(): ObjectInfo[] {
    return this.guests.flatMap((guest) => guest.infos());
  }

  /** Removes the object at a path; a non-empty folder only with `recursive`. */
  remove(path: string, { recursive = false }: { recursive?: boolean } = {}): void {
    const at = normalPath(path);
    if (this.#files.delete(at) || this.guests.some((guest) => guest.removeAt(at))) return;
    const { object_type } = this.#repos.status(path);
    if (object_type === "REPO") throw new ApiError(400, "BAD_REQUEST", `Path (${path}) is a Git folder`);
    const below = this.list(at);
    if (below.length > 0 && !recursive) throw new ApiError(400, "DIRECTORY_NOT_EMPTY", `Folder (${path}) is not empty`);
    for (const one of below) {
      if (one.object_type !== "REPO") this.remove(one.path, { recursive });
      else this.#repos.remove(one.object_id);
    }
    this.#repos.removeFolder(at);
  }
}

function infoOf({ content, ...file }: WorkspaceFile): ObjectInfo {
  return file.object_type === "FILE" ? { ...file, size: content.length } : file;
}
