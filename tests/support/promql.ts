/**
 * Finds the names that a PromQL expression uses.
 *
 * @module
 */
import { parser } from "@prometheus-io/lezer-promql";

/** A selector: a metric, and the labels that it matches by value. */
export interface Selected {
  readonly metric: string;
  readonly labels: readonly { readonly name: string; readonly value: string }[];
}

/** The selectors of an expression, and the labels that it groups by. */
export interface Query {
  readonly selected: readonly Selected[];
  readonly grouped: readonly string[];
}

/**
 * Reads an expression.
 *
 * @throws {SyntaxError} with the position of the syntax error.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readQuery } from "./promql.ts";
 *
 * const { selected, grouped } = readQuery('sum by (a) (rate(b_total{c="d"}[5m]))');
 * assert.deepEqual(selected, [{ metric: "b_total", labels: [{ name: "c", value: "d" }] }]);
 * assert.deepEqual(grouped, ["a"]);
 * assert.throws(() => readQuery("sum by (a"), SyntaxError);
 * ```
 */
export function readQuery(text: string): Query {
  const selected: { metric: string; labels: { name: string; value: string }[] }[] = [];
  const grouped: string[] = [];
  const at = (node: { from: number; to: number } | null | undefined) => node ? text.slice(node.from, node.to) : "";
  parser.parse(text).iterate({
    enter(node) {
      if (node.type.isError) throw new SyntaxError(`No PromQL at ${node.from}: ${text}`);
      if (node.name === "VectorSelector") selected.push({ metric: at(node.node.getChild("Identifier")), labels: [] });
      if (node.name === "UnquotedLabelMatcher") {
        const value = at(node.node.getChild("StringLiteral")).slice(1, -1);
        selected.at(-1)?.labels.push({ name: at(node.node.getChild("LabelName")), value });
      }
      if (node.name === "GroupingLabels") grouped.push(...node.node.getChildren("LabelName").map(at));
    },
  });
  return { selected, grouped };
}
