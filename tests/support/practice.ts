/**
 * Runs pages that continue docs/practise.md: their commands run after its commands, against its mock workspace.
 *
 * @module
 */
import assert from "node:assert/strict";
import { masked, runSteps, type Step, stepsOf } from "./documents.ts";
import type { World } from "./harness.ts";
import { freePort } from "./ports.ts";

/** Options of {@link followPage}. */
export interface FollowOptions {
  /** A folder with programs that the page uses. */
  readonly programs?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Changes the page's steps, for example to name the reader's own workspace. */
  readonly change?: (step: Step) => Step;
}

/** The result of following a page. */
export interface Followed {
  /** The outputs that were compared with the page's. */
  readonly compared: number;
  /** The mock's calls by method and path, at the end. */
  readonly calls: Readonly<Record<string, number>>;
}

/** The author of commits. */
const AUTHOR = {
  GIT_AUTHOR_NAME: "Ann",
  GIT_AUTHOR_EMAIL: "ann@example.com",
  GIT_COMMITTER_NAME: "Ann",
  GIT_COMMITTER_EMAIL: "ann@example.com",
  GIT_CONFIG_GLOBAL: "/dev/null",
};

/** Removes what differs between runs from output, including the digests of plans. */
function plain(output: string): string {
  return masked(output).replace(/\b[0-9a-f]{16}\b/g, "<digest>");
}

/** Follows docs/practise.md and a page literally, and compares the commands' output with the pages. */
export async function followPage(world: World, path: string, options: FollowOptions = {}): Promise<Followed> {
  const { change = (step) => step, programs, env } = options;
  const kubeconfig = await Deno.makeTempFile({ prefix: "kubeconfig-" });
  await Deno.copyFile(world.kubeconfig, kubeconfig);
  const context = ["config", "set-context", "--current", `--namespace=${world.namespace}`];
  await world.kubectl(["--kubeconfig", kubeconfig, ...context]);
  const port = String(freePort());
  const texts = await Promise.all(["docs/practise.md", path].map((name) => Deno.readTextFile(name)));
  const steps = stepsOf(texts.join("\n").replaceAll("8099", port)).map(change);
  const ledger: Step = {
    commands: `curl --silent "http://127.0.0.1:${port}/_/ledger?count=true"\n`,
    output: undefined,
    inBackground: false,
  };
  let compared = 0;
  let last = "{}";
  await runSteps([...steps, ledger], {
    env: { ...AUTHOR, ...env, KUBECONFIG: kubeconfig },
    ...programs !== undefined && { programs },
    onOutput: ({ commands, output }, actual) => {
      last = actual;
      if (output === undefined) return;
      assert.equal(plain(actual.replaceAll(world.namespace, "default")), plain(output), commands);
      compared++;
    },
  });
  await Deno.remove(kubeconfig);
  return { compared, calls: JSON.parse(last) };
}
