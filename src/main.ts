/**
 * The command line. `--help` lists the commands; `selftest` is for tests of the binary and is hidden.
 *
 * @module
 */
import { Argument, Command, InvalidArgumentError, Option } from "commander";
import { parseDelays } from "./commands/delays.ts";
import { DEFAULT_CONFIG_MAP } from "./reconcile/connect/settings.ts";
import { logLevels } from "./telemetry/log.ts";
import { parseAddress } from "./telemetry/server_address.ts";
import { VERSION_TEXT } from "./process/version.ts";

const program = new Command("databricks-kube-operator")
  .description("Manages Databricks jobs, git credentials, repos, secret scopes and secrets from Kubernetes manifests")
  .version(VERSION_TEXT)
  .showHelpAfterError();

program.command("version").description("print the version").action(() => console.log(VERSION_TEXT));

program.command("crdgen").description("print the CRDs, for kubectl apply -f -")
  .addOption(chosenKinds("whose CRDs are printed"))
  .action(async ({ kinds }) => {
    const { crdgenOf } = await import("./commands/crdgen.ts");
    await exit(crdgenOf(kinds));
  });

program.command("validate").description("check manifests without a cluster or a workspace")
  .argument("<files...>", "files and folders of manifests; - for standard input")
  .option("-n, --namespace <name>", "the namespace of objects that name none", "default")
  .addOption(
    new Option("-o, --output <format>", "how findings are written; github: as annotations of a workflow's run")
      .choices(["text", "json", "github"]).default("text"),
  )
  .option("--strict", "warnings count as errors")
  .action(async (names, options) => {
    const { validate } = await import("./commands/validate/validate.ts");
    Deno.exit(await validate(names, options));
  });

program.command("completion").description("print a script that completes commands, options and kinds")
  .addArgument(new Argument("<shell>", "the shell").choices(["bash", "zsh", "fish"] as const))
  .action(async (shell) => {
    const { completion } = await import("./commands/completion/completion.ts");
    console.log(completion(shell, program).trimEnd());
  });

program.command("selftest", { hidden: true }).description("try what must not work").action(async () => {
  const { selftest } = await import("./process/selftest.ts");
  Deno.exit(await selftest(console.log));
});

clusterCommand("run").description("reconcile until SIGTERM")
  .option("--watch-namespaces <names>", "comma-separated namespaces; the operator's own without it")
  .option("--all-namespaces", "watch every namespace; each has settings of its own")
  .addOption(
    new Option("--config-map <name>", "ConfigMap with the settings").env("DATABRICKS_KUBE_CONFIGMAP")
      .default(DEFAULT_CONFIG_MAP),
  )
  .option("--leader-elect", "work only while holding a lease, so that of several replicas one works; on in a pod")
  .option("--no-leader-elect", "work at once; on outside a pod")
  .option("--lease-name <name>", "the Lease; one for each operator of a namespace", "databricks-kube-operator")
  .option("--lease-namespace <name>", "where the Lease is; in the operator's own namespace without it")
  .option("--lease-duration <seconds>", "how long other replicas leave a lease alone that is not renewed", seconds, 15)
  .option("--lease-renew-deadline <seconds>", "how long to work on without a renewal", seconds, 10)
  .option("--lease-retry-period <seconds>", "how often to renew the lease, or to look for it", seconds, 2)
  .addOption(new Option("--log-level <level>", "least level that is logged").choices(logLevels).default("info"))
  .addOption(new Option("--log-format <format>", "how logs are written").choices(["text", "json"]).default("text"))
  .addOption(
    new Option("--http-address <host:port>", "where to serve /metrics, /healthz and /readyz; nowhere without it")
      .argParser(httpAddress),
  )
  .option("--allow-loopback", "let databricks_url name this machine, such as http://127.0.0.1:8099; on outside a pod")
  .option("--no-allow-loopback", "refuse it; on in a pod")
  .addOption(
    new Option(
      "--own-identity <namespace=client_id>",
      "let a namespace use the operator's own identity as this client, at Databricks or @<host> (repeatable)",
    ).argParser(ownIdentity),
  )
  .option("--allow-managed-identity", "let auth_type azure-msi ask the metadata service of the machine")
  .option(
    "--profile [name]",
    "outside a pod: the profile of ~/.databrickscfg for namespaces that name neither a Secret nor a host",
  )
  .option("--shard <index/count>", "work on a share of the workspaces only, such as 0/2; ordinal/2 in a StatefulSet")
  .addOption(chosenKinds("to work on, such as DatabricksJob,DatabricksRun"))
  .option("--max-concurrent-reconciles <n>", "objects worked on at a time, in each namespace", positiveInteger, 10)
  .addOption(new Option("--delays <name=ms,...>", "shorter delays, for tests").argParser(delays).hideHelp())
  .action(async (options) => {
    const { run } = await import("./commands/run.ts");
    Deno.exit(await run(options));
  });

