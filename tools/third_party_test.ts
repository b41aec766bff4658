import assert from "node:assert/strict";
import { findDependencies } from "./dependencies.ts";
import { stale, thirdPartyFile } from "./generate.ts";
import { toSbom } from "./sbom.ts";

const dependencies = await findDependencies();
const names = dependencies.map(({ name }) => name);

Deno.test("THIRD_PARTY.md is up to date with deno task generate", async () => {
  assert.deepEqual(await stale(await thirdPartyFile()), []);
});

Deno.test("the binary contains exactly the packages that src imports, and none for tests", () => {
  for (
    const name of [
      "zod",
      "@marcbachmann/cel-js",
      "commander",
      "yaml",
      "prom-client",
      "@logtape/logtape",
      "@kubernetes/client-node",
    ]
  ) {
    assert.ok(names.includes(name), name);
  }
  for (const name of ["testcontainers", "msw", "fast-check", "@types/node"]) {
    assert.ok(!names.includes(name), name);
  }
});

Deno.test("the SBOM contains each package once, with hash and licence, and refers only to these", () => {
  const sbom = toSbom(dependencies, { version: "1.0.0", deno: "2.9.6" });
  const refs = sbom.components.map((component) => component["bom-ref"]);
  assert.equal(new Set(refs).size, dependencies.length + 1);
  const known = new Set([...refs, sbom.metadata.component["bom-ref"]]);
  for (const { ref, dependsOn } of sbom.dependencies) {
    for (const other of [ref, ...dependsOn]) assert.ok(known.has(other), other);
  }
  for (const { type, name, hashes } of sbom.components) {
    if (type === "library") assert.match(hashes?.[0]?.content ?? "", /^[0-9a-f]{128}$/, name);
  }
  const reached = new Set<string>();
  const visit = (ref: string) => {
    if (reached.has(ref)) return;
    reached.add(ref);
    sbom.dependencies.find((one) => one.ref === ref)?.dependsOn.forEach(visit);
  };
  visit(sbom.metadata.component["bom-ref"]);
  assert.deepEqual(refs.filter((ref) => !reached.has(ref)), [], "every package has a purpose");
});
