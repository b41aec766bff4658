/**
 * The completion for fish.
 *
 * @module
 */
import { type CommandWords, type OptionWords, PROGRAMS } from "./words.ts";

/** The script: one line for each command, option and kind of each name of the program. */
export function fishScript(commands: readonly CommandWords[]): string {
  const lines = PROGRAMS.flatMap((program) => commands.flatMap((command) => [...linesOf(program, command)]));
  return [`# fish completion of ${PROGRAMS.join(" and ")}`, ...lines, ""].join("\n");
}

function* linesOf(program: string, { name, description, options, targets, values }: CommandWords): Generator<string> {
  yield `complete -c ${program} -f -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`;
  const here = `complete -c ${program} -n "__fish_seen_subcommand_from ${name}"`;
  for (const option of options) yield `${here} ${flagsOf(option)} -d ${quoted(option.description)}`;
  const offered = [...targets, ...values];
  if (offered.length > 0) yield `${here} -f -a ${quoted(offered.join(" "))}`;
}

function flagsOf({ flags, takesValue, values }: OptionWords): string {
  const names = flags.map((flag) => flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`);
  const value = values.length > 0 ? ` -x -a ${quoted(values.join(" "))}` : takesValue ? " -r" : "";
  return names.join(" ") + value;
}

/** A text in single quotes, inside of which fish interprets only \ and '. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, (sign) => `\\${sign}`)}'`;
}
