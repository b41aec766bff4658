/**
 * A real API server, a watched namespace, and an operator as a process with exactly the rights from the chart.
 *
 * @module
 */
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import type { KubeClient, KubeObject } from "../../src/kubernetes/client.ts";
import { connect } from "../../src/kubernetes/kubeconfig.ts";
import { startProcess } from "../support/api_servers.ts";
import { installCrds, secret, World } from "../support/harness.ts";
import { DATABRICKS_URL, Replica } from "../support/replica.ts";
import { realAccount } from "./account.ts";
import { render, type Values } from "./helm.ts";

const NAMESPACES = { group: "", version: "v1", plural: "namespaces" };
const OPERATOR = "operator";
/** The watched namespace. */
export const TEAM = "team";
/** A namespace that is not watched. */
export const OTHER = "other";

/** A watched namespace, and an operator with the chart's account. */
export interface Stage extends AsyncDisposable {
  readonly world: World;
  readonly account: KubeClient;
  start(program?: { binary?: string; restarts?: boolean; args?: readonly string[] }): Promise<Replica>;
}

/** Prepares a real API server: a new one, unless one is given. */
export async function stage(values: Values = {}, given?: { readonly kubeconfig: string }): Promise<Stage> {
  const own = given === undefined ? await startProcess(Deno.env.get("K3S_BINARY") ?? "") : undefined;
  const server = given ?? own ?? { kubeconfig: "" };
  const adminKubeconfig = await Deno.readTextFile(server.kubeconfig);
  const { client } = await connect({ kubeconfig: server.kubeconfig });
  await installCrds(client);
  for (const name of [OPERATOR, TEAM, OTHER]) await client.create(NAMESPACES, { metadata: { name } });
  const objects = await render({ watchNamespaces: [TEAM], installCRDs: false, ...values }, OPERATOR);
  const kubeconfig = await Deno.makeTempFile({ prefix: "kubeconfig-" });
  await Deno.writeTextFile(kubeconfig, await realAccount({ client, adminKubeconfig }, objects));
  const { client: account } = await connect({ kubeconfig });
  const world = new World({ kube: client, namespace: TEAM, workspace: new MockWorkspace(), kubeconfig });
  await world.apply(secret("databricks-api-secret", { databricks_url: DATABRICKS_URL, access_token: "token" }));
  await world.configure({ ingest: "false" });
  return {
    world,
    account,
    start: ({ args = [], ...program } = {}) => {
      const own = ["--watch-namespaces", TEAM, "--lease-namespace", OPERATOR, ...leaseOf(objects)];
      return Replica.start(world, [...own, ...args], program);
    },
    [Symbol.asyncDispose]: async () => {
      account.close();
      client.close();
      await own?.[Symbol.asyncDispose]();
    },
  };
}

/** The argument that names the lease that the account may write. */
function leaseOf(objects: readonly KubeObject[]): string[] {
  const pod = objects.find(({ kind }) => kind === "Deployment")?.spec as {
    template: { spec: { containers: [{ args: string[] }] } };
  };
  return pod.template.spec.containers[0].args.filter((arg) => arg.startsWith("--lease-name="));
}
