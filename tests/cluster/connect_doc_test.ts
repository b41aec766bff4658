/** Runs the commands of docs/connect.md that need no Databricks account, and then creates a job without any Secret. */
import assert from "node:assert/strict";
import type { JSONWebKeySet } from "jose";
import { clusterTest } from "../support/harness.ts";

clusterTest("the commands of docs/connect.md connect a namespace without a Secret", async (world) => {
  const page = await Deno.readTextFile("docs/connect.md");
  const blocks = [...page.matchAll(/<!-- run -->\s+```sh\n([\s\S]*?)```/g)].map(([, text = ""]) => text);
  const commands = blocks.flatMap((text) =>
    text.replaceAll("\\\n", " ").split("\n").map((line) => line.trim()).filter(Boolean)
  )
    .map((line) => line.replace("https://my-tenant.cloud.databricks.com", world.workspace.host));
  assert.equal(commands.length, 7);
  const outputs: string[] = [];
  const play = async (lines: readonly string[]) => {
    for (const line of lines) outputs.push(await world.kubectl(line.split(/\s+/).slice(1)));
  };
  await play(commands.slice(0, 4));
  // A person copies this from the output into the policy.
  world.workspace.auth.policies.push({
    clientId: "00000000-0000-0000-0000-000000000000",
    issuer: JSON.parse(outputs[0] ?? "").issuer,
    subject: `system:serviceaccount:${world.namespace}:databricks`,
    audiences: ["databricks"],
    jwks: JSON.parse(outputs[1] ?? "") as JSONWebKeySet,
  });
  await world.startOperator();
  await play(commands.slice(4));
  assert.match(
    outputs.at(-1) ?? "",
    new RegExp(`^NAME +PRINCIPAL +WORKSPACE\\n\\S+ +0{8}-[0-]+ +${world.workspace.host}\\n$`),
  );
  assert.equal(world.workspace.jobs.all()[0]?.creator_user_name, "00000000-0000-0000-0000-000000000000");
}, { settings: null, start: false, needs: ["kubectl"] });
