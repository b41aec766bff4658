/** Commands on a terminal show a progress bar and colours; elsewhere they show neither. */
import assert from "node:assert/strict";
import { serve } from "../../mock/databricks/serve.ts";
import { stringifyJson } from "../../src/base/json.ts";
import { clusterTest, job } from "../support/harness.ts";

clusterTest("plan shows a bar and colours on a terminal, and neither in a pipe or with NO_COLOR", async (world) => {
  await using served = await serve(world.workspace);
  const file = await Deno.makeTempFile({ suffix: ".yaml" });
  await Deno.writeTextFile(file, stringifyJson(job("etl")));
  const plan = `"${Deno.execPath()}" run -qA --no-check src/main.ts plan -f ${file} --no-cluster`;
  const run = async (command: string, env: Record<string, string> = {}) => {
    const { stdout } = await new Deno.Command("script", {
      args: ["--quiet", "--return", "--command", command, "/dev/null"],
      clearEnv: true,
      env: {
        ...{ PATH: Deno.env.get("PATH") ?? "", HOME: Deno.env.get("HOME") ?? "", TERM: "xterm" },
        ...{ DATABRICKS_HOST: served.url, DATABRICKS_TOKEN: "token" },
        ...env,
      },
      stdin: "null",
    }).output();
    return new TextDecoder().decode(stdout);
  };
  const escape = "\u001b[";
  const shown = await run(plan);
  assert.match(shown.replaceAll(escape, "<"), /\r<K\[[#-]{20}\] \d\/1 objects planned/);
  assert.ok(shown.includes(`${escape}32m+ DatabricksJob default/etl: create by manifest${escape}0m`), shown);
  assert.ok(!(await run(plan, { NO_COLOR: "1" })).includes(`${escape}32m`));
  assert.ok(!(await run(`${plan} 2> ${file}.err | cat; cat ${file}.err`)).includes(escape));
  for (const path of [file, `${file}.err`]) await Deno.remove(path);
}, { start: false, needs: ["script"] });
