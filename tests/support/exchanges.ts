/**
 * Records what the client and a mock workspace send each other, as text for reviewers.
 *
 * Masks what differs between runs and what must stay secret: ids and commits (numbered by their first appearance),
 * times, secret values, and the token.
 *
 * @module
 */
import { fixedToken } from "../../src/databricks/sign_in/token_source.ts";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import type { Transport } from "../../src/databricks/call/transport.ts";
import { type Json, parseJson, stringifyJson } from "../../src/base/json.ts";
import {
  type Example,
  type Intent,
  isAtOnce,
  type Owner,
  type PartsAtOnce,
  type Resource,
  stepsOf,
  type Workspace,
} from "../../src/resource.ts";
import { withIds } from "../../src/reconcile/plan/references.ts";
import { clientOver } from "./clients.ts";
import { prepare } from "./needs.ts";

const token = "Bearer token-of-the-test";
const owner: Owner = { uid: "uid-of-the-manifest", name: "example", tag: "databricks-kube-operator" };
const secretFields = ["personal_access_token", "string_value", "bytes_value"];

/** A transport that records what it passes to another one. */
class Recorder implements Transport {
  readonly #inner: Transport;
  readonly #lines: string[] = [];

  constructor(inner: Transport) {
    this.#inner = inner;
  }

  /** The text so far, unmasked. */
  get text(): string {
    return this.#lines.join("\n");
  }

  heading(text: string): void {
    this.#lines.push("", `### ${text}`);
  }

  async send(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    this.#lines.push("", `> ${request.method} ${pathname}${search}`);
    this.#lines.push(`> authorization: ${request.headers.get("authorization")}`);
    const asked = await request.clone().text();
    if (asked !== "") this.#lines.push(pretty(asked));
    const response = await this.#inner.send(request);
    this.#lines.push("", `< ${response.status}`, pretty(await response.clone().text()));
    return response;
  }
}

/** Records the lifecycle of a kind with one of its examples, from its create until it is gone. */
export async function recordLifecycle(resource: Resource, example: Example): Promise<string> {
  const mock = new MockWorkspace({ token: token.replace("Bearer ", ""), now: () => Date.UTC(2024, 0, 1) });
  await prepare(mock, example, token.replace("Bearer ", ""));
  const recorder = new Recorder(mock.transport);
  const workspace = clientOver(recorder, { host: mock.host, tokens: fixedToken(token.replace("Bearer ", "")) });
  const heading = (text: string) => recorder.heading(text);
  await live(resource, {
    workspace,
    heading,
    made: manifestOf(resource, example),
    edited: editedOf(resource, example),
  });
  const head = [
    `# ${resource.kind}: ${example.title}`,
    "# Written by tests/exchanges_test.ts; UPDATE_EXCHANGES=1 deno test -A tests/exchanges_test.ts writes it anew.",
  ];
  const text = Object.values(example.secret ?? {})
    .reduce((shown, secret) => shown.replaceAll(JSON.stringify(secret), '"<secret>"'), mask(recorder.text));
  return `${head.join("\n")}\n${text}\n`;
}

/** A manifest, and its desired state. */
interface Manifest {
  readonly spec: Record<string, unknown>;
  readonly intent: Intent;
}

/** Parameters of a lifecycle. */
interface Life {
  readonly workspace: Workspace;
  /** Writes a heading for the next step. */
  readonly heading: (text: string) => void;
  readonly made: Manifest;
  /** The edited manifest, if the example has one. */
  readonly edited: Manifest | undefined;
}

async function live(resource: Resource, life: Life): Promise<void> {
  const { external } = resource;
  const { workspace, heading, made, edited } = life;
  if (external.create !== undefined) heading("create");
  const created = await external.create?.(workspace, made.intent);
  heading("find");
  const [found] = await external.find(workspace, made.intent, {});
  const id = created ?? found?.id ?? "";
  await putParts(resource, life, { id, manifest: made });
  heading("observe");
  await external.observe(workspace, id, made.intent);
  if (edited !== undefined) {
    const steps = stepsOf(external, { ...edited.intent, changes: Object.keys(edited.intent.desired) });
    if (steps.length > 0) heading("update");
    for (const step of steps) await step.run(workspace, id);
    await putParts(resource, life, { id, manifest: edited });
  }
  if (external.list !== undefined) heading("list");
  for (const options of resource.parents?.(made.intent.desired).map((parent) => ({ parent })) ?? [{}]) {
    for await (const _page of external.list?.(workspace, options) ?? []);
  }
  await end(resource, life, id);
}

