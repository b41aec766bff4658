/**
 * `open`: the page of an object's resource in Databricks. Docs: docs/commands.md.
 *
 * @module
 */
import { conditionOf } from "../reconcile/object/conditions.ts";
import { statusOf } from "../reconcile/object/status.ts";
import { targetOf, type TargetOptions } from "./target.ts";

/** The options of the command line. */
export interface OpenOptions extends TargetOptions {
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
  const { client, path, name, title } = await targetOf(target, options);
  const object = await client.get(path, name);
  const { url, conditions } = statusOf(object);
  // The address is opened in a person's browser, so it has to be a web page.
  if (typeof url === "string" && /^https?:\/\//.test(url)) return url;
  const why = conditionOf(conditions, "Ready")?.message ?? "no operator has worked on it";
  throw new Error(`${title} has no page in Databricks yet: ${why}`);
}
