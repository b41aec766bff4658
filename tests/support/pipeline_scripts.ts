/**
 * Runs the pipelines of examples/ci as GitHub and GitLab do: with the same shell and the same variables, but with the
 * program from source instead of the released one. Their posts are recorded.
 *
 * @module
 */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { serve, type Served } from "../../mock/databricks/serve.ts";
import { stringifyJson } from "../../src/base/json.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import type { World } from "./harness.ts";

/** A comment. */
export interface Posted {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly env: Readonly<Record<string, string>>; readonly steps: Step[] }>>;
}

interface GitlabPipeline {
  readonly databricks: { readonly before_script: string[]; readonly script: string[] };
}

/** A checkout in which pipelines run. */
export class Pipeline implements AsyncDisposable {
  readonly posted: Posted[] = [];
  /** The output of the last script. */
  output = "";
  readonly #folder: string;
  readonly #workspace: Served;
  readonly #gitlab: Deno.HttpServer<Deno.NetAddr>;
  readonly #world: World;

  private constructor(world: World, folder: string, workspace: Served) {
    this.#world = world;
    this.#folder = folder;
    this.#workspace = workspace;
    this.#gitlab = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => this.#note(request));
  }

  /** Creates a checkout with the released archive, and the programs of a runner. */
  static async open(world: World): Promise<Pipeline> {
    const folder = await Deno.makeTempDir({ prefix: "pipeline-" });
    for (const name of ["work/manifests", "runner", "tools", "release"]) {
      await Deno.mkdir(`${folder}/${name}`, { recursive: true });
    }
    const main = new URL("../../src/main.ts", import.meta.url).pathname;
    await program(
      `${folder}/release/kubectl-databricks`,
      `exec "${Deno.execPath()}" run -qA --no-check "${main}" "$@"`,
    );
    await program(`${folder}/tools/apt-get`, "exit 0");
    const comment = `printf '%s\\n' "$*" > "${folder}/gh-args"; while [ "$1" != --body-file ]; do shift; done; `;
    await program(`${folder}/tools/gh`, `${comment}cp "$2" "${folder}/gh-body"`);
    const pack = ["--create", "--gzip", "--file", `${folder}/release.tar.gz`, "--directory", `${folder}/release`];
    const { success } = await new Deno.Command("tar", { args: [...pack, "kubectl-databricks"] }).output();
    assert.ok(success);
    return new Pipeline(world, folder, await serve(world.workspace));
  }

  /** Writes the only manifest of the checkout. */
  async write(object: KubeObject): Promise<void> {
    await Deno.writeTextFile(`${this.#folder}/work/manifests/etl.yaml`, stringifyJson(object));
  }

