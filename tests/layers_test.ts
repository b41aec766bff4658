/** Enforces the layers of the code (docs/decisions.md) by reading the import statements of every file. */
import assert from "node:assert/strict";
import { cycleOf } from "../src/base/cycle.ts";

const root = new URL("../", import.meta.url);

/** An import of one file by another. */
interface Import {
  /** The importing file, relative to the root: `src/resource.ts`. */
  readonly from: string;
  /** The imported file, relative to the root, or the package as it is written. */
  readonly to: string;
  readonly isType: boolean;
  readonly isDynamic: boolean;
}

/** All TypeScript files below a folder, relative to the root, without tests. */
async function* sources(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* sources(path);
    else if (/\.ts$/.test(name) && !/_test\.ts$/.test(name)) yield path;
  }
}

/** Removes the comments of a file, since their examples import too. */
function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

function importsOf(from: string, text: string): Import[] {
  const code = codeOf(text);
  const statements = [...code.matchAll(/^(?:import|export)\s+(type\s)?[^;"'`]*?from\s+"([^"]+)"/gm)];
  const bare = [...code.matchAll(/^import\s+"([^"]+)"/gm)];
  const dynamic = [...code.matchAll(/(?<!\w)import\(\s*"([^"]+)"/g)];
  return [
    ...statements.map(([, type, to]) => ({ to, isType: type !== undefined, isDynamic: false })),
    ...bare.map(([, to]) => ({ to, isType: false, isDynamic: false })),
    ...dynamic.map(([, to]) => ({ to, isType: false, isDynamic: true })),
  ].map(({ to = "", ...rest }) => ({ ...rest, from, to: resolve(from, to) }));
}

function resolve(from: string, to: string): string {
  return to.startsWith(".") ? new URL(to, new URL(from, "file:///")).pathname.slice(1) : to;
}

const files: string[] = [];
for (const folder of ["src", "mock"]) for await (const file of sources(folder)) files.push(file);
const texts = new Map<string, string>();
for (const file of files) texts.set(file, await Deno.readTextFile(new URL(file, root)));
const imports = files.flatMap((file) => importsOf(file, texts.get(file) ?? ""));

interface Rule {
  readonly claim: string;
  /** The files that the rule applies to. */
  readonly of: RegExp;
  /** The only imports of the project that are allowed, or … */
  readonly only?: RegExp;
  /** … the imports that are forbidden. */
  readonly never?: RegExp;
  /** The packages that they may import; by default any. */
  readonly packages?: RegExp;
}

const rules: readonly Rule[] = [
  {
    claim: "resource.ts and resource/, the contract of a kind, know zod only",
    of: /^src\/resource(\.ts$|\/)/,
    only: /^src\/resource\//,
    packages: /^zod$/,
  },
  {
    claim: "a kind knows the contract, the API's types and checks, and zod, and neither Kubernetes nor the reconciler",
    of: /^src\/resources\/(?!mod\.ts)/,
    only:
      /^src\/((resource|databricks\/(types|primitives|confirmed|current_user|errors|references|(answers|checks)\/\w+))\.ts$|resources\/shared\/)/,
    packages: /^(zod|node:buffer)$/,
  },
  {
    claim: "the registry knows the kinds",
    of: /^src\/resources\/mod\.ts$/,
    only: /^src\/(resource\.ts$|resources\/)/,
    packages: /^$/,
  },
  {
    claim: "databricks/ knows nothing of Kubernetes, of the reconciler or of any kind",
    of: /^src\/databricks\//,
    only: /^src\/(databricks\/|base\/|http\/|resource\.ts$|telemetry\/log\.ts$)/,
  },
  {
    claim: "kubernetes/ knows nothing of Databricks, of the reconciler or of any kind",
    of: /^src\/kubernetes\//,
    only: /^src\/(kubernetes\/|base\/|http\/|telemetry\/log\.ts$|process\/version\.ts$)/,
  },
  {
    claim: "the reconciler knows no single kind",
    of: /^src\/reconcile\//,
    never: /^src\/(resources\/(?!mod\.ts)|generate\/|commands\/|main\.ts)/,
  },
  {
    claim: "generate/ writes from the declarations alone",
    of: /^src\/generate\//,
    never: /^src\/(kubernetes|reconcile|commands)\//,
  },
  {
    claim: "base/ knows only itself",
    of: /^src\/base\//,
    only: /^src\/base\//,
  },
  {
    claim: "http/ knows base/ only",
    of: /^src\/http\//,
    only: /^src\/(base|http)\//,
  },
  {
    claim: "telemetry/ and process/ know nothing of Databricks, Kubernetes or the reconciler",
    of: /^src\/(telemetry|process)\//,
    only: /^src\/(base|http|telemetry|process)\/|^deno\.json$/,
  },
  {
    claim: "plan/ is pure: it knows the contract and base/, and does no I/O",
    of: /^src\/reconcile\/plan\//,
    only: /^src\/(base\/|resource\.ts$|reconcile\/(plan\/|object\/status\.ts$))/,
  },
  {
    claim: "the mock knows the product's JSON, its kinds and the API's types, so that it cannot share a mistake",
    of: /^mock\/(?!kubernetes\/|mod\.ts)/,
    only: /^(mock\/(?!kubernetes\/)|src\/(base\/json|resource|databricks\/(types|primitives))\.ts$|src\/resources\/)/,
    packages: /^(msw\/http|msw\/utils\/get-response|commander|zod|@peculiar\/x509|reflect-metadata|jose|node:.*)$/,
  },
  {
    claim: "the embedded Kubernetes API knows of the product only how JSON and objects look",
    of: /^mock\/kubernetes\/(?!.*_test\.ts)/,
    only:
      /^(mock\/kubernetes\/|mock\/(faults|injection|served|streams|certificate|base64|interrupted)\.ts$|src\/base\/json\.ts$|src\/kubernetes\/(cel|object|lines)\.ts$)/,
  },
  {
    claim: "nothing in src imports the mock, the tests or the tools",
    of: /^src\//,
    never: /^(mock|tests|tools|bench)\//,
  },
  { claim: "fakes are for tests", of: /^src\/(?!.*_fake\.ts)/, never: /_(fake|test)\.ts$/ },
  {
    claim: "msw is imported by its parts, since the whole of it patches globals",
    of: /./,
    never: /^(npm:)?msw(@[^/]*)?$/,
  },
  {
    claim: "packages are named in deno.json, with their versions",
    of: /^(?!mock\/kubernetes\/)/,
    never: /^(npm|jsr|https?):/,
  },
];

for (const { claim, of, only, never, packages } of rules) {
  Deno.test(`layers: ${claim}`, () => {
    const ours = imports.filter(({ from }) => of.test(from));
    const wrong = ours.filter(({ to }) => {
      const isFile = /^(src|mock|tests|tools|bench|deno\.json)/.test(to);
      if (never?.test(to)) return true;
      return isFile ? only !== undefined && !only.test(to) : packages !== undefined && !packages.test(to);
    });
    assert.deepEqual(wrong.map(({ from, to }) => `${from} imports ${to}`), []);
    assert.ok(files.some((file) => of.test(file)), "the rule matches existing files");
  });
}

Deno.test("layers: @kubernetes/client-node is imported dynamically, or as a type", () => {
  // This file selects what a bundle includes, and is itself loaded on demand.
  const only = "src/kubernetes/kubeconfig_library.ts";
  const wrong = imports.filter(({ from, to, isType, isDynamic }) =>
    (to.startsWith("@kubernetes/client-node") && from !== only || to === only) && !isType && !isDynamic
  );
  assert.deepEqual(wrong.map(({ from }) => from), []);
});

Deno.test("layers: zod is imported as a namespace, so that a bundle drops unused parts, or as a type", () => {
  const wrong = files.filter((file) => /^import \{[^}]*\} from "zod"/m.test(codeOf(texts.get(file) ?? "")));
  assert.deepEqual(wrong, []);
});

/** Words of single kinds, which belong in the kinds' files. The reasons of all kinds are in one table. */
const KIND_WORDS =
  /\bDatabricks(?!Error\b)[A-Z]\w+|\bGitCredential\b|[Ss]ecret scope|\bsecret_name|\bScopeMissing\b|\/jobs\//;
const HAS_KIND_WORDS = /^src\/reconcile\/object\/reasons\.ts$/;

Deno.test("layers: the reconciler's code contains no word of a single kind", () => {
  const wrong = files.filter((file) =>
    file.startsWith("src/reconcile/") && !HAS_KIND_WORDS.test(file) && KIND_WORDS.test(codeOf(texts.get(file) ?? ""))
  );
  assert.deepEqual(wrong, [], "say it in the kind's file, through the contract");
});

Deno.test("layers: there are no default exports", () => {
  const wrong = files.filter((file) =>
    /^export\s+(default\b|\{[^}]*\bas default\b)/m.test(codeOf(texts.get(file) ?? ""))
  );
  assert.deepEqual(wrong, []);
});

Deno.test("layers: every module has a description", () => {
  const wrong = files.filter((file) => {
    const text = texts.get(file) ?? "";
    return !/^(\/\/.*\n)*(#!.*\n)?\/\*\*[\s\S]*?@module/.test(text);
  });
  assert.deepEqual(wrong, []);
});

Deno.test("layers: imports in src have no cycles, except of types", () => {
  const edges = new Map<string, string[]>();
  for (const { from, to, isType } of imports) {
    if (!isType && to.startsWith("src/")) edges.set(from, [...edges.get(from) ?? [], to]);
  }
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: string[]) => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" → "));
    if (path.includes(file) || done.has(file)) return;
    for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
  assert.deepEqual(circles, []);
});

Deno.test("layers: the folders of the reconciler have no cycles, except of types", () => {
  const folderOf = (file: string) => /^src\/reconcile\/(?:(\w+)\/)?/.exec(file)?.[1] ?? "reconcile";
  const edges = new Map<string, string[]>();
  for (const { from, to, isType } of imports) {
    if (isType || !from.startsWith("src/reconcile/") || !to.startsWith("src/reconcile/")) continue;
    if (folderOf(from) !== folderOf(to)) edges.set(folderOf(from), [...edges.get(folderOf(from)) ?? [], folderOf(to)]);
  }
  assert.equal(cycleOf(edges), undefined);
});

Deno.test("layers: the reader of imports sees every form of import", () => {
  const text = `
    /** import a from "comment"; */
import { a } from "./a.ts";
import type { B } from "npm:b@1";
import {
  c,
  type D,
} from "../c.ts";
import "./side_effect.ts";
export { e } from "../databricks/e.ts";
export type * from "./f.ts";
const g = await import("@kubernetes/client-node");
const h = "import x from 'text'";
`;
  const seen = importsOf("src/reconcile/x.ts", text).map(({ to, isType, isDynamic }) =>
    [to, isType && "type", isDynamic && "dynamic"].filter(Boolean).join(" ")
  );
  assert.deepEqual(seen.sort(), [
    "@kubernetes/client-node dynamic",
    "npm:b@1 type",
    "src/c.ts",
    "src/databricks/e.ts",
    "src/reconcile/a.ts",
    "src/reconcile/f.ts type",
    "src/reconcile/side_effect.ts",
  ]);
});
