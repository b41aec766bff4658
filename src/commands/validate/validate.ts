/**
 * `validate`: checks manifests offline, for a pull request or before `kubectl apply`. Docs: docs/commands.md.
 *
 * @module
 */
import { kinds } from "../../kinds.ts";
import { readManifests } from "../manifests.ts";
import { type Checked, checkManifests, type Finding } from "./check.ts";

/** The options of the command line. */
export interface ValidateOptions {
  /** The namespace of objects that name none. */
  readonly namespace: string;
  readonly output: "text" | "json" | "github";
  /** Warnings count as errors. */
  readonly strict?: boolean;
}

/** Runs the command and returns the exit code: 1 if there are errors, else 0. */
export async function validate(names: readonly string[], options: ValidateOptions): Promise<number> {
  const { manifests, unreadable, files } = await readManifests(names);
  const checked = checkManifests(manifests, { resources: kinds, namespace: options.namespace });
  const unread = unreadable.map(({ file, line, message }): Finding => ({
    severity: "error",
    file,
    line,
    object: "",
    message,
  }));
  const findings = [...unread, ...checked.findings].sort((a, b) =>
    a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1
  );
  if (options.output === "json") {
    console.log(JSON.stringify({ files, objects: checked.objects, otherDocuments: checked.others, findings }, null, 2));
  } else {
    for (const finding of findings) console.log(options.output === "github" ? annotationOf(finding) : lineOf(finding));
    console.log(summaryOf({ ...checked, findings }, files));
  }
  const counted = options.strict ? findings : findings.filter(({ severity }) => severity === "error");
  return counted.length > 0 ? 1 : 0;
}

function lineOf({ file, line, severity, object, message }: Finding): string {
  return [`${file}:${line}`, severity, object, message].filter(Boolean).join(": ");
}

/** A finding in the form that GitHub Actions shows at the line (workflow commands, "Setting an error message"). */
function annotationOf({ file, line, severity, object, message }: Finding): string {
  const escaped = [object, message].filter(Boolean).join(": ").replace(/%/g, "%25").replace(/\r/g, "%0D").replace(
    /\n/g,
    "%0A",
  );
  return `::${severity} file=${file},line=${line}::${escaped}`;
}

function summaryOf({ findings, objects, others }: Checked, files: number): string {
  const count = (severity: Finding["severity"]) => findings.filter((finding) => finding.severity === severity).length;
  const left = others === 0 ? "" : `; ${counted(others, "document")} of other kinds left out`;
  return `${counted(objects, "object")} in ${counted(files, "file")}: ${counted(count("error"), "error")}, ` +
    `${counted(count("warning"), "warning")}${left}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