clusterCommand("export")
  .description("print the objects, or what a workspace holds, as manifests that take over their resources")
  .option("--watch-namespaces <names>", "comma-separated namespaces; the context's own without it")
  .option("--all-namespaces", "every namespace")
  .option(
    "--from-workspace",
    "of what the workspace holds, by DATABRICKS_HOST and the like, or by --profile; no cluster",
  )
  .option("--profile [name]", "with --from-workspace: a profile of ~/.databrickscfg")
  .option("--kind <kinds>", "with --from-workspace: comma-separated kinds; all that can be exported without it")
  .option("--name <pattern>", "with --from-workspace: those of this name in Databricks; * stands for any text")
  .option("-n, --namespace <name>", "with --from-workspace: the namespace that the manifests name; none without it")
  .addOption(
    new Option("--owner <owner>", "with --from-workspace: operator takes them over, api follows them")
      .choices(["operator", "api"]).default("operator"),
  )
  .option("--for-git <folder>", "with --from-workspace: a file for each object, in this folder")
  .action(async (options) => {
    if (options.fromWorkspace) {
      const { exportWorkspace } = await import("./commands/export/from_workspace.ts");
      await exit(exportWorkspace(options));
    }
    const { exportObjects } = await import("./commands/export_objects.ts");
    await exit(exportObjects(options));
  });

clusterCommand("status").description("say which objects are not Ready, and why")
  .option("-n, --namespace <name>", "the namespace; the context's own without it")
  .option("-A, --all-namespaces", "every namespace")
  .option("--all", "list what is Ready, too")
  .addOption(asTable())
  .option("--exit-code", "end with 1 when something is not Ready")
  .action(async (options) => {
    const { status } = await import("./commands/status.ts");
    await exit(status(options), 2);
  });

clusterCommand("runs").description("list the newest runs, with the first failed task of each")
  .argument("[job]", "the DatabricksJob or DatabricksPipeline; all of the namespace without it")
  .option("-n, --namespace <name>", "the namespace; the context's own without it")
  .option("-A, --all-namespaces", "every namespace")
  .option("--limit <n>", "the number of runs", positiveInteger, 20)
  .addOption(asTable())
  .action(async (job, options) => {
    const { runs } = await import("./commands/runs.ts");
    await exit(runs(job, options), 2);
  });

clusterCommand("open").description("open the page of an object's resource in Databricks")
  .argument("<kind/name>", "the object, such as dbj/etl")
  .option("-n, --namespace <name>", "the namespace; the context's own without it")
  .option("--print", "only print the address")
  .action(async (target, options) => {
    const { open } = await import("./commands/open.ts");
    await exit(open(target, options), 2);
  });

clusterCommand("ui").description("serve a page on this machine that shows the objects, their runs, repairs and plans")
  .option("-n, --namespace <name>", "the namespace; all that you may list without it")
  .option("--port <n>", "the port on 127.0.0.1; a free one without it", port, 0)
  .action(async (options) => {
    const { ui } = await import("./commands/ui/ui.ts");
    const { listenForStop } = await import("./process/stop_signal.ts");
    await exit(ui(options, listenForStop()));
  });

clusterCommand("sync").description("have the operator look at an object's resource now, not at the next sweep")
  .argument("<kind/name>", "the object, such as dbj/etl")
  .option("-n, --namespace <name>", "the namespace; the context's own without it")
  .option("--timeout <seconds>", "how long to wait until it has looked", seconds, 60)
  .option("--no-wait", "only ask")
  .action(async (target, options) => {
    const { sync } = await import("./commands/sync.ts");
    await exit(sync(target, options), 2);
  });

