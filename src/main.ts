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
  .description("Manages Databricks jobs, compute, Unity Catalog, secrets and permissions from Kubernetes manifests")
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
    new Option("-o, --output <format>", "the format of findings; github: annotations of a workflow run")
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

program.command("selftest", { hidden: true }).description("try everything that must not work").action(async () => {
  const { selftest } = await import("./process/selftest.ts");
  Deno.exit(await selftest(console.log));
});

clusterCommand("run").description("reconcile until SIGTERM")
  .option("--watch-namespaces <names>", "comma-separated namespaces; by default the operator's own")
  .option("--all-namespaces", "watch every namespace; each has settings of its own")
  .addOption(
    new Option("--config-map <name>", "ConfigMap with the settings").env("DATABRICKS_KUBE_CONFIGMAP")
      .default(DEFAULT_CONFIG_MAP),
  )
  .option("--leader-elect", "work only while holding a lease, so that only one of several replicas works; on in a pod")
  .option("--no-leader-elect", "work at once; on outside a pod")
  .option("--lease-name <name>", "the Lease; one for each operator of a namespace", "databricks-kube-operator")
  .option("--lease-namespace <name>", "the Lease's namespace; by default the operator's own")
  .option("--lease-duration <seconds>", "how long other replicas respect a lease that is not renewed", seconds, 15)
  .option("--lease-renew-deadline <seconds>", "how long to work on without a renewal", seconds, 10)
  .option("--lease-retry-period <seconds>", "how often to renew the lease, or to look for it", seconds, 2)
  .addOption(new Option("--log-level <level>", "the lowest level that is logged").choices(logLevels).default("info"))
  .addOption(new Option("--log-format <format>", "the format of logs").choices(["text", "json"]).default("text"))
  .addOption(
    new Option(
      "--http-address <host:port>",
      "the address of /metrics, /healthz and /readyz; by default they are not served",
    )
      .argParser(httpAddress),
  )
  .option("--allow-loopback", "let databricks_url name this machine, such as http://127.0.0.1:8099; on outside a pod")
  .option("--no-allow-loopback", "refuse such an address; on in a pod")
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
  .description("print the objects, or the resources of a workspace, as manifests that take over their resources")
  .option("--watch-namespaces <names>", "comma-separated namespaces; by default the context's own")
  .option("--all-namespaces", "every namespace")
  .option(
    "--from-workspace",
    "export the resources of the workspace in DATABRICKS_HOST or --profile; needs no cluster",
  )
  .option("--profile [name]", "with --from-workspace: a profile of ~/.databrickscfg")
  .option("--kind <kinds>", "with --from-workspace: comma-separated kinds; by default all that can be exported")
  .option("--name <pattern>", "with --from-workspace: a name in Databricks; * stands for any text")
  .option("-n, --namespace <name>", "with --from-workspace: the namespace that the manifests name; by default none")
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

clusterCommand("status").description("show which objects are not Ready, and why")
  .option("-n, --namespace <name>", "the namespace; by default the context's own")
  .option("-A, --all-namespaces", "every namespace")
  .option("--all", "also list objects that are Ready")
  .addOption(asTable())
  .option("--exit-code", "exit with 1 if an object is not Ready")
  .action(async (options) => {
    const { status } = await import("./commands/status.ts");
    await exit(status(options), 2);
  });

clusterCommand("runs").description("list the newest runs, with the first failed task of each")
  .argument("[job]", "the DatabricksJob or DatabricksPipeline; by default all of the namespace")
  .option("-n, --namespace <name>", "the namespace; by default the context's own")
  .option("-A, --all-namespaces", "every namespace")
  .option("--limit <n>", "the number of runs", positiveInteger, 20)
  .addOption(asTable())
  .action(async (job, options) => {
    const { runs } = await import("./commands/runs.ts");
    await exit(runs(job, options), 2);
  });

clusterCommand("open").description("open the page of an object's resource in Databricks")
  .argument("<kind/name>", "the object, such as dbj/etl")
  .option("-n, --namespace <name>", "the namespace; by default the context's own")
  .option("--print", "only print the address")
  .action(async (target, options) => {
    const { open } = await import("./commands/open.ts");
    await exit(open(target, options), 2);
  });

clusterCommand("ui").description("serve a page on this machine that shows the objects, their runs, repairs and plans")
  .option("-n, --namespace <name>", "the namespace; by default all that you may list")
  .option("--port <n>", "the port on 127.0.0.1; by default a free one", port, 0)
  .action(async (options) => {
    const { ui } = await import("./commands/ui/ui.ts");
    const { listenForStop } = await import("./process/stop_signal.ts");
    await exit(ui(options, listenForStop()));
  });

clusterCommand("sync").description("make the operator check an object's resource now, before the next sweep")
  .argument("<kind/name>", "the object, such as dbj/etl")
  .option("-n, --namespace <name>", "the namespace; by default the context's own")
  .option("--timeout <seconds>", "how long to wait for the check", seconds, 60)
  .option("--no-wait", "do not wait for the check")
  .action(async (target, options) => {
    const { sync } = await import("./commands/sync.ts");
    await exit(sync(target, options), 2);
  });

planCommand("plan").description("show what applying manifests would change in Databricks; nothing is written")
  .action(async (options) => {
    const { plan } = await import("./commands/plan/plan.ts");
    await exit(plan(options));
  });

planCommand("diff").description("the same as plan, as a unified diff of values").action(async (options) => {
  const { diff } = await import("./commands/plan/plan.ts");
  await exit(diff(options));
});

program.command("import-bundle").description("turn a Databricks bundle into manifests that take over its resources")
  .argument("<file>", "the output of databricks bundle summary -o json; - for standard input")
  .option("-n, --namespace <name>", "the namespace that the manifests name; by default none")
  .option("--for-git <folder>", "a file for each object, in this folder")
  .action(async (file, options) => {
    const { importBundle } = await import("./commands/bundle/import_bundle.ts");
    await exit(importBundle(file, options));
  });

clusterCommand("hand-back")
  .description("give the objects back to the Rust operator: ids in spec, and its finalizers")
  .option("--watch-namespaces <names>", "comma-separated namespaces; by default the context's own")
  .option("--all-namespaces", "every namespace")
  .option("--lease-name <name>", "the operator's Lease, which must not be held", "databricks-kube-operator")
  .option("--lease-namespace <name>", "the Lease's namespace; by default the context's own")
  .option("--dry-run", "show what would be done, and do nothing")
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
  return new Option("--kinds <kinds>", `comma-separated kinds ${what}; by default all`);
}

/** A command that plans. It reads a cluster only if one is named. */
function planCommand(name: string): Command {
  return clusterCommand(name)
    .requiredOption("-f, --filename <names...>", "files and folders of manifests; - for standard input")
    .option("-n, --namespace <name>", "the namespace of objects that name none; by default the context's own")
    .option("--profile [name]", "a profile of ~/.databrickscfg; by default the environment's workspace")
    .option("--no-cluster", "read no cluster, even if KUBECONFIG is set")
    .option("--config-map <name>", "ConfigMap with the operator's settings", DEFAULT_CONFIG_MAP)
    .option("--timeout <seconds>", "the time limit of the whole plan", seconds, 60)
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
