/**
 * Reports an exploration, in words.
 *
 * @module
 */
import type { Sequence } from "./play.ts";
import { type Counterexample, type Found, toLine } from "./search.ts";

/** Reports the depth and, for each kind of violation, the shortest sequence. */
export function inWords({ class: name, root }: Pick<Sequence, "class" | "root">, found: Found): string {
  const { played, states, depth, seconds, isComplete, counterexamples } = found;
  const reached = `${states} states, ${played} sequences of up to ${depth} acts in ${seconds.toFixed(1)} s`;
  const rest = isComplete ? "" : "; not all were played";
  return [`${name}, ${root}: ${reached}${rest}`, ...counterexamples.map(describe)].join("\n");
}

function describe({ sequence, violations }: Counterexample): string {
  return [`  ${toLine(sequence)}`, ...violations.map((text) => `    => ${text}`)].join("\n");
}
