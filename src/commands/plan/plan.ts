/**
 * `plan` and `diff`: show what applying some files would change in Databricks. Docs: docs/commands.md.
 *
 * Guarantees: nothing is written, neither to Databricks nor to a cluster; no value of a Secret is shown; and with a
 * kubeconfig the digest of a plan is the one that approves it in the cluster.
 *
 * @module
 */
import { CredentialsError } from "../../databricks/auth.ts";
import { currentUser } from "../../databricks/current_user.ts";
import { DatabricksError, UnauthenticatedError } from "../../databricks/errors.ts";
import type { Profile } from "../../databricks/sign_in/profile.ts";
import { httpTransport, shared, type TransportFactory } from "../../databricks/call/transport.ts";
import type { WorkspaceClient } from "../../databricks/workspace.ts";
import { connectionKind } from "../../connection.ts";
import { connect } from "../../kubernetes/kubeconfig.ts";
import { statusOf } from "../../reconcile/object/status.ts";
import { referencesOf } from "../../reconcile/plan/references.ts";
import type { Resource } from "../../resource.ts";
import { resources } from "../../resources/mod.ts";
import { clientFor, personalProfile } from "../workspace.ts";
import { assume } from "./assumed.ts";
import { type ClusterState, clusterState, noCluster } from "./cluster_state.ts";
import { type Begun, layOut } from "./desk.ts";
import { IdsToCome } from "./ids_to_come.ts";
import { PaperCluster } from "./paper_cluster.ts";
import { failed, type Planned, plannedOf } from "./planned.ts";
import { coloured, hasColours, Progress } from "../progress.ts";
import { readOnly } from "./read_only.ts";
import { rehearse } from "./rehearse.ts";
import { rivalsOf } from "./rivals.ts";
import { diffsOf, jsonOf, markdownOf, type Plans, textOf, yamlOf } from "./show.ts";
import { readSubjects, type Subject, type Subjects } from "./subjects.ts";

/** The options of the command line. */
export interface PlanOptions {
  readonly filename: readonly string[];
  readonly namespace?: string;
  readonly profile?: string | true;
  /** The cluster is read if one of these options is given. */
  readonly kubeconfig?: string;
  readonly context?: string;
  /** False: the cluster is not read, whatever the environment says. */
  readonly cluster?: boolean;
  readonly configMap: string;
  /** In seconds. */
  readonly timeout: number;
  readonly output: "text" | "json" | "yaml" | "markdown";
}

/** What is known about an object that was not prepared. */
const NOTHING: Begun = { before: undefined, settings: {}, unread: undefined, remark: undefined, hopeless: undefined };

/** The exit codes. */
const CODES = { nothing: 0, failed: 1, changes: 2 } as const;

/** Runs `plan` and returns the exit code: 0 nothing to do, 2 changes, 1 errors. */
export async function plan(options: PlanOptions): Promise<number> {
  return await planAs(options, textOf);
}

/** Runs `diff`, which differs in its text only. */
export async function diff(options: PlanOptions): Promise<number> {
  return await planAs(options, diffsOf);
}

async function planAs(options: PlanOptions, text: (plans: Plans) => string): Promise<number> {
  const cluster = await clusterOf(options);
  const subjects = await readSubjects(options.filename, options.namespace ?? cluster.namespace);
  if (subjects.problems.length > 0) {
    for (const problem of subjects.problems) console.error(problem);
    return CODES.failed;
  }
  const profile = await personalProfile(options);
  const timeoutMs = options.timeout * 1000;
  const progress = new Progress();
  const onProgress = (done: number) => progress.show({ done, of: subjects.subjects.length, what: "objects planned" });
  const transport = shared(httpTransport);
  const plans = await plansOf(subjects, { cluster, profile, transport, timeoutMs, onProgress })
    .finally(() => progress.end());
  const shown = { text, json: jsonOf, yaml: yamlOf, markdown: markdownOf }[options.output](plans);
  if (shown !== "") console.log(options.output === "text" && hasColours() ? coloured(shown) : shown);
  const has = (result: Planned["result"]) => plans.objects.some((planned) => planned.result === result);
  return has("failed") ? CODES.failed : has("change") ? CODES.changes : CODES.nothing;
}

/** The cluster that is read, or none. */
export interface Cluster {
  readonly state: ClusterState;
  /** The namespace of objects that name none. */
  readonly namespace: string;
  readonly isAsked: boolean;
}