planCommand("plan").description("say what applying manifests would change in Databricks; nothing is written")
  .action(async (options) => {
    const { plan } = await import("./commands/plan/plan.ts");
    await exit(plan(options));
  });

planCommand("diff").description("the same as plan, as a unified diff of values").action(async (options) => {
  const { diff } = await import("./commands/plan/plan.ts");
  await exit(diff(options));
});

program.command("import-bundle").description("turn a Databricks bundle into manifests that take over what it deployed")
  .argument("<file>", "the output of databricks bundle summary -o json; - for standard input")
  .option("-n, --namespace <name>", "the namespace that the manifests name; none without it")
  .option("--for-git <folder>", "a file for each object, in this folder")
  .action(async (file, options) => {
    const { importBundle } = await import("./commands/bundle/import_bundle.ts");
    await exit(importBundle(file, options));
  });

clusterCommand("hand-back")
  .description("give the objects back to the Rust operator: ids into spec, its finalizers in place of ours")
  .option("--watch-namespaces <names>", "comma-separated namespaces; the context's own without it")
  .option("--all-namespaces", "every namespace")
  .option("--lease-name <name>", "the operator's Lease, which nobody may hold", "databricks-kube-operator")
  .option("--lease-namespace <name>", "where the Lease is; in the context's own namespace without it")
  .option("--dry-run", "say what would be done, and do nothing")
  .action(async (options) => {
    const { handBack } = await import("./commands/hand_back.ts");
    await exit(handBack(options));
  });

/** A command that needs a cluster. */
function clusterCommand(name: string): Command {
  return program.command(name)
    .addOption(new Option("--kubeconfig <file>", "kubeconfig to use outside a cluster").env("KUBECONFIG"))
    .option("--context <name>", "context of the kubeconfig");
}

/** The option that chooses kinds. */
function chosenKinds(what: string): Option {
  return new Option("--kinds <kinds>", `comma-separated kinds ${what}; all kinds without it`);
}

/** A command that plans. It reads a cluster only if one is named. */
function planCommand(name: string): Command {
  return clusterCommand(name)
    .requiredOption("-f, --filename <names...>", "files and folders of manifests; - for standard input")
    .option("-n, --namespace <name>", "the namespace of objects that name none; the context's own without it")
    .option("--profile [name]", "a profile of ~/.databrickscfg; the environment's workspace without it")
    .option("--no-cluster", "ask no cluster, also where KUBECONFIG is set")
    .option("--config-map <name>", "ConfigMap with the operator's settings", DEFAULT_CONFIG_MAP)
    .option("--timeout <seconds>", "the time after which what is not answered counts as failed", seconds, 60)
    .addOption(
      new Option("-o, --output <format>", "text, json, yaml, or markdown for a pull request")
        .choices(["text", "json", "yaml", "markdown"]).default("text"),
    );
}

/** The option of commands that print a list. */
function asTable(): Option {
  return new Option("-o, --output <format>", "text, json, yaml or name").choices(["text", "json", "yaml", "name"])
    .default("text");
}

/** Exits with a command's exit code; after an error, prints one line that names it, and exits with `codeOfError`. */
async function exit(code: Promise<number>, codeOfError = 1): Promise<never> {
  try {
    Deno.exit(await code);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    Deno.exit(codeOfError);
  }
}

function ownIdentity(text: string, before: readonly string[] = []): readonly string[] {
  if (!/^[a-z0-9-]+=[^=@\s]+(@[^@/\s]+)?$/.test(text)) {
    throw new InvalidArgumentError("It must be <namespace>=<client_id> or <namespace>=<client_id>@<host>.");
  }
  return [...before, text];
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("It must be a whole number, 1 or more.");
  return value;
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65535) throw new InvalidArgumentError("It must be a port.");
  return value;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 86_400)) throw new InvalidArgumentError("It must be a number of seconds, above 0.");
  return value;
}

function delays(text: string): ReturnType<typeof parseDelays> {
  try {
    return parseDelays(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

function httpAddress(text: string): string {
  try {
    parseAddress(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
  return text;
}

if (import.meta.main) await program.parseAsync(Deno.args, { from: "user" });
