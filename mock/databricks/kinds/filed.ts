/**
 * Resources that are files of the workspace: dashboards, queries, alerts. A deleted one goes to the trash.
 *
 * @module
 */
import { alreadyExists, notFound } from "../errors.ts";
import type { ObjectInfo } from "../workspace_files.ts";
import type { KindContext } from "./context.ts";

type Fields = Record<string, unknown>;

/** Options of {@link Filed}. */
export interface FiledOptions {
  /** The noun for errors. */
  readonly noun: string;
  /** The suffix of the file's name: `.lvdash.json`. */
  readonly suffix: string;
  /** The object type in the Workspace API's answers. */
  readonly objectType: string;
  /** The first number of ids, so that kinds differ. */
  readonly firstId: number;
  readonly newId: (count: number) => string;
}

interface File {
  readonly id: string;
  readonly number: bigint;
  fields: Fields;
  isTrashed: boolean;
  readonly created: number;
  updated: number;
  writes: number;
}

/** Files, by their ids. */
export class Filed {
  readonly #context: KindContext;
  readonly #options: FiledOptions;
  readonly #files = new Map<string, File>();

  constructor(context: KindContext, options: FiledOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** Adds a file and returns its id. */
  add({ parent_path, ...fields }: Fields): string {
    const folder = spelt(String(parent_path ?? `/Users/${this.#context.user}`));
    if (!this.#context.isFolder(folder)) throw notFound(`Path (${folder}) doesn't exist.`);
    this.#check(folder, fields.display_name);
    const count = this.#files.size;
    const id = this.#options.newId(count);
    const now = this.#context.now();
    const number = BigInt(this.#options.firstId) + BigInt(count);
    this.#files.set(id, {
      id,
      number,
      fields: { ...fields, parent_path: folder },
      isTrashed: false,
      created: now,
      updated: now,
      writes: 1,
    });
    return id;
  }

  /** Changes some fields of a file; `undefined` removes one. */
  edit(id: string, changes: Fields): void {
    const file = this.require(id);
    const fields = { ...file.fields, ...changes };
    this.#check(String(fields.parent_path), fields.display_name, id);
    file.fields = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    file.updated = Math.max(this.#context.now(), file.updated + 1);
    file.writes++;
  }

  /** A file that is not in the trash. @throws {ApiError} 404 if there is none. */
  require(id: string): File {
    const file = this.#files.get(id);
    if (file === undefined || file.isTrashed) throw notFound(`${this.#options.noun} ${id} does not exist.`);
    return file;
  }

  /** A file, even one in the trash. */
  any(id: string): File | undefined {
    return this.#files.get(id);
  }

  /** The files that are not in the trash, from the newest to the oldest. */
  all(): File[] {
    return [...this.#files.values()].filter(({ isTrashed }) => !isTrashed).reverse();
  }

  /** Moves a file to the trash. */
  trash(id: string): void {
    this.require(id).isTrashed = true;
  }

  pathOf({ fields }: Pick<File, "fields">): string {
    return `${fields.parent_path}/${fields.display_name}${this.#options.suffix}`;
  }

  /** The files in the Workspace API's format. */
  infos(): ObjectInfo[] {
    return this.all().map((file) => ({
      object_id: String(file.number),
      object_type: this.#options.objectType,
      path: this.pathOf(file),
      resource_id: file.id,
      created_at: file.created,
      modified_at: file.updated,
    }));
  }

  /** Removes the file at a path; false if there is none. */
  removeAt(path: string): boolean {
    const file = this.all().find((one) => this.pathOf(one) === path);
    if (file !== undefined) file.isTrashed = true;
    return file !== undefined;
  }

  #check(folder: string, name: unknown, id?: string): void {
    const path = this.pathOf({ fields: { parent_path: folder, display_name: name } });
    const other = this.all().find((one) => this.pathOf(one) === path);
    if (other !== undefined && other.id !== id) {
      throw alreadyExists(`${this.#options.noun} at ${path} already exists`, 409);
    }
  }
}

/** A path in the spelling of answers. */
export function spelt(path: string): string {
  return path.replace(/^\/Workspace(?=\/)/, "").replace(/\/+$/, "") || "/";
}

/** A time in the format of answers. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
