/**
 * The completion for zsh.
 *
 * @module
 */
import { type CommandWords, PROGRAMS } from "./words.ts";

/** The script, for a file in `fpath` or for `source`. */
export function zshScript(commands: readonly CommandWords[]): string {
  const names = commands.map(({ name }) => name);
  return `#compdef ${PROGRAMS.join(" ")}
_databricks_kube_operator() {
  local current="\${words[CURRENT]}" before="\${words[CURRENT-1]}" command="" word
  local -a commands=(
${commands.map((command) => `    ${described(command)}`).join("\n")}
  )
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$word" in
      (${names.join("|")}) command="$word"; break ;;
    esac
  done
  case "$command:$before" in
${commands.flatMap(valueCases).join("\n")}
  esac
  case "$command:$current" in
    (:*) _describe command commands ;;
${commands.flatMap(wordCases).join("\n")}
    (*) _files ;;
  esac
}
if [ "$funcstack[1]" = "_databricks_kube_operator" ]; then
  _databricks_kube_operator "$@"
else
  compdef _databricks_kube_operator ${PROGRAMS.join(" ")}
fi
`;
}

/** `"plan:show what …"`, in the format of `_describe`. */
function described({ name, description }: CommandWords): string {
  return `"${name}:${description.replace(/["$\`\\\\]/g, "").replaceAll(":", "\\\\:")}"`;
}

function valueCases({ name, options }: CommandWords): string[] {
  return options.filter(({ takesValue }) => takesValue).map(({ flags, values }) => {
    const pattern = flags.map((flag) => `${name}:${flag}`).join("|");
    return `    (${pattern}) ${values.length > 0 ? `compadd -- ${values.join(" ")}` : "_files"}; return ;;`;
  });
}

function wordCases({ name, options, targets, values }: CommandWords): string[] {
  const flags = options.flatMap((option) => option.flags).join(" ");
  return [
    `    (${name}:-*) compadd -- ${flags} ;;`,
    ...targets.length > 0 ? [`    (${name}:*) compadd -S '' -- ${targets.join(" ")} ;;`] : [],
    ...values.length > 0 ? [`    (${name}:*) compadd -- ${values.join(" ")} ;;`] : [],
  ];
}
