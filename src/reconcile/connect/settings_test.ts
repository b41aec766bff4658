import assert from "node:assert/strict";
import { isIngestible } from "../../resource.ts";
import { resources } from "../../resources/mod.ts";
import { defaults, keys, readSettings, type Settings } from "./settings.ts";

interface Row {
  readonly field: keyof Settings;
  /** Accepted texts, and their values. */
  readonly good: Readonly<Record<string, unknown>>;
  readonly bad: readonly string[];
}

const seconds: Row["good"] = { "1": 1000, "300": 300_000, " 2.5 ": 2500, "86400": 86_400_000 };
const noSeconds = ["", " ", "0", "0.5", "-1", "soon", "5m", "NaN", "Infinity", "1,5"];

/** Settings that, with any value, duplicate nothing, take nothing over and flood nobody. */
const HARMLESS = [
  "default_requeue_interval",
  "default_timeout_seconds",
  "status_poll_interval",
  "default_poll_interval",
];

/** Every key of the ConfigMap that has a default. */
const table: Readonly<Record<string, Row>> = {
  default_requeue_interval: { field: "requeueIntervalMs", good: seconds, bad: noSeconds },
  default_timeout_seconds: { field: "timeoutMs", good: seconds, bad: noSeconds },
  status_poll_interval: { field: "statusPollIntervalMs", good: seconds, bad: noSeconds },
  default_poll_interval: { field: "pollIntervalMs", good: { "1": 1, "250": 250, "1e3": 1000 }, bad: noSeconds },
  rate_limit: {
    field: "rateLimit",
    good: { "0": 0, "0.5": 0.5, "15": 15, "1000": 1000 },
    bad: ["", "-1", "fast", "Infinity"],
  },
  rate_limit_burst: {
    field: "rateLimitBurst",
    good: { "1": 1, " 50 ": 50 },
    bad: ["", "0", "-1", "1.5", "many", "100000"],
  },
  ingest: {
    field: "ingest",
    good: {
      "true": true,
      "jobs,pipelines": ["databricksjobs", "databrickspipelines"],
      " DatabricksPipelines , jobs ": ["databricksjobs", "databrickspipelines"],
      "repos": ["repos"],
      "all": resources.filter(isIngestible).map(({ plural }) => plural),
      "True": true,
      " FALSE ": false,
    },
    bad: ["", "no", "0", "constructor", "jobs,", "jobs,true", "jbos", "DatabricksJob", "clusters", "all,jobs", "runs"],
  },
  jobs_api_version: { field: "jobsApiVersion", good: { "2.1": "2.1", " 2.2": "2.2" }, bad: ["", "2.0", "2", "v2.2"] },
  ownership_tag: {
    field: "ownershipTag",
    good: { "": "", "managed-by": "managed-by", " a.b:c/d=e+f@g_h ": "a.b:c/d=e+f@g_h" },
    bad: ["two words", "ümlaut", "a".repeat(128), "a,b"],
  },
  hold_owned_by_unknown: {
    field: "holdOwnedByUnknown",
    good: { "true": true, "False": false },
    bad: ["", "no", "0"],
  },
  apply: {
    field: "apply",
    good: { auto: "auto", guarded: "guarded", " on-approval ": "on-approval", never: "never" },
    bad: ["", "Auto", "guraded", "true", "on_approval"],
  },
  drift: { field: "drift", good: { correct: "correct", report: "report" }, bad: ["", "ignore", "Report"] },
};

Deno.test("the table of these tests names every key", () => {
  assert.deepEqual(Object.keys(table).sort(), keys.map(({ key }) => key).sort());
  assert.deepEqual([...keys.map(({ field }) => field), "isIntervalSet"].sort(), Object.keys(defaults).sort());
});

Deno.test("an interval with a valid value is obeyed, also if it is the default", () => {
  const isSet = (data: Record<string, string>, before?: Settings) =>
    readSettings({ api_secret_name: "api", ...data }, before).settings;
  const set = isSet({ default_requeue_interval: "300" });
  assert.equal(set?.isIntervalSet, true);
  assert.equal(isSet({})?.isIntervalSet, false);
  assert.equal(isSet({ default_requeue_interval: "soon" })?.isIntervalSet, false);
  assert.equal(isSet({ default_requeue_interval: "soon" }, set)?.isIntervalSet, true);
  assert.equal(isSet({}, set)?.isIntervalSet, false);
});

