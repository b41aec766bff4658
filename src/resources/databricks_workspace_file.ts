/**
 * DatabricksWorkspaceFile: a notebook or a file of the workspace (Workspace API 2.0), whose content is text in the
 * manifest, a key of a ConfigMap or a key of a Secret.
 *
 * A list contains only the direct children of a folder, so each object reads its own file, with its content. Content
 * from a Secret, and content that is not text, is never read back.
 *
 * @module
 */
import * as z from "zod";
import { confirmed } from "../databricks/confirmed.ts";
import type { ObjectInfo } from "../databricks/types.ts";
import { commonColumns, defineResource, endpoint, type Intent, type SpecIssue, type Workspace } from "../resource.ts";
import { holdsJson } from "./shared/json_text.ts";
import { cameDuring, folderMissing, nameTaken } from "./shared/workspace_objects.ts";
import { isWorkspacePath, parentOf, withoutWorkspace } from "./shared/workspace_paths.ts";

/** The default of `secret_key`. */
const KEY = "content";

const File = z.looseObject({
  path: z.string().describe("Its path: /Shared/etl/load. Its folder must exist. Cannot be changed."),
  format: z.enum(["SOURCE", "JUPYTER", "RAW"]).describe(
    "SOURCE for a notebook as text, JUPYTER for one as .ipynb, RAW for a file. Cannot be changed.",
  ),
  language: z.enum(["PYTHON", "SQL", "SCALA", "R"]).describe("The language; needed with SOURCE").optional(),
  content: z.string().max(1_000_000).describe("The content, as text").optional(),
});

const Spec = z.looseObject({
  file: File.describe("The file, with the fields of the Workspace API"),
  secret_name: z.string().describe("The Secret in this namespace with the content, instead of file.content")
    .optional(),
  secret_key: z.string().describe(`The key of the Secret; defaults to ${KEY}`).optional(),
  config_map_name: z.string().describe("The ConfigMap in this namespace with the content").optional(),
  config_map_key: z.string().describe(`The key of the ConfigMap, text or binary; defaults to ${KEY}`).optional(),
});

type File = z.infer<typeof File>;
/** A file, with its content if that is compared. */
type Observed = ObjectInfo & { content?: string };

const path = "/api/2.0/workspace";

const endpoints = {
  get: endpoint(`GET ${path}/get-status`),
  getWhole: endpoint(`GET ${path}/export`),
  listBelow: endpoint(`GET ${path}/list`),
  create: endpoint(`POST ${path}/import`, {
    secrets: ["content"],
    errors: [nameTaken, folderMissing("spec.file.path")],
  }),
  // With overwrite, repeating the call replaces the content by the same content.
  update: endpoint(`POST ${path}/import`, { repeatable: true, secrets: ["content"] }),
  delete: endpoint(`POST ${path}/delete`, { repeatable: true }),
};

/** The declaration of kind DatabricksWorkspaceFile. */
export const databricksWorkspaceFile = defineResource<z.infer<typeof Spec>, File, Observed>({
  kind: "DatabricksWorkspaceFile",
  plural: "databricksworkspacefiles",
  singular: "databricksworkspacefile",
  shortNames: ["dbfile"],
  noun: "workspace file",
  description: "A notebook or a file of the workspace, from text or from a key of a ConfigMap or Secret",
  identity: "natural",
  spec: Spec,
  observed: z.custom<Observed>(),
  comparableSchema: File,
  statusFields: {
    object_id: z.string().describe("The id for permissions").optional(),
    object_type: z.string().describe("NOTEBOOK or FILE").optional(),
  },
  desiredPath: "spec.file",
  fields: {
    immutable: ["path", "format"],
    spelling: { path: withoutWorkspace },
    answers: { content: isContent, format: isFormat },
    onlyIfAsked: { content: ["content"], language: ["language"] },
    irremovable: ["content", "language"],
    confidential: ["content"],
  },
  endpoints,
  external: {
    observe,
    find: async (workspace, intent) => {
      const id = withoutWorkspace(intent.desired.path);
      const observed = await observe(workspace, id, intent);
      return observed === undefined ? [] : [{ id, observed }];
    },
    // A file that appeared during the create, in its place and with its content, is the operator's or equivalent.
    isOurs: async (workspace, { id, observed }, { intent, attempt }) => {
      const { created_at, content } = observed;
      if (!cameDuring(created_at === undefined ? undefined : Number(created_at), attempt)) return false;
      const held = content ?? await contentOf(workspace, id, intent.desired.format);
      return isContent(bytesOf(intent).toString(), held);
    },
    isListed: async (workspace, id) => {
      const answer = await workspace.tryCall(endpoints.listBelow, { path: parentOf(id) });
      return ((answer?.objects ?? []) as ObjectInfo[]).some((one) => one.path === id);
    },
    create: async (workspace, intent) => {
      const id = withoutWorkspace(intent.desired.path);
      const made = workspace.call(endpoints.create, { ...sent(intent), overwrite: false });
      // The answer says nothing about the file.
      await confirmed(made, async () => await observe(workspace, id) !== undefined);
      return id;
    },
    update: async (workspace, id, intent) => {
      await workspace.call(endpoints.update, { ...sent(intent), path: id, overwrite: true });
    },
    delete: async (workspace, id) => {
      if (await observe(workspace, id) === undefined) return;
      await workspace.tryCall(endpoints.delete, { path: id });
    },
  },
  printerColumns: [
    { name: "Path", type: "string", jsonPath: ".spec.file.path" },
    ...commonColumns,
  ],
  rules: [{
    rule: "[has(self.file.content), has(self.secret_name), has(self.config_map_name)].filter(it, it).size() == 1",
    message:
      "the content is one of file.content, a key of the Secret secret_name, a key of the ConfigMap config_map_name",
  }, {
    at: ["file"],
    rule: "self.format != 'SOURCE' || has(self.language)",
    message: "language is missing: a notebook as text needs it",
  }],
  apiVersion: () => "2.0",
  naturalKey: ({ path = "" }) => withoutWorkspace(path),
  desired: ({ file }) => file,
  validate: (spec) => [
    ...isWorkspacePath("spec.file.path", spec.file.path),
    ...sourceIssues(spec),
  ],
  reference: ({ file: { format }, secret_name, secret_key = KEY, config_map_name, config_map_key = KEY }) => {
    const isBinary = format === "RAW";
    if (secret_name !== undefined) return { name: secret_name, field: "spec.secret_name", key: secret_key, isBinary };
    if (config_map_name === undefined) return undefined;
    const reference = { name: config_map_name, field: "spec.config_map_name", key: config_map_key, isBinary };
    return { kind: "ConfigMap", ...reference };
  },
  fill: (spec, content) => ({ ...spec, file: { ...spec.file, content } }),
  readsConfigMaps: true,
  referenceField: "spec.secret_name",
  isReferenceOptional: true,
  comparable: ({ path, object_type, language, content }) => ({
    path,
    // Answers do not contain the format in which a notebook was imported.
    format: object_type === "NOTEBOOK" ? "SOURCE" : "RAW",
    ...(object_type === "NOTEBOOK" && language !== undefined ? { language } : {}),
    ...(content === undefined ? {} : { content }),
  }),
  show: ({ object_id, object_type }) => ({ object_id: object_id?.toString(), object_type }),
  displayName: ({ path = "" }) => path,
  url: (host, id) => `${host}/#workspace${id.split("/").map(encodeURIComponent).join("/")}`,
  examples: [{
    title: "A notebook",
    spec: { file: { path: "/Shared/load", format: "SOURCE", language: "PYTHON", content: "print('loaded')" } },
    edited: { file: { path: "/Shared/load", format: "SOURCE", language: "PYTHON", content: "print('loaded all')" } },
  }, {
    title: "A query in a file",
    spec: { file: { path: "/Shared/report.sql", format: "RAW", content: "SELECT 1" } },
    edited: { file: { path: "/Shared/report.sql", format: "RAW", content: "SELECT 2" } },
  }, {
    title: "A file from a Secret",
    spec: { file: { path: "/Shared/pip.conf", format: "RAW" }, secret_name: "pip", secret_key: "pip.conf" },
    secret: { "pip.conf": "[global]\nindex-url = https://user:s3cret@pypi.example.com/simple" },
    edited: { file: { path: "/Shared/pip.conf", format: "RAW" }, secret_name: "pip", secret_key: "pip.conf" },
  }],
});

