/**
 * The chart's generated documentation: the table of values in its README, and the annotations of Chart.yaml that
 * Artifact Hub shows.
 *
 * @module
 */
import { type Document, isMap, isPair, isScalar, parseAllDocuments, parseDocument, type YAMLMap } from "yaml";
import type { CrdSource } from "../src/generate/crd.ts";
import { filled, table } from "../src/generate/markdown.ts";
import { GROUP } from "../src/resource.ts";
import { CHART } from "./generate_chart.ts";

const ROOT = new URL("../", import.meta.url);
/** The maximum length of a default in a cell. */
const MAX_DEFAULT = 60;

/** A value of the chart. */
export interface Value {
  /** Its path: `image.tag`. */
  readonly path: string;
  /** The default, in YAML's flow style. */
  readonly initial: string;
  /** The comment above it, or above its parent. */
  readonly comment: string;
}

/** A kind's entry in Chart.yaml. */
export type ChartKind = Pick<CrdSource, "kind" | "plural"> & { readonly description: string };

/** The README with its table, and Chart.yaml with its annotations. */
export function chartTexts(kinds: readonly ChartKind[]): [string, string][] {
  const examples = exampleObjects();
  const example = (kind: string) => examples.find((object) => object.kind === kind);
  const read = (name: string) => Deno.readTextFileSync(new URL(CHART + name, ROOT));
  return [
    [`${CHART}README.md`, withTable(read("README.md"), valuesOf(read("values.yaml")))],
    [`${CHART}Chart.yaml`, withAnnotations(read("Chart.yaml"), kinds, example)],
  ];
}

/** The objects of examples/. */
function exampleObjects(): { kind?: string }[] {
  const folder = new URL("examples/", ROOT);
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(".yaml")).sort();
  return names.flatMap((name) => parseAllDocuments(Deno.readTextFileSync(new URL(name, folder))))
    .map((document) => document.toJS());
}

/**
 * The values in the text of a values.yaml, in its order.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { valuesOf } from "./chart_readme.ts";
 *
 * assert.deepEqual(valuesOf("# Who works.\nreplicas: 1\n\n# The log.\nlog:\n  # A level.\n  level: info\n  lines: []\n"), [
 *   { path: "replicas", initial: "1", comment: "Who works." },
 *   { path: "log.level", initial: "info", comment: "The log. A level." },
 *   { path: "log.lines", initial: "[]", comment: "" },
 * ]);
 * ```
 */
export function valuesOf(text: string): Value[] {
  const document = parseDocument(text);
  return isMap(document.contents) ? entries(document.contents, { prefix: "" }) : [];
}

function entries(map: YAMLMap, { prefix }: { prefix: string }): Value[] {
  return map.items.flatMap((pair, index) => {
    if (!isPair(pair) || !isScalar(pair.key)) return [];
    const { value, key } = pair;
    const path = `${prefix}${String(key.value)}`;
    const above = key.commentBefore ?? (index === 0 ? map.commentBefore ?? "" : "");
    // A comment followed by an empty line is about the whole file.
    const comment = (above.split("\n\n").at(-1) ?? "").split("\n").map((line) => line.trim()).join(" ").trim();
    if (isMap(value) && value.items.length > 0) {
      const inner = entries(value, { prefix: `${path}.` });
      // The comment of a group is shown at its first value.
      return inner.map((one, at) => at === 0 ? { ...one, comment: `${comment} ${one.comment}`.trim() } : one);
    }
    return [{ path, initial: shown(value), comment }];
  });
}

/** A default on one line. */
function shown(value: unknown): string {
  const plain = (value as { toJSON?: () => unknown }).toJSON?.();
  const text = typeof plain === "string" && plain !== "" ? plain : JSON.stringify(plain);
  return text.length > MAX_DEFAULT ? `${text.slice(0, MAX_DEFAULT)}…` : text;
}

function withTable(readme: string, values: readonly Value[]): string {
  const rows = values.map(({ path, initial, comment }) => [`\`${path}\``, `\`${initial}\``, comment]);
  return filled(readme, { values: table(["Value", "Default", "Description"], rows) });
}

function withAnnotations(text: string, kinds: readonly ChartKind[], example: (kind: string) => unknown): string {
  const document: Document = parseDocument(text);
  const crds = kinds.map(({ kind, plural, description }) => ({
    kind,
    version: "v1",
    name: `${plural}.${GROUP}`,
    displayName: kind,
    description,
  }));
  const examples = kinds.map(({ kind }) => example(kind)).filter((one) => one !== undefined);
  const set = (name: string, value: unknown) =>
    document.setIn(["annotations", `artifacthub.io/${name}`], `${JSON.stringify(value, null, 2)}\n`);
  set("crds", crds);
  set("crdsExamples", examples);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}
