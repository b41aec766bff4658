/**
 * A doubt: a question about Databricks that nobody here could answer by trying it. The table is in `doubts.ts`.
 *
 * @module
 */

/** The answers that a doubt may have: two or more. */
export type Answers = readonly [string, string, ...string[]];

/** A question about Databricks that nobody here could answer by trying it. */
export interface Doubt<Choices extends Answers = Answers> {
  /** The question that the answers answer. */
  readonly question: string;
  /** The first is extreme "a", the last is extreme "b". */
  readonly answers: Choices;
  /** The answer that a workspace gives when nobody chooses. */
  readonly default: Choices[number];
  /** The sources, and what each says. */
  readonly source: string;
  /** U: unverified. S: second-hand, somebody quotes Databricks. */
  readonly mark: "U" | "S";
  /** True: tests draw an answer at random. Set when the suite passes under every answer. */
  readonly drawn?: boolean;
  /** True: a change of the answer is an act of `tests/explore`. Each makes its search longer, so: what touches identity. */
  readonly explored?: boolean;
}

/** Checks that the default is among the answers, and keeps the answers' types. */
export function doubt<const Choices extends Answers>(entry: Doubt<Choices>): Doubt<Choices> {
  return entry;
}
