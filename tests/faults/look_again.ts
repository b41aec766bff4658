/**
 * Plays failed plans again, each alone. See tests/support/second_look.ts.
 *
 * @module
 */
import { passedAlone } from "../support/second_look.ts";
import type { Result } from "./judging.ts";
import type { Plan } from "./plan.ts";
import type { Report } from "./report.ts";

/**
 * Plays failed plans again, one after the other, and replaces their first results. If many have failed, their results
 * stand.
 */
export async function lookAgain(report: Report, play: (plan: Plan) => Promise<Result>): Promise<void> {
  const failed = new Map(report.failed.map(({ plan, error }) => [plan.name, { plan, error }]));
  const failures = [...failed].map(([name, { error }]) => ({ name, error }));
  const run = async ({ name }: { readonly name: string }): Promise<boolean> => {
    const plan = failed.get(name)?.plan;
    if (plan === undefined) return false;
    report.say(`\n=== a second look at: ${name}`);
    const result = await play(plan);
    report.again(plan, result);
    return result.findings.length === 0;
  };
  await passedAlone(failures, { args: [], env: {}, run });
}
