/**
 * `deno task soak --minutes 15`: runs the operator as a process, under constant churn and with one call in a hundred
 * failing. It prints one line a minute, and a verdict: after the warm-up, memory and file descriptors are flat or grow.
 *
 * `K3S_BINARY` or `TEST_KUBECONFIG` select a real API server. The exit code is 1 if something grows.
 *
 * @module
 */
import type { FaultRule } from "../mock/faults.ts";
import { randomFrom } from "../tests/schedules/random.ts";
import { manifest, notebook, pathOf, secret } from "../tests/support/objects.ts";
import { pause } from "./pace.ts";
import { openFilesOf } from "./process.ts";
import { NAMESPACE, Rig, startApiServer } from "./rig.ts";
import { afterWarmUp, isFlat, type Point, slopeOf } from "./slope.ts";

/** The maximum number of objects of each kind at a time. */
const OBJECTS: Record<string, number> = { DatabricksJob: 150, GitCredential: 1, Repo: 30, DatabricksSecretScope: 20 };
/** The interval between people's actions (ms). */
const PACE = 100;
/** The interval between measurements (ms). */
const SAMPLE = 10_000;
/** Sweeps and polls are as frequent as the settings allow: an hour's worth in a few minutes. */
const SETTINGS = { default_requeue_interval: "10", status_poll_interval: "5", rate_limit: "0" };
/** Each applies to one in 400 calls: one call in a hundred in total. */
const FAULTS: Omit<FaultRule, "match">[] = [
  { every: 400, status: 503 },
  { every: 400, status: 500, effect: "kept" },
  { every: 400, cut: "before-headers", effect: "kept" },
  { every: 400, status: 429, headers: { "retry-after": "1" } },
];

/** One measurement. */
interface Sample {
  readonly minute: number;
  readonly residentMb: number;
  readonly heapMb: number;
  readonly files: number;
  readonly sockets: number;
  /** The longest response time of a probe (ms), which shows how long the event loop is blocked. */
  readonly lagMs: number;
  readonly cpu: number;
  readonly acts: number;
  readonly calls: number;
}

async function main(args: readonly string[]): Promise<number> {
  const minutes = Number(args[args.indexOf("--minutes") + 1] ?? 15);
  await using server = await startApiServer();
  await using rig = await Rig.make(server, { settings: SETTINGS });
  await rig.startOperator();
  for (const fault of FAULTS) rig.workspace.faults.add({ match: "/api/", ...fault });
  const people = new People(rig);
  const samples: Sample[] = [];
  console.log(heading);
  const end = performance.now() + minutes * 60_000;
  const churn = people.actUntil(end);
  const begun = performance.now();
  for (let next = 1; performance.now() < end;) {
    await pause(SAMPLE);
    const sample = await measure(rig, people, (performance.now() - begun) / 60_000);
    samples.push(sample);
    if (sample.minute < next) continue;
    next++;
    console.log(row(sample));
  }
  await churn;
  return verdict(samples, people) ? 0 : 1;
}

async function measure(rig: Rig, people: People, minute: number): Promise<Sample> {
  const { usage, heapMb } = await rig.snapshot();
  const calls = rig.workspace.ledger.calls.length;
  // The recorded calls are not used here, and the mock's memory is not measured.
  rig.workspace.ledger.clear();
  const lagMs = Math.max(
    ...await Promise.all([0, 1, 2].map(async (index) => (await pause(index * 200), await rig.probe()))),
  );
  return { minute, heapMb, lagMs, calls, acts: people.acts, ...usage, ...await openFilesOf(rig.pid) };
}

const heading = "minute   acts  calls/10s  RSS MB  heap MB  files  sockets  lag ms   CPU s";

function row({ minute, acts, calls, residentMb, heapMb, files, sockets, lagMs, cpu }: Sample): string {
  const columns = [
    minute.toFixed(1),
    acts,
    calls,
    residentMb,
    heapMb,
    files,
    sockets,
    Math.round(lagMs),
    cpu.toFixed(1),
  ];
  return columns.map((value, index) => String(value).padStart([6, 7, 11, 8, 9, 7, 9, 8, 8][index] ?? 8)).join("");
}

