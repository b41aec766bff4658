/**
 * The operator's conduct: leaked secrets, used rights, and how it ends.
 *
 * @module
 */
import { resources } from "../../src/resources/mod.ts";
import type { Evidence, Oracle } from "./evidence.ts";

/** The time limit for a process to end after SIGTERM (s). */
const GRACE = 10;
/**
 * The maximum number of file descriptors of a healthy process: over HTTP/1.1 each kind's list and watch have their own
 * connections during the start.
 */
const DESCRIPTORS = 40 + 2 * resources.length;

/** Matches the log lines that show a defect. (The API server has a reason of the same name.) */
const DEFECT = /Unhandled|[\w-]+\/[\w.-]+: InternalError: |Pass over .* failed/;

/** Rules about conduct. */
export const conductOracles: readonly Oracle[] = [
  { id: "O14", title: "secrets appear only where they are sent", check: checkSecrets },
  { id: "O15", title: "only the namespace's own token is used", check: checkToken },
  { id: "O16", title: "only granted verbs are used", check: checkRights },
  { id: "O18", title: "no unhandled rejection, no exit", check: checkLives },
  { id: "O19", title: "file descriptors stay few", check: checkDescriptors },
  { id: "O20", title: "SIGTERM ends it within its grace", check: checkEnd },
];

/** The encodings in which a text may appear. */
export function spellings(text: string): string[] {
  return [...new Set([text, btoa(text), encodeURIComponent(text)])];
}

function checkSecrets({ sent, lives, told, secrets }: Evidence): string[] {
  const places: [string, string][] = [["what people can read", told]];
  for (const [index, { log, errors }] of lives.entries()) {
    places.push([`the log of process ${index + 1}`, log + errors]);
  }
  // Everything sent to the API server: status, events, specs.
  for (const { side, point, body } of sent) if (side === "kubernetes" && body !== "") places.push([point, body]);
  return places.flatMap(([where, text]) =>
    secrets.flatMap(spellings).filter((spelling) => text.includes(spelling)).map(() => `a secret is in ${where}`)
  );
}

function checkToken({ sent, token }: Evidence): string[] {
  return sent.filter(({ side, authorization }) => side === "databricks" && authorization !== `Bearer ${token}`)
    .map(({ point }) => `${point} was sent with another token`);
}

/** The verbs of requests in a Role: `PATCH databricksjobs/status` → patch. */
const VERBS: Record<string, string> = { POST: "create", PUT: "update", PATCH: "patch", DELETE: "delete" };

function checkRights({ sent, granted }: Evidence): string[] {
  const used = new Set(sent.filter(({ side }) => side === "kubernetes").map(({ point }) => point.replace(/\[.*/, "")));
  return [...used].flatMap((point) => {
    const [method = "", resource = ""] = point.split(" ");
    const verb = VERBS[method] ?? method.toLowerCase();
    // Everybody may use discovery.
    return verb === "discover" || granted[resource]?.includes(verb) ? [] : [`${verb} ${resource} is not granted`];
  });
}

function checkLives({ lives }: Evidence): string[] {
  return lives.flatMap(({ log, errors, end, code }, index) => {
    const who = `process ${index + 1}`;
    const findings: string[] = [];
    if (end === "itself") findings.push(`${who} ended by itself with code ${code}: ${(log + errors).slice(-500)}`);
    if (DEFECT.test(log)) {
      findings.push(`${who} logged a defect: ${defect(log)}`);
    }
    if (errors !== "") findings.push(`${who} wrote to standard error: ${errors.slice(0, 500)}`);
    return findings;
  });
}

function defect(log: string): string {
  return log.split("\n").find((line) => DEFECT.test(line)) ?? "";
}

function checkDescriptors({ lives }: Evidence): string[] {
  return lives.filter(({ descriptors = 0 }) => descriptors > DESCRIPTORS)
    .map(({ descriptors }) => `${descriptors} file descriptors are open`);
}

function checkEnd({ lives }: Evidence): string[] {
  return lives.filter(({ end }) => end === "term").flatMap(({ log, code, seconds }) => [
    // A process that has only just been started does not handle signals yet.
    ...code === 0 || log === "" ? [] : [`SIGTERM ended it with code ${code}`],
    ...seconds <= GRACE ? [] : [`it took ${seconds.toFixed(1)} s to end`],
  ]);
}
