/**
 * `open`: the page of an object's resource in Databricks. Docs: docs/commands.md.
 *
 * @module
 */
import { connect } from "../kubernetes/kubeconfig.ts";
import { conditionOf } from "../reconcile/object/conditions.ts";
import { statusOf } from "../reconcile/object/status.ts";
import { GROUP, VERSION } from "../resource.ts";
import { targetNamed } from "./kinds.ts";

/** The options of the command line. */
export interface OpenOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
  /** Only prints the address. */
  readonly print?: boolean;
}

/** Programs that open an address, by the operating system. */
const OPENERS: Readonly<Record<string, readonly string[]>> = {
  darwin: ["open"],
  windows: ["rundll32", "url.dll,FileProtocolHandler"],
};

/** Runs the command for `<kind>/<name>` and returns the exit code. */
export async function open(target: string, options: OpenOptions): Promise<number> {
  const url = await urlOf(target, options);
  console.log(url);
  if (options.print) return 0;
  const [program = "xdg-open", ...args] = OPENERS[Deno.build.os] ?? ["xdg-open"];
  const { success } = await new Deno.Command(program, { args: [...args, url], stdout: "null", stderr: "null" })
    .output();
  return success ? 0 : 1;
}

async function urlOf(target: string, options: OpenOptions): Promise<string> {
  const { resource, name } = targetNamed(target);
  const { client, namespace: own } = await connect({ kubeconfig: options.kubeconfig, context: options.context });
  const namespace = options.namespace ?? own;
  const path = { group: GROUP, version: VERSION, plural: resource.plural, namespace };
  const object = await client.get(path, name);
  const { url, conditions } = statusOf(object);
  // An address leads a person's browser somewhere, so it has to be a web page.
  if (typeof url === "string" && /^https?:\/\//.test(url)) return url;
  const why = conditionOf(conditions, "Ready")?.message ?? "no operator has worked on it";
  throw new Error(`${resource.kind} ${namespace}/${name} has no page in Databricks yet: ${why}`);
}