/** Prints what grows. @returns true if nothing does. */
function verdict(samples: readonly Sample[], people: People): boolean {
  const points = (of: (sample: Sample) => number): Point[] =>
    samples.map((sample) => ({ minute: sample.minute, value: of(sample) }));
  const measures = {
    "RSS (MB)": { points: points(({ residentMb }) => residentMb), allowance: { share: 0.1, atLeast: 10 } },
    "file descriptors": { points: points(({ files }) => files), allowance: { share: 0.1, atLeast: 3 } },
  };
  let isGood = true;
  for (const [name, { points, allowance }] of Object.entries(measures)) {
    const flat = isFlat(points, allowance);
    isGood &&= flat;
    console.log(
      `${name}: ${flat ? "flat" : "GROWS"}, ${slopeOf(afterWarmUp(points)).toFixed(2)} per minute after the warm-up`,
    );
  }
  console.log(
    `${people.acts} user actions, ${people.failures} failed; the operator ${isGood ? "is steady" : "leaks"}`,
  );
  return isGood;
}

/** People who edit objects all the time. */
class People {
  readonly #rig: Rig;
  readonly #random = randomFrom(1);
  acts = 0;
  failures = 0;

  constructor(rig: Rig) {
    this.#rig = rig;
  }

  async actUntil(end: number): Promise<void> {
    while (performance.now() < end) {
      await pause(PACE);
      this.acts++;
      // The edited object may just have been deleted.
      await this.#act().catch(() => void this.failures++);
    }
  }

  async #act(): Promise<void> {
    const kinds = Object.keys(OBJECTS);
    const kind = this.#random() < 0.6 ? "DatabricksJob" : kinds[this.#pick(kinds.length)] ?? "DatabricksJob";
    const index = this.#pick(OBJECTS[kind] ?? 1);
    const chance = this.#random();
    if (chance < 0.6) return await this.#apply(kind, index);
    if (chance < 0.75) return await this.#rig.kube.delete(pathOf(kind, NAMESPACE), nameOf(kind, index));
    return this.#inTheWebapp(chance);
  }

  async #apply(kind: string, index: number): Promise<void> {
    const number = this.#pick(1000);
    if (kind === "GitCredential" || kind === "DatabricksSecretScope") {
      const values = { personal_access_token: `token-${number}`, [`key-${number % 5}`]: "value" };
      await this.#put({ ...secret(`source-${index}`, values), kind: "Secret" });
    }
    await this.#put(manifest(kind, nameOf(kind, index), specOf(kind, index, number)));
    if (kind !== "DatabricksSecretScope") return;
    const spec = { scope: `scope-${index}`, secret_name: `source-${index}` };
    await this.#put(manifest("DatabricksSecret", `filler-${index}`, spec));
  }

  async #put(object: ReturnType<typeof manifest>): Promise<void> {
    const options = { type: "apply", force: true, fieldManager: "people" } as const;
    await this.#rig.kube.patch(pathOf(object.kind ?? "", NAMESPACE), object.metadata.name ?? "", object, options);
  }

  #inTheWebapp(chance: number): void {
    const { jobs, runs } = this.#rig.workspace;
    const ids = jobs.ids();
    const id = ids[this.#pick(ids.length)];
    if (id === undefined) return;
    if (chance < 0.83) jobs.edit(id, (settings) => void (settings.timeout_seconds = this.#pick(1000)));
    else if (chance < 0.86) jobs.remove(id);
    else if (chance < 0.95) runs.start(id);
    else for (const { run_id, state } of runs.list()) if (state.life_cycle_state === "RUNNING") runs.finish(run_id);
  }

  #pick(count: number): number {
    return Math.floor(this.#random() * count);
  }
}

function nameOf(kind: string, index: number): string {
  return `${kind.toLowerCase()}-${index}`;
}

function specOf(kind: string, index: number, number: number): Record<string, unknown> {
  switch (kind) {
    case "DatabricksJob":
      return {
        job: { settings: { ...notebook(`/Shared/${number}`), max_concurrent_runs: 1 + number % 9 } },
        ...number % 10 === 0 && { run: { job_parameters: { number: `${number}` } } },
      };
    case "GitCredential":
      return {
        credential: { git_provider: "gitHub", git_username: "octocat", git_email: `${number}@example.com` },
        secret_name: `source-${index}`,
      };
    case "Repo":
      return {
        repository: {
          path: `/Repos/team/${index}`,
          url: "https://github.com/example/reports",
          provider: "gitHub",
          branch: `branch-${number}`,
        },
      };
  }
  return {
    scope: { name: `scope-${index}` },
    acls: [{ principal: "users", permission: number % 2 === 0 ? "READ" : "WRITE" }],
  };
}

if (import.meta.main) Deno.exit(await main(Deno.args));