/** Options of {@link plansOf}. */
export interface PlansOptions {
  readonly cluster: Cluster;
  /** The person's credentials. */
  readonly profile: Profile;
  readonly transport: TransportFactory;
  /** The time after which unfinished plans count as failed (ms). */
  readonly timeoutMs: number;
  /** Called with the number of planned objects. */
  readonly onProgress?: (done: number) => void;
}

/** No cluster. */
export const offline: Cluster = { state: noCluster, namespace: "default", isAsked: false };

async function clusterOf({ kubeconfig, context, cluster, configMap }: PlanOptions): Promise<Cluster> {
  if (cluster === false || (kubeconfig === undefined && context === undefined)) {
    return offline;
  }
  const { client, namespace } = await connect({ kubeconfig, context });
  return { state: clusterState(client, configMap), namespace, isAsked: true };
}

/**
 * The plans of the objects.
 *
 * @throws when the workspace refuses the person's credentials, or cannot be reached.
 */
export async function plansOf(files: Subjects, options: PlansOptions): Promise<Plans> {
  const { cluster, profile, timeoutMs, onProgress } = options;
  const { subjects } = files;
  const refused: string[] = [];
  const transport = readOnly(options.transport, (write) => void refused.push(write));
  const workspace = clientFor(profile, transport);
  await signIn(workspace, profile);
  const assumed = cluster.isAsked ? new Map() : await assume(subjects, workspace);
  const kinds = kindsOf(subjects);
  const beside = await cluster.state.objects(kinds, [...new Set(subjects.map(({ namespace }) => namespace))]);
  using paper = new PaperCluster([...kinds.map(({ plural }) => plural), connectionKind.plural]);
  const begun = await layOut({ paper, cluster: cluster.state, ...files, profile, assumed }, beside);
  const { host } = workspace;
  const rivals = rivalsOf(subjects);
  const hopeless = new Map(subjects.flatMap((subject) => {
    const why = rivals.get(subject) ?? hopelessness(begun.get(subject), host);
    return why === undefined ? [] : [[subject, why]];
  }));
  const open = subjects.filter((subject) => !hopeless.has(subject));
  const common = { paper, subjects: open, resources: kinds, host, isOffline: !cluster.isAsked };
  const { said, toCome } = open.length === 0
    ? { said: new Map(), toCome: new IdsToCome(common) }
    : await rehearse({ ...common, transport, timeoutMs, refused: () => refused[0], onProgress });
  const objects = subjects.map((subject) => {
    const why = hopeless.get(subject);
    if (why !== undefined) return failed(subject, why);
    const before = begun.get(subject) ?? NOTHING;
    return plannedOf(subject, { said: said.get(subject), begun: before, assumed: assumed.get(subject), toCome });
  });
  return { workspace: host, objects };
}

/** @throws when the workspace refuses the person's credentials, or cannot be reached. */
async function signIn(workspace: WorkspaceClient, { from }: Profile): Promise<void> {
  try {
    await currentUser(workspace);
  } catch (error) {
    const isRefused = error instanceof UnauthenticatedError || error instanceof CredentialsError;
    if (!isRefused && !(error instanceof DatabricksError)) throw error;
    const advice = isRefused
      ? "sign in again, or choose another profile of ~/.databrickscfg with --profile"
      : "look whether it can be reached from here, and try again";
    throw new Error(`Cannot sign in to workspace "${workspace.host}" by ${from}: ${error.message}; ${advice}`);
  }
}

/** The kinds of the objects, and of the objects that they refer to. */
function kindsOf(subjects: readonly Subject[]): Resource[] {
  const named = new Set(subjects.flatMap(({ resource, object }) => [
    resource.kind,
    ...referencesOf(resource.spec, object.spec ?? {}).map(({ kind }) => kind),
  ]));
  return resources.filter(({ kind }) => named.has(kind));
}

/** The reason why an object is not planned. */
function hopelessness(begun: Begun | undefined, host: string): string | undefined {
  const { before, hopeless } = begun ?? {};
  if (hopeless !== undefined || before === undefined) return hopeless;
  const { workspace, pending } = statusOf(before);
  if (before.metadata.deletionTimestamp !== undefined) return "is being deleted in the cluster: wait until it is gone";
  if (workspace !== undefined && workspace !== host) {
    return `is in workspace "${workspace}", and you are signed in to "${host}": choose the profile of the former with ` +
      "--profile";
  }
  if (pending !== undefined) return "is being created by the operator at this moment: try again in a minute";
  return undefined;
}
