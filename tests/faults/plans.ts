/**
 * Makes all plans: for every point of the runs without faults, every fault that applies to it.
 *
 * @module
 */
import { resources } from "../../src/resources/mod.ts";
import { type Blow, nameOf, type Plan, type Point, type Strike } from "./plan.ts";
import { isWrite } from "./points.ts";
import { START, type Story } from "./stories.ts";

const HTML = "<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>";

/** An error in the format of the respective side. */
function refusal(side: Point["side"], status: number): string {
  if (side === "databricks") return JSON.stringify({ error_code: CODES[status], message: "Injected fault" });
  const body = { kind: "Status", apiVersion: "v1", status: "Failure", message: "Injected fault", code: status };
  return JSON.stringify({ ...body, reason: REASONS[status] });
}

const CODES: Record<number, string> = {
  403: "PERMISSION_DENIED",
  404: "RESOURCE_DOES_NOT_EXIST",
  409: "ABORTED",
  410: "GONE",
  429: "REQUEST_LIMIT_EXCEEDED",
  500: "INTERNAL_ERROR",
  503: "TEMPORARILY_UNAVAILABLE",
};
const REASONS: Record<number, string> = {
  403: "Forbidden",
  404: "NotFound",
  409: "Conflict",
  410: "Expired",
  422: "Invalid",
  429: "TooManyRequests",
  500: "InternalError",
};

function answer(side: Point["side"], status: number, more: { retryAfter?: number; kept?: true } = {}): Strike {
  return { how: "answer", status, body: refusal(side, status), ...more };
}

/** Faults around a write in which the process is killed, or an answer is lost. */
const kills: Record<string, Strike> = {
  "kill before": { how: "kill-before" },
  "kill after": { how: "kill-after" },
  "lost answer": { how: "lost" },
};

/** Returns the faults of a read. */
function readFaults(side: Point["side"]): Record<string, Strike> {
  return {
    "404": answer(side, 404),
    "409": answer(side, 409),
    "410": answer(side, 410),
    "429": answer(side, 429),
    "429 Retry-After": answer(side, 429, { retryAfter: 2 }),
    "500": answer(side, 500),
    "503 HTML": { how: "answer", status: 503, body: HTML },
    hang: { how: "hang" },
    truncated: { how: "truncated" },
    slow: { how: "slow", ms: 1000 },
    stale: { how: "stale" },
  };
}

/** Returns the faults of a write, except its loss. */
function writeFaults(side: Point["side"]): Record<string, Strike> {
  const common = {
    "403": answer(side, 403),
    "409": answer(side, 409),
    "429 Retry-After": answer(side, 429, { retryAfter: 2 }),
    "500": answer(side, 500),
    "500 kept": answer(side, 500, { kept: true }),
    "503 HTML": { how: "answer", status: 503, body: HTML } as const,
    "hang kept": { how: "hang", kept: true } as const,
    truncated: { how: "truncated" } as const,
  };
  return side === "kubernetes" ? { ...common, "404": answer(side, 404), "422": answer(side, 422) } : common;
}

/** The faults of a watch. */
const watchFaults: Record<string, Strike> = {
  "half-open": { how: "silent" },
  "closed mid-frame": { how: "cut" },
  closed: { how: "closed" },
  withheld: { how: "withheld" },
  duplicated: { how: "duplicated" },
  "410": { how: "gone" },
};

/** The number of times that a point is struck in one phase: sweeps repeat for ever. */
const OCCURRENCES = 2;

/**
 * The plans of all stories, from the points of their runs without faults. A plan whose fault hits the same request in
 * the same state as in an earlier story is left out.
 *
 * @param told the stories whose plans are wanted.
 * @param all all stories, so that a story has the same plans however many are wanted.
 */
export function plansOf(
  told: readonly Story[],
  { all, pointsOf }: { readonly all: readonly Story[]; readonly pointsOf: (story: Story) => readonly Point[] },
): Plan[] {
  return told.flatMap((story) => {
    const earlier = all.slice(0, all.indexOf(story));
    return plansFor(story, pointsOf(story))
      .filter(({ blows }) => !earlier.some((other) => blows.every((blow) => isAlike(story, other, blow))));
  });
}

/**
 * True if two stories are the same until the end of a point's phase. Until the first step they differ only in the kind
 * that the operator works on; after it, stories are the same if they share what exists before and all steps so far.
 */
