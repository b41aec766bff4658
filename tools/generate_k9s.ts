/**
 * Plugins of k9s: a key that makes the operator reconcile an object now, one that opens its page in Databricks, and one
 * that lists the newest runs. They call `kubectl databricks`.
 *
 * For the names of variables, see the plugins in k9s's own repository (plugins/flux.yaml, plugins/crossplane.yaml).
 *
 * @module
 */
import { stringify } from "yaml";

const FILE = "deploy/k9s/plugins.yaml";

/** The fields of a kind that plugins depend on. */
export interface PluginSource {
  readonly kind: string;
  readonly plural: string;
  /** Set for a kind that is not a Databricks resource. */
  readonly isKept?: true;
  /** Set for a kind with runs. */
  readonly runs?: unknown;
}

/** The file, by path. */
export function k9sFiles(kinds: readonly PluginSource[]): [string, string][] {
  const managed = kinds.filter(({ isKept }) => isKept !== true);
  const all = managed.map(({ plural }) => plural);
  const where = '--namespace "$NAMESPACE" --context "$CONTEXT"';
  const plugins = {
    "databricks-sync": plugin("Shift-R", "Sync now", all, `sync "$RESOURCE_NAME/$NAME" ${where}`),
    "databricks-open": plugin("Shift-O", "Open in Databricks", all, `open "$RESOURCE_NAME/$NAME" ${where}`),
    "databricks-runs": plugin(
      "Shift-L",
      "Newest runs",
      managed.filter(({ runs }) => runs !== undefined).map(({ plural }) => plural),
      `runs "$NAME" ${where}`,
    ),
  };
  const head = [
    "# Written by deno task generate. Merge it into $XDG_CONFIG_HOME/k9s/plugins.yaml; it needs the plugin of kubectl:",
    "# docs/commands.md#as-a-plugin-of-kubectl",
  ];
  return [[FILE, `${head.join("\n")}\n${stringify({ plugins }, { aliasDuplicateObjects: false, lineWidth: 0 })}`]];
}

function plugin(shortCut: string, description: string, scopes: readonly string[], command: string) {
  return {
    shortCut,
    description,
    scopes,
    command: "sh",
    background: false,
    // The pager keeps the command's output on the screen.
    args: ["-c", `kubectl databricks ${command} 2>&1 | less -K`],
  };
}