  /** Runs the only job of a workflow and returns whether it succeeds. */
  async github(path: string): Promise<boolean> {
    const { jobs } = parse(await Deno.readTextFile(path)) as Workflow;
    const [job, ...others] = Object.values(jobs);
    assert.deepEqual(others, []);
    let isWell = true;
    // Each job has its own runner.
    await Deno.remove(`${this.#folder}/runner`, { recursive: true });
    await Deno.mkdir(`${this.#folder}/runner`);
    const files = { GITHUB_PATH: "path", GITHUB_STEP_SUMMARY: "summary" };
    const runner = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, `${this.#folder}/${file}`]));
    for (const file of Object.values(runner)) await Deno.writeTextFile(file, "");
    for (const { run, env = {}, if: condition } of job?.steps ?? []) {
      if (run === undefined || (!isWell && condition !== "always()")) continue;
      const given = Object.fromEntries(
        Object.entries({ ...job?.env, ...env }).map(([name, text]) => [name, this.#filled(text)]),
      );
      const added = (await Deno.readTextFile(runner.GITHUB_PATH ?? "")).trim();
      const temporary = { RUNNER_TEMP: `${this.#folder}/runner` };
      isWell = await this.#bash(run, ["-e"], { ...given, ...runner, ...temporary }, added) && isWell;
    }
    await this.#commented();
    return isWell;
  }

  /** Runs the only job of a GitLab pipeline and returns whether it succeeds. */
  async gitlab(path: string): Promise<boolean> {
    const { databricks } = parse(await Deno.readTextFile(path)) as GitlabPipeline;
    const lines = [...databricks.before_script, ...databricks.script];
    const { port } = this.#gitlab.addr;
    return await this.#bash(lines.join("\n"), ["-e", "-o", "pipefail"], {
      CI_API_V4_URL: `http://127.0.0.1:${port}`,
      CI_PROJECT_ID: "7",
      CI_MERGE_REQUEST_IID: "5",
      PLAN_TOKEN: "plan",
      PLUGIN_URL: this.#archive,
      DATABRICKS_HOST: this.#world.workspace.host,
      DATABRICKS_TOKEN: "token",
      KUBECONFIG: this.#world.kubeconfig,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#workspace[Symbol.asyncDispose]();
    await this.#gitlab.shutdown();
    await Deno.remove(this.#folder, { recursive: true });
  }

  get #archive(): string {
    return `file://${this.#folder}/release.tar.gz`;
  }

  /** Fills in the expressions in a value of a workflow, as GitHub does. */
  #filled(text: string): string {
    const values: Readonly<Record<string, string>> = {
      "vars.DATABRICKS_PLUGIN_URL": this.#archive,
      "vars.DATABRICKS_HOST": this.#world.workspace.host,
      "vars.DATABRICKS_CLIENT_ID": "",
      "secrets.DATABRICKS_CLIENT_SECRET": "",
      "secrets.DATABRICKS_KUBECONFIG": Deno.readTextFileSync(this.#world.kubeconfig),
      "github.token": "gh",
      "github.repository": "example/manifests",
      "github.event.number": "5",
    };
    return String(text).replace(/\$\{\{ *([\w.]+) *\}\}/g, (_, name: string) => {
      const value = values[name];
      assert.ok(value !== undefined, `the workflow uses ${name}, which the test does not know`);
      return value;
    });
  }

  /** Runs a script in the checkout, and returns whether it succeeds. */
  async #bash(script: string, flags: string[], env: Readonly<Record<string, string>>, added = ""): Promise<boolean> {
    const path = [`${this.#folder}/tools`, ...added === "" ? [] : [added], Deno.env.get("PATH") ?? ""].join(":");
    const reach = { HTTP_PROXY: this.#workspace.url, NO_PROXY: "127.0.0.1", no_proxy: "127.0.0.1" };
    const { success, stdout, stderr } = await new Deno.Command("bash", {
      // The operator's namespace is the test's; the token replaces the client of a service principal.
      args: [...flags, "-c", script.replaceAll("--namespace data", `--namespace ${this.#world.namespace}`)],
      cwd: `${this.#folder}/work`,
      env: { ...reach, HOME: this.#folder, NO_COLOR: "1", DATABRICKS_TOKEN: "token", ...env, PATH: path },
      stdin: "null",
    }).output();
    this.output = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
    return success;
  }

  /** Records the arguments of calls of `gh`. */
  async #commented(): Promise<void> {
    const args = await Deno.readTextFile(`${this.#folder}/gh-args`).catch(() => undefined);
    if (args === undefined) return;
    assert.match(args, /^pr comment 5 --edit-last --create-if-none --body-file /);
    this.posted.push({ method: "gh", path: args, body: await Deno.readTextFile(`${this.#folder}/gh-body`) });
    await Deno.remove(`${this.#folder}/gh-args`);
  }

  /** The notes of the merge request: https://docs.gitlab.com/api/notes/#merge-requests */
  async #note(request: Request): Promise<Response> {
    assert.equal(request.headers.get("private-token"), "plan");
    const { pathname } = new URL(request.url);
    const last = this.posted.at(-1);
    if (request.method === "GET") return Response.json(last === undefined ? [] : [{ id: 1, body: last.body }]);
    const body = String((await request.formData()).get("body"));
    this.posted.push({ method: request.method, path: pathname, body });
    return Response.json({ id: 1 }, { status: request.method === "POST" ? 201 : 200 });
  }
}

async function program(path: string, script: string): Promise<void> {
  await Deno.writeTextFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}
