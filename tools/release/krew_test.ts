import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { parse } from "yaml";
import { archiveOf, krewManifest, PLATFORMS } from "./krew.ts";

const read = (name: string) => Promise.resolve(new TextEncoder().encode(`archive ${name}`));
const options = { version: "1.2.3", repository: "owner/operator", read };

Deno.test("krew's manifest has each archive's checksum and its address in the release", async () => {
  const { metadata, spec } = parse(await krewManifest(options));
  assert.deepEqual([metadata.name, spec.version], ["databricks", "v1.2.3"]);
  assert.equal(spec.platforms.length, PLATFORMS.length);
  for (const [index, { selector, uri, sha256, bin }] of spec.platforms.entries()) {
    const platform = PLATFORMS[index];
    assert.ok(platform !== undefined);
    assert.deepEqual(selector, { matchLabels: { os: platform.os, arch: platform.arch } });
    const name = archiveOf(platform);
    assert.equal(uri, `https://github.com/owner/operator/releases/download/v1.2.3/${name}`);
    assert.equal(sha256, createHash("sha256").update(`archive ${name}`).digest("hex"));
    assert.equal(bin, platform.os === "windows" ? "kubectl-databricks.exe" : "kubectl-databricks");
  }
  assert.ok(spec.shortDescription.length <= 50, "krew's index wants it short");
});

Deno.test("krew's manifest needs every archive, a valid version and a valid repository", async () => {
  const missing = { ...options, read: () => Promise.reject(new Deno.errors.NotFound()) };
  await assert.rejects(krewManifest(missing), /kubectl-databricks-linux-amd64\.tar\.gz is missing: compile it with/);
  await assert.rejects(krewManifest({ ...options, version: "v1" }), /"v1" is not a version such as 1\.2\.3/);
  await assert.rejects(krewManifest({ ...options, repository: "operator" }), /OWNER\/REPOSITORY/);
});

Deno.test("the release packs an archive for each platform of krew's manifest", async () => {
  const workflow = await Deno.readTextFile(new URL("../../.github/workflows/release.yml", import.meta.url));
  for (const { os, arch, target } of PLATFORMS) {
    assert.ok(workflow.includes(`{ os: ${os}, arch: ${arch}, target: ${target} }`), `${os}-${arch}`);
  }
  assert.match(workflow, /release:krew --version "\$version" --repository "\$GITHUB_REPOSITORY" --archives dist/);
});
