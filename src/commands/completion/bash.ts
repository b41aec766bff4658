/**
 * The completion for bash (3.2 and newer, without the package bash-completion).
 *
 * @module
 */
import { type CommandWords, type OptionWords, PROGRAMS } from "./words.ts";

/** The script. Where it offers nothing, bash offers files. */
export function bashScript(commands: readonly CommandWords[]): string {
  const names = commands.map(({ name }) => name);
  return `# bash completion of ${PROGRAMS.join(" and ")}
_databricks_kube_operator() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD - 1]}" command="" words="" index
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "\${COMP_WORDS[index]}" in
      ${names.join(" | ")})
        command="\${COMP_WORDS[index]}"
        break
        ;;
    esac
  done
  case "$command:$before" in
${commands.flatMap(valueCases).join("\n")}
  esac
  if [ -z "$words" ]; then
    case "$command:$current" in
      :*) words="${names.join(" ")} --help --version" ;;
${commands.flatMap(wordCases).join("\n")}
    esac
  fi
  # shellcheck disable=SC2207
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  case "\${COMPREPLY[0]-}" in
    */) compopt -o nospace 2> /dev/null ;;
  esac
  return 0
}
complete -o default -F _databricks_kube_operator ${PROGRAMS.join(" ")}
`;
}

/** The words that complete an option's value. */
function valueCases({ name, options }: CommandWords): string[] {
  const valued = options.filter(({ takesValue }) => takesValue);
  const pattern = ({ flags }: OptionWords) => flags.map((flag) => `${name}:${flag}`).join(" | ");
  return valued.map((option) =>
    option.values.length > 0
      ? `    ${pattern(option)}) words="${option.values.join(" ")}" ;;`
      : `    ${pattern(option)}) return 0 ;;`
  );
}

function wordCases({ name, options, targets, values }: CommandWords): string[] {
  const flags = options.flatMap((option) => option.flags).join(" ");
  const offered = [...targets, ...values].join(" ");
  return [`      ${name}:-*) words="${flags}" ;;`, ...offered === "" ? [] : [`      ${name}:*) words="${offered}" ;;`]];
}