function isAlike(story: Story, other: Story, { phase, side, point }: Point): boolean {
  if (phase === START) return other.kind === story.kind || (side === "kubernetes" && subjectOf(point) !== story.plural);
  const end = story.steps.findIndex((step) => step.phase === phase) + 1;
  return end > 0 && other.prepare === story.prepare &&
    story.steps.slice(0, end).every((step, index) => step === other.steps[index]);
}

/** All plans for one story, from the points of its run without faults. */
export function plansFor(story: Story, points: readonly Point[]): Plan[] {
  const near = points.filter((point) =>
    isAbout(story, point) && !["quiet", "end"].includes(point.phase) &&
    (isWrite(point.point) || point.occurrence <= OCCURRENCES)
  );
  return [
    ...near.flatMap((point) => pointPlans(story.name, point)),
    ...eventPlans(story, near),
    ...timeTravels(story, near),
    ...crashLoops(story.name, near),
  ];
}

/** True for points about a story's kind, or about settings: other kinds have their own stories. */
function isAbout({ plural, calls }: Story, { side, point }: Point): boolean {
  if (side === "databricks") return calls.test(point);
  const subject = subjectOf(point);
  return subject === plural || !KINDS.has(subject);
}

/** The plural in a point of Kubernetes: `databricksjobs` in `PATCH databricksjobs/status`. */
function subjectOf(point: string): string {
  return point.split(" ")[1]?.split(/[/[]/)[0] ?? "";
}

/** The plurals of the kinds, which points contain. */
const KINDS: ReadonlySet<string> = new Set(resources.map(({ plural }) => plural));

function pointPlans(story: string, point: Point): Plan[] {
  if (point.point.startsWith("WATCH ")) {
    return faults(story, "watches", point, { "410 at start": answer("kubernetes", 410) });
  }
  if (!isWrite(point.point)) return faults(story, `${point.side} reads`, point, readFaults(point.side));
  return [
    ...faults(story, `${point.side} writes: kills`, point, kills),
    ...faults(story, `${point.side} writes: answers`, point, writeFaults(point.side)).filter(({ name }) =>
      !FINAL.test(name)
    ),
  ];
}

/** A refused request is not repeated without the user: the condition shows the refusal, and the story ends there. */
const FINAL = /^job\/.*\/jobs\/run-now#\d+\/(403|409)$|\/jobs\/runs\/repair#\d+\/409$/;

function faults(story: string, group: string, point: Point, strikes: Record<string, Strike>): Plan[] {
  return Object.entries(strikes).map(([name, strike]) => plan(story, group, name, [{ ...point, strike }]));
}

function plan(story: string, group: string, fault: string, blows: Blow[]): Plan {
  return { name: `${story}/${nameOf(blows[0] as Blow)}/${fault}`, group, story, blows };
}

/** Events of the story's objects come in every phase; those of its Secret only when the Secret changes. */
function eventPlans({ name, plural }: Story, points: readonly Point[]): Plan[] {
  const phases = { [plural]: ["create", "update", "delete"], "secrets[source]": ["update"] };
  return Object.entries(phases).filter(([what]) => points.some(({ point }) => point === `WATCH ${what}`))
    .flatMap(([what, phases]) =>
      phases.filter((phase) => points.some((point) => point.phase === phase)).flatMap((phase) => {
        const point = { phase, side: "kubernetes", point: `EVENT ${what}`, occurrence: 1 } as const;
        return faults(name, "watches", point, watchFaults);
      })
    );
}

/** After a kill the next process sees an older state (a stale list), and catches up from there. */
function timeTravels({ name, plural }: Story, points: readonly Point[]): Plan[] {
  return points.filter(({ point }) => isWrite(point) && !point.endsWith(" events")).map((point) =>
    plan(name, "kill, then stale list", "kill after, stale list", [
      { ...point, strike: { how: "kill-after" } },
      { phase: point.phase, side: "kubernetes", point: `LIST ${plural}`, occurrence: 1, strike: { how: "stale" } },
    ])
  );
}

/** The process dies three times in a row at one point. */
function crashLoops(story: string, points: readonly Point[]): Plan[] {
  const first = points.filter(({ point, occurrence, side }) =>
    isWrite(point) && occurrence === 1 && (side === "databricks" || point.startsWith("PATCH "))
  );
  return first.flatMap((point) =>
    (["kill-before", "kill-after"] as const).map((how) =>
      plan(story, "crash loops", `${how.replace("-", " ")} 3 times`, [{ ...point, times: 3, strike: { how } }])
    )
  );
}
