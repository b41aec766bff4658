/**
 * The settings that users write in the ConfigMap, with their defaults.
 *
 * @module
 */

import { PLAIN_KEYS } from "../../databricks/sign_in/method.ts";
import { INGEST_MUST, type IngestChoice, readIngest } from "./ingest_choice.ts";
import { APPLY_POLICIES, type ApplyPolicy, DRIFT_POLICIES, type DriftPolicy } from "../object/policies.ts";

/** The settings of one namespace. Times are in milliseconds. */
export interface Settings {
  /** The Secret with the credentials; `undefined` if the ConfigMap defines a sign-in without one. */
  readonly apiSecretName: string | undefined;
  /** The interval between two sweeps of a kind; if none is set, the longest one. */
  readonly requeueIntervalMs: number;
  /** False if the interval depends on the cost of sweeps. */
  readonly isIntervalSet: boolean;
  /** The time limit of a request to Databricks. */
  readonly timeoutMs: number;
  /** The interval at which missing settings are looked for at start. */
  readonly pollIntervalMs: number;
  /** The interval between two polls of runs. */
  readonly statusPollIntervalMs: number;
  /** The kinds whose resources get an object if they have none. */
  readonly ingest: IngestChoice;
  /** Requests per second to the workspace; 0 means no limit. */
  readonly rateLimit: number;
  /** Requests that may be sent at once; 0 means what fits the rate. */
  readonly rateLimitBurst: number;
  readonly jobsApiVersion: string;
  /** The key of the tag on jobs that names their object; empty turns it off. */
  readonly ownershipTag: string;
  /** True to hold a create while a job of the same name carries the tag of an unknown object. */
  readonly holdOwnedByUnknown: boolean;
  /** The writes to Databricks that wait for an approval; an object's annotation overrides it. */
  readonly apply: ApplyPolicy;
  /** The policy for drift; an object's annotation overrides it. */
  readonly drift: DriftPolicy;
}

/** A key of the ConfigMap with an invalid value. */
export interface SettingIssue {
  readonly key: string;
  /** The problem, and the value that stays in force. */
  readonly message: string;
}

/** The default name of the ConfigMap. */
export const DEFAULT_CONFIG_MAP = "databricks-kube-operator";

/** The values of settings that the ConfigMap does not name. */
export const defaults: Omit<Settings, "apiSecretName"> = {
  requeueIntervalMs: 300_000,
  isIntervalSet: false,
  // The predecessor parsed 10 s and never used it; a clone of a large repository takes longer.
  timeoutMs: 60_000,
  pollIntervalMs: 250,
  statusPollIntervalMs: 60_000,
  ingest: true,
  rateLimit: 15,
  rateLimitBurst: 0,
  jobsApiVersion: "2.2",
  ownershipTag: "databricks-kube-operator",
  holdOwnedByUnknown: true,
  apply: "auto",
  drift: "correct",
};

/** The key of the interval between two sweeps. */
const INTERVAL = "default_requeue_interval";

/** The consequence of an invalid value if no valid one is known. */
const NOTHING_DONE = "nothing is done until it is corrected, since the last good value is not known";

type Field = keyof typeof defaults;

/** A key of the ConfigMap: its setting, its parser, and its allowed values. */
interface Key {
  readonly key: string;
  readonly field: Field;
  readonly must: string;
  /** `undefined` if the text is invalid. */
  readonly read: (text: string) => Settings[Field] | undefined;
  /** The key's unit in ms, so that a message shows the value in the user's own unit. */
  readonly unitMs?: number;
  /** True if the default is harmless and applies while no valid value is known. Otherwise all work waits. */
  readonly hasHarmlessDefault?: true;
}

const duration = (unitMs: number, least: number) => (text: string): number | undefined => {
  const value = Number(text);
  return text.trim() !== "" && Number.isFinite(value) && value >= least ? value * unitMs : undefined;
};

const yesOrNo = (text: string): boolean | undefined =>
  new Map([["true", true], ["false", false]]).get(text.trim().toLowerCase());

