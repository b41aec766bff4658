/**
 * The words that completions offer, taken from the command line's own declaration, so that none is missing.
 *
 * @module
 */
import type { Command, Option } from "commander";
import { resources } from "../../resources/mod.ts";

/** The names of the program; `kubectl databricks` calls the second one. */
export const PROGRAMS = ["databricks-kube-operator", "kubectl-databricks"] as const;

/** An option of a command. */
export interface OptionWords {
  /** `-o`, `--output`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** True if the option takes a value. */
  readonly takesValue: boolean;
  /** The values that it takes; empty if any text is valid. */
  readonly values: readonly string[];
}

/** A command. */
export interface CommandWords {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionWords[];
  /** The prefixes of its argument: `databricksjob/`. Without one, files are offered. */
  readonly targets: readonly string[];
  /** The values of its argument. */
  readonly values: readonly string[];
}

/** The commands that are not hidden. */
export function commandsOf(program: Command): CommandWords[] {
  const visible = program.createHelp().visibleCommands(program);
  const names = visible.map((command) => command.name());
  return visible.map((command) => {
    const [argument] = command.registeredArguments;
    return {
      name: command.name(),
      description: command.description(),
      options: command.createHelp().visibleOptions(command).map((option) => optionOf(option, command)),
      targets: argument?.name() === "kind/name" ? resources.map(({ singular }) => `${singular}/`) : [],
      values: argument?.argChoices ?? (command.name() === "help" ? names : []),
    };
  });
}

function optionOf(option: Option, command: Command): OptionWords {
  // If the value is optional, as for `--profile`, the next word may be anything.
  const { short, long, description, required, argChoices } = option;
  const isKind = long === "--kinds" || (command.name() === "export" && long === "--kind");
  return {
    flags: [short, long].filter((flag) => flag !== undefined && flag !== null) as string[],
    description,
    takesValue: required,
    values: argChoices ?? (isKind ? resources.map(({ singular }) => singular) : []),
  };
}
