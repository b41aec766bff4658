/**
 * Reads manifests from files, folders and standard input, with the lines of their fields.
 *
 * @module
 */
import { type Document, isCollection, isMap, isNode, isSeq, LineCounter, parseAllDocuments } from "yaml";
import { isObject } from "../base/json.ts";
import type { KubeObject } from "../kubernetes/client.ts";

/** A YAML or JSON file, by its extension. */
const IS_MANIFEST = /\.(ya?ml|json)$/;

/** A document of a file. */
export interface Manifest {
  /** The file as the user named it; `-` for standard input. */
  readonly file: string;
  readonly object: KubeObject;
  /**
   * The line (from 1) of a field, such as `spec.job.settings.tasks[1].task_key`; if it is absent, of the closest field
   * around it.
   */
  lineOf(path: string): number;
}

/** A generated object as a manifest, which has no lines in a file. */
export function madeManifest(object: KubeObject): Manifest {
  return { file: "", object, lineOf: () => 1 };
}

/** A file, or a part of it, that is not a manifest. */
export interface Unreadable {
  readonly file: string;
  readonly line: number;
  /** The reason. */
  readonly message: string;
}

/** The content of some files. */
export interface Manifests {
  readonly manifests: readonly Manifest[];
  readonly unreadable: readonly Unreadable[];
  readonly files: number;
}

/** Reads files and folders (recursively); `-` is standard input. */
export async function readManifests(names: readonly string[]): Promise<Manifests> {
  const manifests: Manifest[] = [];
  const unreadable: Unreadable[] = [];
  let files = 0;
  for (const name of names) {
    for await (const file of filesOf(name)) {
      files++;
      try {
        const read = parseManifests(await textOf(file), file);
        manifests.push(...read.manifests);
        unreadable.push(...read.unreadable);
      } catch (error) {
        unreadable.push({ file, line: 1, message: error instanceof Error ? error.message : String(error) });
      }
    }
  }
  return { manifests, unreadable, files };
}

async function* filesOf(name: string): AsyncGenerator<string> {
  if (name === "-" || !await isDirectory(name)) return yield name;
  const entries = await Array.fromAsync(Deno.readDir(name));
  for (const entry of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
    const path = `${name.replace(/\/$/, "")}/${entry.name}`;
    if (entry.name.startsWith(".")) continue;
    if (entry.isDirectory) yield* filesOf(path);
    else if (IS_MANIFEST.test(entry.name)) yield path;
  }
}

async function isDirectory(name: string): Promise<boolean> {
  try {
    return (await Deno.stat(name)).isDirectory;
  } catch {
    return false;
  }
}

function textOf(file: string): Promise<string> {
  return file === "-" ? new Response(Deno.stdin.readable).text() : Deno.readTextFile(file);
}

/**
 * Parses the documents of a file; the items of a `List` count as documents.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseManifests } from "./manifests.ts";
 *
 * const { manifests } = parseManifests("kind: A\n---\nkind: B\nspec:\n  size: 9007199254740993\n", "x.yaml");
 * assert.deepEqual(manifests.map(({ object }) => object.kind), ["A", "B"]);
 * assert.equal(manifests[1]?.lineOf("spec.size"), 5);
 * assert.equal(manifests[1]?.object.spec?.size, 9007199254740993n);
 * ```
 */
export function parseManifests(text: string, file: string): Omit<Manifests, "files"> {
  const manifests: Manifest[] = [];
  const unreadable: Unreadable[] = [];
  const lineCounter = new LineCounter();
  const lineAt = (offset: number) => Math.max(1, lineCounter.linePos(offset).line);
  for (const document of parseAllDocuments(text, { lineCounter, intAsBigInt: true, merge: true })) {
    const [problem] = document.errors;
    if (problem !== undefined) {
      unreadable.push({ file, line: lineAt(problem.pos[0]), message: problem.message.split("\n")[0] ?? "" });
      continue;
    }
    if (document.contents === null) continue;
    const value = withNumbers(document.toJS());
    if (!isObject(value)) {
      unreadable.push({ file, line: lineAt(offsetOf(document, [])), message: "is no object: a manifest has fields" });
      continue;
    }
    for (const [object, root] of itemsOf(value)) {
      const lineOf = (path: string) => lineAt(offsetOf(document, [...root, ...stepsOf(path)]));
      manifests.push({ file, object: object as unknown as KubeObject, lineOf });
    }
  }
  return { manifests, unreadable };
}

/** An object, or those of a list of objects, each with its place in the document. */
function itemsOf(value: Record<string, unknown>): [Record<string, unknown>, (string | number)[]][] {
  if (value.kind !== "List" || !Array.isArray(value.items)) return [[value, []]];
  return value.items.flatMap((item, index) => isObject(item) ? [[item, ["items", index]]] : []);
}

/** Integers that a number holds exactly become numbers, as when the operator reads JSON. */
function withNumbers(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(withNumbers);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, content]) => [name, withNumbers(content)]));
}

/** `spec.tasks[1].key` as `spec`, `tasks`, 1, `key`. */
function stepsOf(path: string): (string | number)[] {
  return [...path.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([step, index]) => index === undefined ? step : Number(index));
}

/** The offset of a field in the text, or of the last existing field on its path. */
function offsetOf(document: Document, steps: readonly (string | number)[]): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? node.range?.[0] ?? 0 : 0;
  for (const step of steps) {
    if (!isCollection(node)) break;
    const pair = isMap(node) ? node.items.find(({ key }) => String(key) === String(step)) : undefined;
    const next = isSeq(node) ? node.items[Number(step)] : pair?.value;
    const place = pair?.key ?? next;
    if (!isNode(place)) break;
    offset = place.range?.[0] ?? offset;
    node = next;
  }
  return offset;
}
