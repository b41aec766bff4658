/**
 * A doubt: a question about Databricks that could not be answered by trying it. The table is in `doubts.ts`.
 *
 * @module
 */

/** The possible answers to a doubt: two or more. */
export type Answers = readonly [string, string, ...string[]];

/** A question about Databricks that could not be answered by trying it. */
export interface Doubt<Choices extends Answers = Answers> {
  /** The question. */
  readonly question: string;
  /** The first is extreme "a", the last is extreme "b". */
  readonly answers: Choices;
  /** The answer that a workspace gives unless a test chooses one. */
  readonly default: Choices[number];
  /** The sources, and what each says. */
  readonly source: string;
  /** U: unverified. S: second-hand, a quotation of Databricks. */
  readonly mark: "U" | "S";
  /** True: tests draw an answer at random. Set once the suite passes under every answer. */
  readonly drawn?: boolean;
  /** True: `tests/explore` also changes the answer. Each one makes its search longer, so only doubts about identity. */
  readonly explored?: boolean;
}

/** Checks that the default is among the answers, and preserves the answers' types. */
export function doubt<const Choices extends Answers>(entry: Doubt<Choices>): Doubt<Choices> {
  return entry;
}
