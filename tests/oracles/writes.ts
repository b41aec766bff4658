/**
 * The operator's writes to Databricks: each once, one at a time, only to its own resources, and in time.
 *
 * @module
 */
import type { Evidence, Oracle, Sent } from "./evidence.ts";

/** Creates and deletes, and requests that start something without a token; everything else may be repeated. */
const COUNTED = /create$|delete$|^POST \/api\/2\.0\/(repos|git-credentials)$|^DELETE |runs\/repair$|^POST .*\/updates$/;

/** Counts the creates and deletes that had an effect. */
export function effectiveCounts(sent: readonly Sent[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { point, side, effect } of sent) {
    if (side !== "databricks" || !COUNTED.test(point) || effect === undefined || effect >= 300) continue;
    counts[point] = (counts[point] ?? 0) + 1;
  }
  return counts;
}

/** Returns the requests that may change something. */
export function writesOf(sent: readonly Sent[], side: Sent["side"]): Sent[] {
  return sent.filter((one) => one.side === side && one.method !== "GET");
}

/** Rules about writes to Databricks. */
export const writeOracles: readonly Oracle[] = [
  { id: "O2", title: "the numbers of creates and deletes are those without faults", check: checkCounts },
  { id: "O3", title: "never two external resources of one object, at any instant", check: checkAlive },
  { id: "O5", title: "resources of others are never written", check: checkForeign },
  { id: "O10", title: "no two writes for one object overlap", check: checkOverlap },
  { id: "O12", title: "no request within a Retry-After", check: checkRetryAfter },
];

function checkCounts({ sent, referenceCounts }: Evidence): string[] {
  const counts = effectiveCounts(sent);
  return [...new Set([...Object.keys(counts), ...Object.keys(referenceCounts)])]
    .filter((point) => counts[point] !== referenceCounts[point] && !isIdempotent(point))
    .map((point) => `${point} took effect ${counts[point] ?? 0} times, without faults ${referenceCounts[point] ?? 0}`);
}

/** True for a part (a key, an access rule), which may be put and deleted repeatedly. */
function isIdempotent(point: string): boolean {
  return /secrets\/(put|delete)$|acls\/(put|delete)$/.test(point);
}

function checkAlive({ sent }: Evidence): string[] {
  return sent.filter(({ alive = 0 }) => alive > 1).map(({ point, alive }) => `${alive} are alive after ${point}`);
}

function checkForeign({ sent, foreign }: Evidence): string[] {
  return writesOf(sent, "databricks").flatMap(({ point, path, body }) =>
    foreign.filter((name) => isNamed(name, path, body)).map((name) => `${point} names ${name}, which is not ours`)
  );
}

function isNamed(name: string, path: string, body: string): boolean {
  return path.split("/").includes(name) || new RegExp(`[:"/]${RegExp.escape(name)}\\b`).test(body);
}

function checkOverlap({ sent }: Evidence): string[] {
  const writes = writesOf(sent, "databricks");
  const pairs = writes.slice(1).map((next, index) => [writes[index] as Sent, next] as const);
  return pairs.filter(([one, next]) => (one.ended ?? Infinity) > next.at)
    .map(([one, next]) => `${next.point} began before ${one.point} had ended`);
}

/** The tolerance for requests that were already in flight (ms). */
const ON_THE_WAY = 100;
/**
 * The same for other requests than the refused one, which do not wait for its answer: on a busy machine they are in
 * flight for longer.
 */
const BESIDE = 500;

function checkRetryAfter({ sent }: Evidence): string[] {
  const asked = sent.filter(({ side }) => side === "databricks");
  return asked.flatMap(({ ended = 0, retryAfter = 0, process, point }) => {
    const until = ended + retryAfter * 1000 - ON_THE_WAY;
    const from = (one: Sent) => ended + (one.point === point ? ON_THE_WAY : BESIDE);
    const early = asked.filter((one) => one.process === process && one.at > from(one) && one.at < until);
    return early.map((one) =>
      `${one.point} was sent ${Math.round(one.at - ended)} ms after ${point} asked for a pause`
    );
  });
}
