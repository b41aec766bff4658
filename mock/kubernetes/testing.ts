/**
 * Shortcuts for requests to an embedded API in tests, without a socket.
 *
 * @module
 */
import { stringifyJson } from "../../src/base/json.ts";
import { splitLines } from "../../src/kubernetes/lines.ts";
import type { EmbeddedKubernetes } from "./server.ts";

/** The path of the ConfigMaps in namespace default. */
export const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";

/** An answer with its body parsed. */
export interface Told {
  readonly status: number;
  // deno-lint-ignore no-explicit-any -- a test looks into any answer
  readonly body: any;
}

/** Sends a request: `ask(api, "POST /api/v1/namespaces", { metadata: { name: "a" } })`. */
export async function ask(
  api: EmbeddedKubernetes,
  line: string,
  body?: unknown,
  { token = api.token, type = "application/json" }: { token?: string; type?: string } = {},
): Promise<Told> {
  const answer = await api.fetch(requestOf(line, { token, type, body }));
  const text = await answer.text();
  return { status: answer.status, body: text.startsWith("{") ? JSON.parse(text) : text };
}

/** Creates a ConfigMap, or changes its value. */
export async function put(api: EmbeddedKubernetes, name: string, value = ""): Promise<Told> {
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { value } };
  const line = `PATCH ${CONFIG_MAPS}/${name}?fieldManager=test&force=true`;
  return await ask(api, line, body, { type: "application/apply-patch+yaml" });
}

/** Opens a watch of ConfigMaps; yields `TYPE name` for each event. */
export async function* watch(api: EmbeddedKubernetes, query = ""): AsyncGenerator<string, void, void> {
  const line = `GET ${CONFIG_MAPS}?watch=true&${query}`;
  const answer = await api.fetch(requestOf(line, { token: api.token, type: "", body: undefined }));
  for await (const text of splitLines(answer.body!)) {
    const { type, object } = JSON.parse(text);
    yield `${type} ${object.metadata?.name ?? object.code ?? object.metadata.resourceVersion}`;
  }
}

function requestOf(line: string, { token, type, body }: { token: string; type: string; body: unknown }): Request {
  const [method = "GET", path = "/"] = line.split(" ");
  const headers = { authorization: `Bearer ${token}`, ...type && { "content-type": type } };
  return new Request(`http://kubernetes${path}`, {
    method,
    headers,
    ...body !== undefined && { body: stringifyJson(body) },
  });
}
