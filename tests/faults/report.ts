/**
 * Reports a campaign: a table, and the command that repeats each failure.
 *
 * @module
 */
import { oracles } from "../oracles/all.ts";
import type { Plan } from "./plan.ts";
import type { Result } from "./judging.ts";

interface Played {
  readonly plan: Plan;
  readonly result: Result;
}

/** Collects results. */
export class Report {
  readonly #played: Played[] = [];
  /** The plans that were played again. */
  readonly #repeated = new Set<Plan>();
  readonly #begun = performance.now();
  /** Prints a line. */
  readonly say: (line: string) => void;

  constructor({ say = (line) => console.log(line) }: { say?: (line: string) => void } = {}) {
    this.say = say;
  }

  /** Adds a result, and prints a failure at once. */
  add(plan: Plan, result: Result): void {
    this.#played.push({ plan, result });
    this.#print(plan, result);
  }

  /** Replaces the result of a failed plan by that of its repetition. */
  again(plan: Plan, result: Result): void {
    const index = this.#played.findIndex((played) => played.plan === plan);
    this.#played.splice(index, 1, { plan, result });
    this.#repeated.add(plan);
    this.#print(plan, result);
    if (result.findings.length === 0) this.say(`PASSED ALONE ${plan.name}`);
  }

  /** The failed plans that were not repeated yet, each with its first finding. */
  get failed(): { plan: Plan; error: string }[] {
    const failed = this.#played.filter((played) => isFailed(played) && !this.#repeated.has(played.plan));
    return failed.map(({ plan, result: { findings: [first] } }) => {
      return { plan, error: `${first?.oracle}: ${first?.message}` };
    });
  }

  #print(plan: Plan, { findings }: Result): void {
    if (findings.length === 0) return;
    this.say(`FAILED ${plan.name}`);
    for (const { oracle, message } of findings) this.say(`  ${oracle}: ${message}`);
    this.say(`  repeat: deno task test:faults --plan '${plan.name}'`);
  }

  /** Prints the table. @returns the exit code. */
  print({ isDetailed = false, parallel = 1 }: { isDetailed?: boolean; parallel?: number } = {}): number {
    if (isDetailed) this.#played.forEach((played) => this.#detail(played));
    const groups = Map.groupBy(this.#played, ({ plan }) => plan.group);
    const rows = [...groups].map(([group, played]) => this.#row(group, played));
    const head = ["plans", "played", "not reached", "oracle checks", "failed", "seconds"];
    const total = this.#row("all", this.#played);
    this.say(`\n| ${head.join(" | ")} |\n|${head.map(() => "---").join("|")}|`);
    for (const row of [...rows, total]) this.say(`| ${row.join(" | ")} |`);
    const failed = this.#played.filter(isFailed).length;
    const unsteady = this.#played.filter((played) => this.#repeated.has(played.plan) && !isFailed(played)).length;
    if (unsteady > 0) this.say(`${unsteady} of them failed at first, and passed alone`);
    const seconds = ((performance.now() - this.#begun) / 1000).toFixed(0);
    this.say(`${this.#played.length - failed} passed, ${failed} failed, ${seconds} s, ${parallel} at a time`);
    return failed > 0 ? 1 : 0;
  }

  #row(group: string, played: readonly Played[]): (string | number)[] {
    const missed = played.filter(({ result }) => !result.isHit).length;
    const seconds = played.reduce((sum, { result }) => sum + result.seconds, 0);
    const failed = played.filter(isFailed).length;
    return [group, played.length, missed, played.length * oracles.length, failed, seconds.toFixed(0)];
  }

  #detail({ plan, result }: Played): void {
    this.say(`\n=== ${plan.name}: ${result.isHit ? "hit" : "not reached"}, ${result.seconds.toFixed(1)} s`);
    for (const { at, ended, phase, process, side, point, status, effect, alive } of result.sent) {
      if (/^(EVENT|WATCH)/.test(point)) continue;
      const effects = [effect !== status && `effect ${effect ?? "none"}`, alive !== undefined && `${alive} alive`];
      const ms = (at - (result.sent[0]?.at ?? 0)).toFixed(0).padStart(6);
      const took = ended === undefined ? "…" : `${(ended - at).toFixed(0)} ms`;
      this.say(
        `${ms} ${phase} #${process} ${side} ${point} → ${status} ${took} ${effects.filter(Boolean).join(", ")}`,
      );
    }
    for (const [index, { log, errors, end, code }] of result.evidence.lives.entries()) {
      this.say(`--- process ${index + 1} (${end}, code ${code})\n${log}${errors}`);
    }
  }
}

function isFailed({ result }: Played): boolean {
  return result.findings.length > 0;
}
