/** The life of a notebook or file. */
import assert from "node:assert/strict";
import { altered } from "../support/altered_client.ts";
import { clusterTest, eventually, manifest, secret } from "../support/harness.ts";

const KIND = "DatabricksWorkspaceFile";
const bytes = (text: string) => new TextEncoder().encode(text);
const notebook = (content: string, more: Record<string, unknown> = {}) =>
  manifest(KIND, "load", {
    file: { path: "/Workspace/Shared/load", format: "SOURCE", language: "PYTHON", content, ...more },
  });

for (const notebookHeader of ["as imported", "a header is added"] as const) {
  clusterTest(
    `a notebook that a person changed is reverted, and Databricks' first line is not drift (exports ${notebookHeader})`,
    async (world) => {
      world.workspace.doubts.notebookHeader = notebookHeader;
      const { files, ledger } = world.workspace;
      await world.apply(notebook("print(1)"));
      assert.equal((await world.ready(KIND, "load")).status?.id, "/Shared/load");
      ledger.clear();
      await eventually("it is looked at again", () => Promise.resolve(ledger.count("GET", "/get-status") >= 2));
      assert.deepEqual(ledger.writes(), []);
      files.put({ path: "/Shared/load", content: bytes("print(2)"), isNotebook: true, overwrite: true });
      const event = await world.event("load", "DriftCorrected");
      assert.match(event, /content/);
      assert.doesNotMatch(event, /print/);
      assert.equal(files.find("/Shared/load")?.content, "print(1)");
      await world.delete(KIND, "load");
      await world.gone(KIND, "load");
      assert.equal(files.find("/Shared/load"), undefined);
    },
  );
}

clusterTest("a file follows its Secret, and its content appears nowhere else", async (world) => {
  const { files } = world.workspace;
  await world.apply(secret("pip", { "pip.conf": "first-secret", other: "x" }));
  await world.apply(manifest(KIND, "pip", {
    file: { path: "/Shared/pip.conf", format: "RAW" },
    secret_name: "pip",
    secret_key: "pip.conf",
  }));
  await world.ready(KIND, "pip");
  assert.equal(files.find("/Shared/pip.conf")?.content, "first-secret");
  await world.apply(secret("pip", { "pip.conf": "second-secret", other: "x" }));
  assert.equal(await world.event("pip", "CredentialSent"), "CredentialSent: Sent the new value from the Secret");
  assert.equal(files.find("/Shared/pip.conf")?.content, "second-secret");
  assert.doesNotMatch(
    JSON.stringify([await world.get(KIND, "pip"), await world.events("pip")]),
    /(first|second)-secret/,
  );
});

clusterTest("an unmanaged file is not taken over, and a lost response makes no duplicate", async (world) => {
  const { files, faults } = world.workspace;
  faults.add({ match: "POST /api/2.0/workspace/import", effect: "kept", cut: "before-headers", times: 1 });
  await world.apply(notebook("print(1)"));
  await world.ready(KIND, "load");
  files.put({ path: "/Shared/theirs.sql", content: bytes("SELECT 7"), isNotebook: false });
  await world.apply(manifest(KIND, "theirs", {
    file: { path: "/Shared/theirs.sql", format: "RAW", content: "SELECT 1" },
  }));
  assert.match(await world.event("theirs", "AlreadyExists"), /adopt/);
  assert.equal(files.find("/Shared/theirs.sql")?.content, "SELECT 7");
});

clusterTest("a file in a folder that is missing waits for it", async (world) => {
  await world.apply(notebook("print(1)", { path: "/Shared/new/load" }));
  assert.match(await world.event("load", "ParentMissing"), /DatabricksDirectory, or correct spec\.file\.path/);
  await world.apply(manifest("DatabricksDirectory", "new", { directory: { path: "/Shared/new" } }));
  await world.ready(KIND, "load");
});

const configMap = (name: string, data: Record<string, string>, binaryData: Record<string, string> = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name },
  data,
  binaryData,
});

