/**
 * `deno task release:check`: checks a release without creating one. With `--tag v1.2.3` it checks that release,
 * otherwise the state of the project.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { changelogProblems } from "./changelog.ts";
import { brokenLinks, documents } from "./links.ts";
import { disagreements, versionsOf } from "./versions.ts";
import { workflowProblems } from "./workflows.ts";

const ROOT = new URL("../../", import.meta.url);
const WORKFLOWS = ".github/workflows";

/** Returns all problems. */
export async function problems({ tag }: { tag?: string | undefined } = {}): Promise<string[]> {
  const versions = await versionsOf(ROOT);
  const version = versions[0]?.version ?? "";
  const tagged = tag === undefined ? [] : [{ where: "the tag", version: tag.replace(/^v/, "") }];
  const changelog = await Deno.readTextFile(new URL("CHANGELOG.md", ROOT));
  return [
    ...disagreements([...versions, ...tagged]),
    ...changelogProblems(changelog, { version, isRelease: tag !== undefined }),
    ...await problemsOfWorkflows(),
    ...await problemsOfLinks(),
    ...await staleFiles(),
  ];
}

async function problemsOfWorkflows(): Promise<string[]> {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const found: string[] = [];
  for await (const { name } of Deno.readDir(new URL(WORKFLOWS, ROOT))) {
    const text = await Deno.readTextFile(new URL(`${WORKFLOWS}/${name}`, ROOT));
    found.push(...workflowProblems(text, Object.keys(tasks)).map((problem) => `${WORKFLOWS}/${name}: ${problem}`));
  }
  return found;
}

async function problemsOfLinks(): Promise<string[]> {
  const found: string[] = [];
  for await (const document of documents()) {
    found.push(...(await brokenLinks(document)).map((link) => `${document}: ${link} has no target`));
  }
  return found;
}

async function staleFiles(): Promise<string[]> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", "tools/generate.ts", "--check"],
    cwd: ROOT,
  }).output();
  return success ? [] : new TextDecoder().decode(stderr).trim().split("\n");
}

if (import.meta.main) {
  Deno.chdir(ROOT);
  const { values: { tag } } = parseArgs({ args: [...Deno.args], options: { tag: { type: "string" } } });
  const found = await problems({ tag });
  for (const problem of found) console.error(problem);
  if (found.length === 0) {
    console.log(tag === undefined ? "Ready for a release" : `${tag} can be released`);
  }
  Deno.exit(found.length === 0 ? 0 : 1);
}
