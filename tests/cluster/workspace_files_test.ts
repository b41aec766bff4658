/** The life of a notebook or file. */
import assert from "node:assert/strict";
import { clusterTest, eventually, manifest, secret } from "../support/harness.ts";

const KIND = "DatabricksWorkspaceFile";
const bytes = (text: string) => new TextEncoder().encode(text);
const notebook = (content: string, more: Record<string, unknown> = {}) =>
  manifest(KIND, "load", {
    file: { path: "/Workspace/Shared/load", format: "SOURCE", language: "PYTHON", content, ...more },
  });

for (const notebookHeader of ["as imported", "a header is added"] as const) {
  clusterTest(
    `a notebook's content that a person changed does not stay, and Databricks' first line is no change (exports ${notebookHeader})`,
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

clusterTest("a file from a Secret follows it, and its content stands nowhere else", async (world) => {
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
  await world.event("pip", "CredentialSent");
  assert.equal(files.find("/Shared/pip.conf")?.content, "second-secret");
  assert.doesNotMatch(JSON.stringify([await world.get(KIND, "pip"), await world.events("pip")]), /-secret/);
});

clusterTest("a stranger's file is not taken, and a lost answer makes none twice", async (world) => {
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
