/**
 * The state that a sequence reached, as a text that is the same for states with the same future.
 *
 * It contains both sides, the parcels in flight, the faults in force, the last answer to the process at each address
 * (which bounds its knowledge), and roughly when its timers fire. Ids and UIDs are numbered in the order of their
 * appearance; times are masked.
 *
 * @module
 */
import { hash } from "node:crypto";
import { canonicalJson } from "../../src/base/json.ts";
import type { Arena } from "./arena.ts";

/** Upper bounds (s) of classes of times: times in one class have the same effect. */
const BOUNDS = [0, 2, 8, 20, 45, 130];

/** The hash of an arena's state. */
export async function stateOf(arena: Arena): Promise<string> {
  return hash("sha1", await describe(arena));
}

/** The state as a text. */
export async function describe(arena: Arena): Promise<string> {
  const { simulation, provenance, kind, clock } = arena;
  const objects = await simulation.list(kind.kind);
  const now = clock.monotonic();
  const inForce = [...arena.inForce].filter(([, end]) => end > now).map(([name, end]) => [name, bucket(end - now)]);
  const plain = objects.map(({ metadata, spec, status }) => {
    const { name, annotations, finalizers, uid, deletionTimestamp, generation } = metadata;
    return { name, annotations, finalizers, uid, isGoing: deletionTimestamp !== undefined, generation, spec, status };
  });
  const text = canonicalJson({
    objects: plain,
    resources: [...provenance.resources],
    settled: [...provenance.settled],
    underWay: simulation.network.underWay,
    armed: simulation.network.armed.map(({ side, on, rule, times, lateMs }) => ({
      side,
      on,
      rule,
      times: String(times),
      lateMs,
    })),
    inForce,
    timers: [...new Set(clock.waits.filter((ms) => ms < 45_000).map(bucket))],
    known: simulation.network.lastAnswers,
  });
  return numbered(text);
}

function bucket(ms: number): number {
  return BOUNDS.findIndex((bound) => ms <= bound * 1000);
}

const VOLATILE =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+Z|\b\d{12,19}\b|"resourceVersion":"\d+"/g;

/** Numbers whatever differs between runs in the order of its appearance. */
function numbered(text: string): string {
  const numbers = new Map<string, string>();
  return text.replace(VOLATILE, (found) => {
    if (/^\d{4}-|^"resource|^\d{13}$/.test(found)) return "~";
    const known = numbers.get(found) ?? `#${numbers.size}`;
    numbers.set(found, known);
    return known;
  });
}