clusterTest(
  "a notebook follows its ConfigMap, and a person's edit in Databricks is reverted",
  async (world) => {
    const { files } = world.workspace;
    await world.apply(manifest(KIND, "load", {
      file: { path: "/Shared/load", format: "SOURCE", language: "PYTHON" },
      config_map_name: "code",
      config_map_key: "load.py",
    }));
    const { message } = await world.blocked(KIND, "load", "ConfigMapMissing");
    assert.match(message, /^spec\.config_map_name: ConfigMap ".*\/code" does not exist: create it/);
    await world.apply(configMap("code", { other: "x" }));
    const other = await world.blocked(KIND, "load", "ConfigMapInvalid");
    assert.match(other.message, /has no key "load\.py": add it/);
    await world.apply(configMap("code", { "load.py": "print(1)" }));
    await world.ready(KIND, "load");
    assert.equal(files.find("/Shared/load")?.content, "print(1)");
    await world.apply(configMap("code", { "load.py": "print(2)" }));
    await world.event("load", "Updated");
    assert.equal(files.find("/Shared/load")?.content, "print(2)");
    files.put({ path: "/Shared/load", content: bytes("print(7)"), isNotebook: true, overwrite: true });
    assert.match(await world.event("load", "DriftCorrected"), /content/);
    assert.equal(files.find("/Shared/load")?.content, "print(2)");
    world.workspace.ledger.clear();
    await eventually("it is looked at again", () => world.workspace.ledger.count("GET", "/get-status") >= 2);
    assert.deepEqual(world.workspace.ledger.writes(), []);
  },
);

clusterTest("bytes of a ConfigMap arrive unchanged, also binary and empty ones", async (world) => {
  const raw = new Uint8Array([0xff, 0x00, 0xfe, 0x0a]);
  const base64 = (data: Uint8Array) => btoa(String.fromCharCode(...data));
  const sent = () => {
    const writes = world.workspace.ledger.writes().filter(({ path }) => path.endsWith("/import"));
    return writes.map(({ body }) => (body as { content: string }).content);
  };
  await world.apply(configMap("wheel", { empty: "" }, { "a.whl": base64(raw) }));
  for (const key of ["a.whl", "empty"]) {
    await world.apply(manifest(KIND, key.replace(".", "-"), {
      file: { path: `/Shared/${key}`, format: "RAW" },
      config_map_name: "wheel",
      config_map_key: key,
    }));
    await world.ready(KIND, key.replace(".", "-"));
  }
  assert.deepEqual(sent(), [base64(raw), ""]);
  await world.apply(configMap("wheel", { empty: "" }, { "a.whl": base64(raw.slice(1)) }));
  assert.equal(await world.event("a-whl", "CredentialSent"), "CredentialSent: Sent the new value from the ConfigMap");
  assert.deepEqual(sent(), [base64(raw), "", base64(raw.slice(1))]);
  await world.apply(manifest(KIND, "a-whl", { file: { path: "/Shared/a.whl", format: "RAW", content: "now text" } }));
  await eventually("the text is present", () => world.workspace.files.find("/Shared/a.whl")?.content === "now text");
});

clusterTest("two sources of a file's content, and none, are rejected", async (world) => {
  const file = { path: "/Shared/load.sql", format: "RAW" };
  for (const sources of [{}, { secret_name: "a", config_map_name: "b" }]) {
    await assert.rejects(world.apply(manifest(KIND, "load", { file, ...sources })), /the content is one of/);
  }
});

clusterTest("many files from ConfigMaps do not need a watch each", async (world) => {
  const count = 25;
  const watched: string[] = [];
  const client = altered(world.kube, (own) => ({
    watch: (path, options) => {
      if (path.plural === "configmaps") watched.push(String(options.fieldSelector ?? "metadata"));
      return own.watch(path, options);
    },
  }));
  for (let one = 0; one < count; one++) await world.apply(configMap(`code-${one}`, { content: `SELECT ${one}` }));
  for (let one = 0; one < count; one++) {
    await world.apply(manifest(KIND, `file-${one}`, {
      file: { path: `/Shared/file-${one}.sql`, format: "RAW" },
      config_map_name: `code-${one}`,
    }));
  }
  await world.startOperator({ client });
  for (let one = 0; one < count; one++) await world.ready(KIND, `file-${one}`);
  assert.ok(new Set(watched.filter((name) => name.includes("code-"))).size <= 20, watched.join());
  await world.apply(configMap("code-24", { content: "SELECT 'new'" }));
  await eventually("it follows", () => world.workspace.files.find("/Shared/file-24.sql")?.content === "SELECT 'new'");
}, { start: false });