Deno.test("without optional keys the defaults apply", () => {
  const { settings, issues } = readSettings({ api_secret_name: " api " });
  assert.deepEqual(settings, { apiSecretName: "api", ...defaults });
  assert.deepEqual(issues, []);
});

for (const [key, { field, good, bad }] of Object.entries(table)) {
  Deno.test(`${key} accepts valid values`, () => {
    for (const [text, value] of Object.entries(good)) {
      const { settings, issues } = readSettings({ api_secret_name: "api", [key]: text });
      assert.deepEqual([settings?.[field], issues], [value, []], `"${text}"`);
    }
  });

  const isHarmless = HARMLESS.includes(key);
  Deno.test(`${key} that cannot be used at first ${isHarmless ? "has its default" : "lets nothing be done"}`, () => {
    for (const text of bad) {
      const { settings, issues } = readSettings({ api_secret_name: "api", [key]: text });
      assert.deepEqual(settings, isHarmless ? { apiSecretName: "api", ...defaults } : undefined, `"${text}"`);
      assert.deepEqual(issues.map((issue) => issue.key), [key]);
      assert.ok(issues[0]?.message.startsWith(`${key}: "${text}" must be `), issues[0]?.message);
    }
  });

  Deno.test(`${key} that cannot be used leaves in force what was`, () => {
    const [text, value] = Object.entries(good).at(-1) as [string, unknown];
    const before = readSettings({ api_secret_name: "api", [key]: text }).settings as Settings;
    for (const wrong of bad) {
      const { settings } = readSettings({ api_secret_name: "api", [key]: wrong }, before);
      assert.equal(settings?.[field], value, `"${wrong}"`);
    }
  });

  Deno.test(`${key} that is taken out of the ConfigMap falls back to its default`, () => {
    const before = readSettings({ api_secret_name: "api", [key]: Object.keys(good)[0] as string }).settings as Settings;
    assert.deepEqual(readSettings({ api_secret_name: "api" }, before).settings, { apiSecretName: "api", ...defaults });
  });
}

Deno.test("a missing api_secret_name is reported, and the previous Secret stays in use", () => {
  for (const data of [{}, { api_secret_name: "" }, { api_secret_name: " " }]) {
    const { settings, issues } = readSettings(data);
    assert.equal(settings, undefined);
    assert.deepEqual(issues.map(({ key }) => key), ["api_secret_name"]);
    assert.equal(readSettings(data, { apiSecretName: "api", ...defaults }).settings?.apiSecretName, "api");
  }
});

Deno.test("one invalid key does not keep the others from taking effect", () => {
  const before = readSettings({ api_secret_name: "api", rate_limit: "3" }).settings;
  const { settings, issues } = readSettings({ api_secret_name: "api", rate_limit: "fast", ingest: "false" }, before);
  assert.deepEqual([settings?.ingest, settings?.rateLimit], [false, 3]);
  assert.equal(issues.length, 1);
});

Deno.test("an issue names the value that stays in force, in the key's own unit", () => {
  const [issue] = readSettings({ api_secret_name: "api", default_requeue_interval: "soon" }).issues;
  assert.equal(issue?.message, 'default_requeue_interval: "soon" must be seconds, 1 or more; 300 stays in force');
  const [other] = readSettings({ api_secret_name: "api", ingest: "no" }).issues;
  const { message = "" } = other ?? {};
  assert.match(
    message,
    /^ingest: "no" must be "true", "false", "all", or plural names of kinds, separated by commas: /,
  );
  for (const word of ["jobs", "repos", "pipelines", "sqlwarehouses"]) {
    assert.match(message, new RegExp(`\\b${word}\\b`));
  }
  assert.match(message, /; nothing is done until it is corrected/);
  const before = readSettings({ api_secret_name: "api", ingest: "jobs,repos" }).settings;
  const [kept] = readSettings({ api_secret_name: "api", ingest: "jbos" }, before).issues;
  assert.match(kept?.message ?? "", /; "databricksjobs,repos" stays in force$/);
});
