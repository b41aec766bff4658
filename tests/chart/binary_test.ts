/** The compiled binary on a real API server, with exactly the rights from the chart. */
import assert from "node:assert/strict";
import { binary as program, needs as cannotCompile } from "../image/binary.ts";
import { changesNothing, lifeAfterBackup } from "../support/backup.ts";
import { eventually, job, manifest, problem } from "../support/harness.ts";
import { OwnServer } from "../support/own_server.ts";
import { freePort } from "../support/ports.ts";
import { SideBySide } from "../support/side_by_side.ts";
import { crdsGo, deleteCrds, installCrd, kindNamed } from "../support/uninstall.ts";
import { hasHelm } from "./helm.ts";
import { stage } from "./stage.ts";

const binary = Deno.env.get("K3S_BINARY");
const needs = [...hasHelm ? [] : ["HELM_BINARY"], ...binary === undefined ? ["K3S_BINARY"] : []].join(" and ");
/** If there is no runtime to compile with, the source is run instead. */
const compiled = cannotCompile === "" ? { binary: program } : {};
const DELAYS = "settleMs=500,baselineMs=100,missMs=200,graceMs=300";

/** Two at a time: each has its own control plane. */
const tests = new SideBySide(2);

function binaryTest(name: string, fn: () => Promise<void>): void {
  const ignore = needs !== "";
  tests.test({ name: `${name}${ignore ? ` (needs ${needs})` : cannotCompile}`, ignore, fn });
}

binaryTest("the binary reconciles kinds with CRDs, and the others once their CRDs are installed", async () => {
  await using stand = await stage();
  const { world } = stand;
  const scopes = kindNamed("DatabricksSecretScope");
  await deleteCrds(world, [scopes]);
  await crdsGo(world, [scopes]);
  const address = `127.0.0.1:${freePort()}`;
  await using replica = await stand.start({ ...compiled, args: ["--http-address", address] });
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  const said = (await (await fetch(`http://${address}/readyz`)).text()).split("\n");
  assert.equal(said[0], "ok");
  assert.match(said[1] ?? "", /^CRD databrickssecretscopes\.com\.dstancu\.databricks is not installed: apply the CRDs/);
  await installCrd(world, scopes);
  await eventually(
    "its kind is served",
    () => world.apply(manifest("DatabricksSecretScope", "x", { scope: { name: "x" } })).then(() => true),
  );
  await world.ready("DatabricksSecretScope", "x");
  await deleteCrds(world, [scopes]);
  await crdsGo(world, [scopes]);
  await replica.says(/CRD databrickssecretscopes\S+ is not installed: apply the CRDs/);
  assert.deepEqual(world.workspace.secrets.scopes().map(({ name }) => name), ["x"]);
});

binaryTest("40 Secrets without read permission slow down nothing on a real API server", async () => {
  await using stand = await stage({ rbac: { secretNames: ["databricks-api-secret"] } });
  const { world } = stand;
  world.workspace.secrets.addScope("team");
  for (let index = 0; index < 40; index++) {
    const name = `unreadable-${index}`;
    await world.apply(manifest("DatabricksSecret", name, { scope: "team", secret_name: name }));
  }
  await using replica = await stand.start(compiled);
  await replica.leads();
  const begun = performance.now();
  await world.apply(job("etl"));
  // Waiting for them used to take 10 s each, before everything else.
  await eventually("the job is created", () => world.workspace.jobs.ids().length === 1 || problem(replica.log), {
    patience: 20_000,
  });
  console.log(`a job beside 40 unreadable Secrets: ${Math.round(performance.now() - begun)} ms`);
  const { message } = await world.blocked("DatabricksSecret", "unreadable-39", "SecretUnreadable");
  assert.match(message, /Cannot read Secret ".*\/unreadable-39": /);
});

binaryTest("after a restore of etcd and a new apply from Git nothing is created twice", async () => {
  await using server = new OwnServer(binary ?? "", await Deno.makeTempDir({ prefix: "restore-" }));
  await server.start();
  await using stand = await stage({}, server);
  const { world } = stand;
  // It exits if it cannot renew its lease, for example while the API server is restored on a busy machine.
  const start = () => stand.start({ ...compiled, restarts: true, args: ["--delays", DELAYS] });
  const first = await start();
  const ids = await lifeAfterBackup(world, server);
  await first[Symbol.asyncDispose]();
  await server.restore();
  world.workspace.ledger.clear();
  await using second = await start();
  // The first one was killed, so its lease has to expire.
  await second.leads();
  await changesNothing(world, ids);
});