/** The optional keys of the ConfigMap. */
export const keys: readonly Key[] = [
  {
    key: INTERVAL,
    hasHarmlessDefault: true,
    field: "requeueIntervalMs",
    must: "be seconds, 1 or more",
    read: duration(1000, 1),
    unitMs: 1000,
  },
  {
    key: "default_timeout_seconds",
    hasHarmlessDefault: true,
    field: "timeoutMs",
    must: "be seconds, 1 or more",
    read: duration(1000, 1),
    unitMs: 1000,
  },
  {
    key: "default_poll_interval",
    hasHarmlessDefault: true,
    field: "pollIntervalMs",
    must: "be milliseconds, 1 or more",
    read: duration(1, 1),
  },
  {
    key: "status_poll_interval",
    hasHarmlessDefault: true,
    field: "statusPollIntervalMs",
    must: "be seconds, 1 or more",
    read: duration(1000, 1),
    unitMs: 1000,
  },
  { key: "rate_limit", field: "rateLimit", must: 'be requests per second, or "0" for no limit', read: duration(1, 0) },
  {
    key: "rate_limit_burst",
    field: "rateLimitBurst",
    must: "be how many requests may be sent at once, 1 or more",
    read: (text) => /^[1-9]\d{0,4}$/.test(text.trim()) ? Number(text) : undefined,
  },
  { key: "ingest", field: "ingest", must: INGEST_MUST, read: readIngest },
  {
    key: "jobs_api_version",
    field: "jobsApiVersion",
    must: 'be "2.2" or "2.1"',
    read: (text) => ["2.1", "2.2"].find((version) => version === text.trim()),
  },
  {
    key: "ownership_tag",
    field: "ownershipTag",
    must: "be a tag name of at most 127 letters, digits or -_.:/=+@, or empty to turn the tag off",
    read: (text) => /^[\w\-.:/=+@]{0,127}$/.test(text.trim()) ? text.trim() : undefined,
  },
  { key: "hold_owned_by_unknown", field: "holdOwnedByUnknown", must: 'be "true" or "false"', read: yesOrNo },
  {
    key: "apply",
    field: "apply",
    must: `be ${APPLY_POLICIES.join(", ")}`,
    read: (text) => APPLY_POLICIES.find((policy) => policy === text.trim()),
  },
  {
    key: "drift",
    field: "drift",
    must: `be ${DRIFT_POLICIES.join(" or ")}`,
    read: (text) => DRIFT_POLICIES.find((policy) => policy === text.trim()),
  },
];

/**
 * Reads the ConfigMap's data. An invalid value is reported, and the previous one stays in force. If there is none, as
 * after a restart, there are no settings: `ingest: "no"` must not come to mean `true`, nor a mistyped `ownership_tag`
 * the default one.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readSettings } from "./settings.ts";
 *
 * const { settings, issues } = readSettings({ api_secret_name: "api", rate_limit: "fast" });
 * assert.equal(settings, undefined);
 * assert.equal(issues[0]?.key, "rate_limit");
 * const before = readSettings({ api_secret_name: "api", rate_limit: "5" }).settings;
 * assert.equal(readSettings({ api_secret_name: "api", rate_limit: "fast" }, before).settings?.rateLimit, 5);
 * ```
 */
export function readSettings(
  data: Readonly<Record<string, string>>,
  previous?: Settings,
): { settings: Settings | undefined; issues: SettingIssue[]; unknown: string[] } {
  const issues: SettingIssue[] = [];
  const values: Record<string, unknown> = {};
  let isUsable = true;
  for (const { key, field, must, read, unitMs = 1, hasHarmlessDefault } of keys) {
    const text = data[key];
    const value = text === undefined ? defaults[field] : read(text);
    const kept = previous?.[field] ?? (hasHarmlessDefault ? defaults[field] : undefined);
    if (value === undefined) {
      const shown = JSON.stringify(typeof kept === "number" ? kept / unitMs : Array.isArray(kept) ? kept.join() : kept);
      const follows = kept === undefined ? NOTHING_DONE : `${shown} stays in force`;
      issues.push({ key, message: `${key}: "${text}" must ${must}; ${follows}` });
      if (kept === undefined) isUsable = false;
    }
    values[field] = value ?? kept;
  }
  // With an address and without a Secret, the ConfigMap itself defines the sign-in.
  const isSecretless = !data.api_secret_name?.trim() && (data.host ?? data.databricks_url) !== undefined;
  const name = data.api_secret_name?.trim() || (isSecretless ? undefined : previous?.apiSecretName);
  if (!data.api_secret_name?.trim() && !isSecretless) {
    issues.push({
      key: "api_secret_name",
      message: "api_secret_name is missing: name the Secret with databricks_url and access_token, or sign in without " +
        "one (host, client_id, service_account)",
    });
  }
  const isKept = issues.some(({ key }) => key === INTERVAL);
  const isIntervalSet = isKept ? previous?.isIntervalSet ?? false : data[INTERVAL] !== undefined;
  const known = new Set<string>(["api_secret_name", "databricks_url", ...PLAIN_KEYS, ...keys.map(({ key }) => key)]);
  const unknown = Object.keys(data).filter((key) => !known.has(key));
  const settings = (name === undefined && !isSecretless) || !isUsable
    ? undefined
    : { apiSecretName: name, ...values, isIntervalSet } as Settings;
  return { unknown, settings, issues };
}
