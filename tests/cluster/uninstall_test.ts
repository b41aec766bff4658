/** Removing the software removes nothing in Databricks. */
import { clusterTest } from "../support/harness.ts";
import { assertAllKept, crdsGoAndCome, deleteCrds, makeOneOfEach } from "../support/uninstall.ts";

clusterTest("CRDs that are deleted release their objects, and Databricks keeps everything", async (world) => {
  await makeOneOfEach(world);
  await deleteCrds(world);
  await crdsGoAndCome(world);
  assertAllKept(world);
}, { ownApi: true });

clusterTest(
  "CRDs that were deleted while no operator ran are removed when one starts, and Databricks keeps everything",
  async (world) => {
    const operator = await world.startOperator();
    await makeOneOfEach(world);
    await world.stopOperator(operator);
    // The CRDs of kinds without objects go at once: nothing holds them.
    await deleteCrds(world);
    await world.startOperator();
    await crdsGoAndCome(world);
    assertAllKept(world);
  },
  { start: false, ownApi: true },
);
