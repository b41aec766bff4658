/**
 * `deno task test:faults`: plays plans of faults against the operator's process, and judges each with all oracles.
 *
 * `--help` lists the options. A plan that fails is played again, alone, after all others: one that passes then is
 * listed and counts as passed, unless more than three plans failed.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { startProcess } from "../support/api_servers.ts";
import { choose, PER_GROUP } from "./choice.ts";
import { workOnAll } from "./crew.ts";
import type { Plan } from "./plan.ts";
import { plansOf } from "./plans.ts";
import type { Reference, Result } from "./judging.ts";
import { lookAgain } from "./look_again.ts";
import { learn, play, type Theatre } from "./play.ts";
import { build, OperatorProcess } from "./process.ts";
import { Report } from "./report.ts";
import { ofPeople } from "./people.ts";
import { ofRuns } from "./runs.ts";
import { stories as ofKinds, type Story } from "./stories.ts";
import { embedded, real } from "./upstream.ts";

const stories = [...ofKinds, ...ofPeople, ...ofRuns];
/** Each plan has its own operator, and mostly waits; more are played while the CPUs are idle. */
const CREW = { least: 2 * navigator.hardwareConcurrency, most: 12 * navigator.hardwareConcurrency };

const HELP = `deno task test:faults [options]: play a fixed choice of fault plans, as CI does

  --all            play every plan
  --seed N         play another choice of the same size
  --per-group N    play N plans of each group (${PER_GROUP})
  --plan NAME      play the plans whose name contains NAME, with every detail
  --story NAME,…   play only plans of these stories: ${stories.map(({ name }) => name).join(", ")}
  --group NAME     play only plans of this group
  --parallel N     the number of plans at a time (${CREW.least} to ${CREW.most}, depending on the load)
  --list           print the names of the plans, and play none
  --real           use a real API server, from K3S_BINARY or TEST_KUBECONFIG
  --verbose        print a line at the start and at the end of each plan`;

const options = {
  help: { type: "boolean" },
  all: { type: "boolean" },
  list: { type: "boolean" },
  real: { type: "boolean" },
  seed: { type: "string" },
  "per-group": { type: "string" },
  plan: { type: "string" },
  story: { type: "string" },
  group: { type: "string" },
  parallel: { type: "string" },
  verbose: { type: "boolean" },
} as const;

if (import.meta.main) Deno.exit(await main());

async function main(): Promise<number> {
  const { values } = parseArgs({ options });
  if (values.help) return console.log(HELP), 0;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      OperatorProcess.killAll();
      Deno.exit(130);
    });
  }
  await using stack = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir({ prefix: "faults-" });
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  const theatre: Theatre = { program: await build(dir), upstream: await upstreamOf(values.real === true, stack) };
  const told = stories.filter(({ name }) => values.story === undefined || values.story.split(",").includes(name));
  if (told.length === 0) throw new Error(`There is no story "${values.story}"`);
  const report = new Report();
  const references = await learnAll(told, theatre, report);
  const pointsOf = ({ name }: Story) => references.get(name)?.points ?? [];
  const all = plansOf(told, { all: stories, pointsOf })
    .filter(({ name, group }) =>
      (!values.plan || name.includes(values.plan)) && (!values.group || group.includes(values.group))
    );
  const isWhole = values.all === true || values.plan !== undefined;
  const perGroup = Number(values["per-group"] ?? PER_GROUP);
  const chosen = isWhole ? all : choose(all, { seed: Number(values.seed ?? 1), perGroup });
  console.log(`${chosen.length} of ${all.length} plans`);
  if (values.list) return chosen.forEach(({ name }) => console.log(name)) ?? 0;
  const crew = values.parallel ? { least: Number(values.parallel), most: Number(values.parallel) } : CREW;
  const playOne = (plan: Plan) => playPlan(plan, references, theatre);
  const parallel = await workOnAll(chosen, crew, async (plan) => {
    if (values.verbose) console.log(`begun ${plan.name}`);
    report.add(plan, await playOne(plan));
    if (values.verbose) console.log(`ended ${plan.name}`);
  });
  // A person who repeats a plan wants to see it fail.
  if (values.plan === undefined) await lookAgain(report, playOne);
  return report.print({ isDetailed: values.plan !== undefined, parallel });
}

/** Plays each story without faults; a failed one is played again alone, since all its plans are compared with it. */
async function learnAll(told: readonly Story[], theatre: Theatre, report: Report): Promise<Map<string, Reference>> {
  const references = new Map<string, Reference>();
  const learnOne = async ({ story: name }: Plan): Promise<Result> => {
    const { result, ...reference } = await learn(storyOf(name), theatre);
    references.set(name, reference);
    return result;
  };
  const clean = told.map(({ name }) => ({ name: `${name}/clean`, group: "without faults", story: name, blows: [] }));
  await workOnAll(clean, CREW, async (plan) => report.add(plan, await learnOne(plan)));
  await lookAgain(report, learnOne);
  return references;
}

async function playPlan(plan: Plan, references: Map<string, Reference>, theatre: Theatre): Promise<Result> {
  const reference = references.get(plan.story);
  if (reference === undefined) throw new Error(`There is no story "${plan.story}"`);
  return await play(storyOf(plan.story), plan, { theatre, reference });
}

function storyOf(name: string): Story {
  const story = stories.find((one) => one.name === name);
  if (story === undefined) throw new Error(`There is no story "${name}"`);
  return story;
}

async function upstreamOf(isReal: boolean, stack: AsyncDisposableStack): Promise<Theatre["upstream"]> {
  if (!isReal) return embedded;
  const existing = Deno.env.get("TEST_KUBECONFIG");
  if (existing !== undefined) return await real(existing);
  const server = stack.use(await startProcess(Deno.env.get("K3S_BINARY") ?? "k3s"));
  return await real(server.kubeconfig);
}
