import assert from "node:assert/strict";
import { asker } from "../ask.ts";
import { MockWorkspace } from "../workspace.ts";

const root = "/api/2.0/workspace";
const source = "# Databricks notebook source\nprint(1)";
const notebook = { path: "/Shared/n", content: btoa(source), language: "PYTHON", format: "SOURCE" };

Deno.test("a notebook is imported, listed, exported and deleted", async () => {
  const ask = asker(new MockWorkspace());
  assert.equal((await ask(`POST ${root}/import`, notebook)).status, 200);
  const { body: status } = await ask(`GET ${root}/get-status?path=/Shared/n`);
  assert.deepEqual([status.object_type, status.language, typeof status.object_id], ["NOTEBOOK", "PYTHON", "bigint"]);
  const { objects } = (await ask(`GET ${root}/list?path=/Workspace/Shared`)).body;
  assert.deepEqual(objects.map(({ path }: { path: string }) => path), ["/Shared/n"]);
  const { content, file_type } = (await ask(`GET ${root}/export?path=/Shared/n&format=SOURCE`)).body;
  assert.deepEqual([atob(content), file_type], [source, "py"]);
  assert.equal((await ask(`POST ${root}/delete`, { path: "/Shared/n" })).status, 200);
  assert.equal((await ask(`GET ${root}/get-status?path=/Shared/n`)).status, 404);
});

Deno.test("a file is not overwritten without overwrite, and keeps its id with it", async () => {
  const ask = asker(new MockWorkspace());
  const idOf = async () => (await ask(`GET ${root}/get-status?path=/Shared/n`)).body.object_id;
  await ask(`POST ${root}/import`, notebook);
  const id = await idOf();
  const { status, body } = await ask(`POST ${root}/import`, notebook);
  assert.deepEqual([status, body.error_code], [400, "RESOURCE_ALREADY_EXISTS"]);
  assert.equal((await ask(`POST ${root}/import`, { ...notebook, overwrite: true })).status, 200);
  assert.equal(await idOf(), id);
});

Deno.test("an import needs the parent folder, a language for source, and base64", async () => {
  const ask = asker(new MockWorkspace());
  for (
    const [change, code] of [
      [{ path: "/Shared/none/n" }, "RESOURCE_DOES_NOT_EXIST"],
      [{ language: undefined }, "INVALID_PARAMETER_VALUE"],
      [{ content: "%" }, "MALFORMED_REQUEST"],
    ] as const
  ) {
    assert.equal((await ask(`POST ${root}/import`, { ...notebook, ...change })).body.error_code, code);
  }
});

Deno.test("a file's bytes are returned unchanged, also binary ones", async () => {
  const workspace = new MockWorkspace();
  const bytes = new Uint8Array([0, 255, 128, 10]);
  const headers = { authorization: "Bearer token", "content-type": "application/octet-stream" };
  const send = (path: string, init: RequestInit) =>
    workspace.fetch(new Request(`${workspace.host}${path}`, { headers, ...init }));
  const url = "/api/2.0/workspace-files/import-file/Shared/a%20b.bin?overwrite=true";
  assert.equal((await send(url, { method: "POST", body: bytes })).status, 200);
  const got = await send(`${root}/export?path=/Shared/a b.bin&direct_download=true`, {});
  assert.deepEqual(new Uint8Array(await got.arrayBuffer()), bytes);
  const { body } = await asker(workspace)(`GET ${root}/get-status?path=/Shared/a%20b.bin`);
  assert.deepEqual([body.object_type, body.size], ["FILE", 4]);
});

Deno.test("a folder with contents is deleted only with recursive", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  await ask(`POST ${root}/mkdirs`, { path: "/Shared/a/b" });
  await ask(`POST ${root}/import`, { ...notebook, path: "/Shared/a/b/n" });
  assert.equal((await ask(`POST ${root}/delete`, { path: "/Shared/a" })).body.error_code, "DIRECTORY_NOT_EMPTY");
  assert.equal((await ask(`POST ${root}/delete`, { path: "/Shared/a", recursive: true })).status, 200);
  for (const path of ["/Shared/a/b/n", "/Shared/a/b", "/Shared/a"]) {
    assert.equal((await ask(`GET ${root}/get-status?path=${path}`)).status, 404);
  }
});