/** The notebook or file at a path, with its content if the manifest contains that. */
async function observe(workspace: Workspace, path: string, intent?: Intent<File>): Promise<Observed | undefined> {
  // Anything else is not a path, and is refused as such.
  if (!path.startsWith("/")) return undefined;
  const found = await workspace.tryCall(endpoints.get, { path }) as ObjectInfo | undefined;
  if (found === undefined || (found.object_type !== "NOTEBOOK" && found.object_type !== "FILE")) return undefined;
  if (intent?.desired.content === undefined) return found;
  const content = await contentOf(workspace, path, intent.desired.format);
  return content === undefined ? undefined : { ...found, content };
}

async function contentOf(workspace: Workspace, path: string, format: string): Promise<string | undefined> {
  const answer = await workspace.tryCall(endpoints.getWhole, { path, format: format === "RAW" ? "AUTO" : format });
  return answer === undefined ? undefined : Buffer.from(String(answer.content ?? ""), "base64").toString();
}

/** The content that an intent sends. */
function bytesOf({ desired: { content }, values }: Intent<File>): Buffer {
  const [value = new Uint8Array()] = Object.values(values);
  return Buffer.from(content ?? value);
}

function sent(intent: Intent<File>): Record<string, unknown> {
  const { desired: { path, ...file } } = intent;
  return { ...file, path: withoutWorkspace(path), content: bytesOf(intent).toString("base64") };
}

/** The first line of a notebook's source, which Databricks adds if it is missing. */
const HEADER = /^\s*(#|--|\/\/) Databricks notebook source\s*\n/;

/**
 * True for the same content, apart from the line that Databricks adds at the top, and from its additions to a
 * notebook's JSON.
 */
function isContent(asked: unknown, answered: unknown): boolean {
  if (typeof asked !== "string" || typeof answered !== "string") return asked === answered;
  const bare = (text: string) => text.replace(HEADER, "").trimEnd();
  return bare(asked) === bare(answered) || holdsJson(asked, answered);
}

function isFormat(asked: unknown, answered: unknown): boolean {
  return (asked === "RAW") === (answered === "RAW");
}

function sourceIssues(spec: z.infer<typeof Spec>): SpecIssue[] {
  const { file: { content, format, language }, secret_name, config_map_name } = spec;
  const given = [content, secret_name, config_map_name].filter((source) => source !== undefined).length;
  const issues: SpecIssue[] = [];
  if (given !== 1) {
    issues.push({
      path: "spec.file.content",
      message: given === 0
        ? "is missing: give the content, or name the Secret (spec.secret_name) or ConfigMap (spec.config_map_name) of it"
        : "and spec.secret_name and spec.config_map_name exclude each other: keep one of them",
    });
  }
  if (format === "SOURCE" && language === undefined) {
    issues.push({
      path: "spec.file.language",
      message: "is missing: a notebook as text needs PYTHON, SQL, SCALA or R",
    });
  }
  return issues;
}
