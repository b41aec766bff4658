/** Follows "Add a kind" in CONTRIBUTING.md literally, in a copy of the project. */
import assert from "node:assert/strict";

/** Files that the copy does not need. */
const LEFT_OUT = /^(\..*|dist|node_modules)$/;
const REGISTRY = "src/resources/mod.ts";

const guide = await Deno.readTextFile("CONTRIBUTING.md");

/** The block of the guide that follows a mark. */
function block(mark: string): string {
  const [, before] = guide.split(`<!-- new kind: ${mark} -->`);
  const code = before?.match(/^\s*```\w+\n([\s\S]*?)```/)?.[1];
  assert.ok(code !== undefined, `CONTRIBUTING.md has a block after <!-- new kind: ${mark} -->`);
  return code;
}

/** A test of the manifest, in the form that docs/testing.md shows. */
const lifeTest = (manifest: string) => `
import assert from "node:assert/strict";
import { clusterTest, eventually, fromYaml } from "./support/harness.ts";

clusterTest("the guide's kind lives", async (world) => {
  const manifest = fromYaml(${JSON.stringify(manifest)});
  const kind = manifest.kind ?? "";
  await world.apply(manifest);
  const id = String((await world.ready(kind, "partner")).status?.id);
  const recipients = world.workspace.plain.of(kind);
  assert.deepEqual(recipients?.require(id), manifest.spec?.recipient);
  recipients?.replace(id, { ...manifest.spec?.recipient, comment: "edited in the webapp" });
  await world.event("partner", "DriftCorrected");
  assert.deepEqual(recipients?.require(id), manifest.spec?.recipient);
  recipients?.add({ name: "of others", authentication_type: "TOKEN" });
  await world.ready(kind, "of-others");
  await world.delete(kind, "partner");
  await world.gone(kind, "partner");
  assert.deepEqual(recipients?.all().map(({ name }) => name), ["of others"]);
  assert.deepEqual(world.workspace.unhandled, []);
});
`;

/** A test of the kind with a slow start. */
const stateTest = `
import assert from "node:assert/strict";
import { clusterTest, condition, eventually, manifest, problem } from "./support/harness.ts";

clusterTest("the guide's kind with a life is Ready when it can be used, and says when it failed", async (world) => {
  await world.apply(manifest("CleanRoom", "joint", { room: { name: "joint" } }));
  const unready = (reason) => eventually(reason, async () => {
    const ready = condition(await world.get("CleanRoom", "joint"), "Ready");
    return ready?.status === "False" && ready.reason === reason ? ready : problem(JSON.stringify(ready));
  });
  assert.match((await unready("Starting")).message, /clean room joint is being provisioned/);
  const rooms = world.workspace.plain.of("CleanRoom");
  rooms?.set("joint", "ACTIVE");
  assert.equal((await world.ready("CleanRoom", "joint")).status?.phase, "ACTIVE");
  rooms?.set("joint", "FAILED");
  await unready("ExternalFailed");
  rooms?.set("joint", "ACTIVE");
  await world.ready("CleanRoom", "joint");
  await world.delete("CleanRoom", "joint");
  await world.gone("CleanRoom", "joint");
  assert.deepEqual([rooms?.all(), world.workspace.unhandled], [[], []]);
}, { mock: { startMs: 3_600_000 } });
`;

Deno.test("the guide adds a kind with one file and one line, and all tests and a manifest work", async () => {
  const copy = await Deno.makeTempDir({ prefix: "new-kind-" });
  try {
    for await (const { name } of Deno.readDir(".")) if (!LEFT_OUT.test(name)) await run(["cp", "-r", name, copy]);
    await Deno.writeTextFile(`${copy}/src/resources/recipient.ts`, block("src/resources/recipient.ts"));
    await Deno.writeTextFile(`${copy}/src/resources/clean_room.ts`, block("src/resources/clean_room.ts"));
    const registry = await Deno.readTextFile(REGISTRY);
    const extended = registry
      .replace(/^(?=import \{)/m, block(`import in ${REGISTRY}`) + block(`second import in ${REGISTRY}`))
      .replace(/^\];$/m, `  ${block(`entry in ${REGISTRY}`)}  ${block(`second entry in ${REGISTRY}`)}];`);
    assert.equal(extended.split("\n").length, registry.split("\n").length + 4);
    await Deno.writeTextFile(`${copy}/${REGISTRY}`, extended);
    await run(["bash", "-euo", "pipefail", "-c", block("commands")], copy);
    assert.match(await Deno.readTextFile(`${copy}/crds/recipients.yaml`), /kind: Recipient/);
    await Deno.writeTextFile(`${copy}/tests/life_test.ts`, lifeTest(block("manifest")));
    await Deno.writeTextFile(`${copy}/tests/state_test.ts`, stateTest);
    await run([Deno.execPath(), "test", "-A", "--no-check", "tests/life_test.ts", "tests/state_test.ts"], copy);
    await run([Deno.execPath(), "fmt", "--check", "src/resources"], copy);
    await run([Deno.execPath(), "lint", "--quiet", "src/resources"], copy);
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
});

async function run([program = "", ...args]: readonly string[], cwd?: string): Promise<void> {
  const { TEST_KUBECONFIG: _ofOthers, ...env } = Deno.env.toObject();
  const path = `${Deno.execPath().replace(/\/[^/]*$/, "")}:${env.PATH}`;
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    ...cwd === undefined ? {} : { cwd },
    env: { ...env, PATH: path, NO_COLOR: "1" },
    // Only the copy has the kind, so its CRD must not reach an API server that others use.
    clearEnv: true,
    stdin: "null",
  }).output();
  const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("\n");
  assert.ok(success, `${program} ${args.join(" ")}:\n${text.slice(-6000)}`);
}