interface Writing {
  readonly id: string;
  readonly manifest: Manifest;
}

async function putParts({ parts }: Resource, life: Life, { id, manifest: { intent, spec } }: Writing): Promise<void> {
  const asked = parts?.desired(intent, spec);
  if (parts === undefined || asked === undefined) return;
  if (isAtOnce(parts)) return await putAll(parts, life, { id, asked });
  for (const [name, value] of Object.entries(asked)) {
    life.heading(`put ${parts.noun} ${name}`);
    await parts.put(life.workspace, id, name, value);
  }
}

async function putAll(
  parts: PartsAtOnce & { noun: string },
  { workspace, heading }: Life,
  { id, asked }: { id: string; asked: Record<string, unknown> },
): Promise<void> {
  heading(`set ${parts.noun}s`);
  const read = await parts.read(workspace, id) ?? {};
  const held = Object.fromEntries(Object.entries(read).map(([name, { value }]) => [name, value]));
  const completed = await parts.complete?.(workspace, { wanted: asked, held, asked }, id);
  const wanted = completed !== undefined && "wanted" in completed ? completed.wanted : asked;
  const put = Object.keys(wanted).filter((name) => held[name] !== wanted[name]);
  const deleted = Object.keys(held).filter((name) => !Object.hasOwn(wanted, name));
  await parts.putAll(workspace, id, { wanted, held, asked, put, deleted });
}

async function end({ external, parts }: Resource, { workspace, heading, made }: Life, id: string): Promise<void> {
  if (external.release !== undefined) heading("release");
  await external.release?.(workspace, id, owner);
  const names = parts === undefined || isAtOnce(parts) ? {} : parts.desired(made.intent, made.spec) ?? {};
  for (const name of Object.keys(names)) {
    heading(`delete ${parts?.noun} ${name}`);
    if (parts !== undefined && !isAtOnce(parts)) await parts.delete(workspace, id, name);
  }
  for (const again of ["", " again"]) {
    if (external.delete !== undefined) heading(`delete${again}`);
    await external.delete?.(workspace, id);
  }
  heading("observe what is gone");
  await external.observe(workspace, id, made.intent);
}

function editedOf(resource: Resource, example: Example): Manifest | undefined {
  const { edited } = example;
  return edited === undefined ? undefined : manifestOf(resource, { ...example, spec: edited });
}

function manifestOf(resource: Resource, { spec, secret = {} }: Example): Manifest {
  const encoder = new TextEncoder();
  const intent = {
    // If a manifest names an object, any id will do.
    desired: resource.desired(withIds(resource.spec, resource.spec.parse(spec), () => "4711"), {
      name: "example",
      namespace: "team",
    }),
    owner,
    values: Object.fromEntries(Object.entries(secret).map(([key, text]) => [key, encoder.encode(text)])),
    changes: [],
  };
  return { spec, intent };
}

function pretty(text: string): string {
  return stringifyJson(withoutSecrets(parseJson(text)), 2);
}

function withoutSecrets(body: Json): Json {
  if (body === null || typeof body !== "object" || Array.isArray(body)) return body;
  const entries = Object.entries(body);
  return Object.fromEntries(entries.map(([name, value]) => [name, secretFields.includes(name) ? "<secret>" : value]));
}

/**
 * Masks ids (int64, more than 16 digits) and commits, numbered by their first appearance, and times (ms), the host and
 * the token.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { mask } from "./exchanges.ts";
 *
 * assert.equal(mask("/repos/601234567890123456 at 1704067200000"), "/repos/<id 1> at <time>");
 * ```
 */
export function mask(text: string): string {
  const ids = new Map<string, number>();
  const commits = new Map<string, number>();
  const nth = (seen: Map<string, number>, key: string) => seen.get(key) ?? seen.set(key, seen.size + 1).get(key);
  return text
    .replaceAll(token, "Bearer <token>")
    .replace(/\bmock-[0-9a-f-]+\.invalid\b/g, "<host>")
    .replace(/\b[0-9a-z]{40}\b/g, (commit) => `<commit ${nth(commits, commit)}>`)
    .replace(/\b\d{16,19}\b/g, (id) => `<id ${nth(ids, id)}>`)
    .replace(/\b1\d{12}\b/g, "<time>");
}
