/**
 * `completion`: prints a script that completes commands, options and kinds in a shell. Docs: docs/commands.md.
 *
 * @module
 */
import type { Command } from "commander";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { commandsOf } from "./words.ts";
import { zshScript } from "./zsh.ts";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** A shell that has a completion script. */
export type Shell = keyof typeof SCRIPTS;

/** The script for a shell. */
export function completion(shell: Shell, program: Command): string {
  return SCRIPTS[shell](commandsOf(program));
}
