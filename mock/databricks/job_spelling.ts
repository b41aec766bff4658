/**
 * The spelling of job settings in jobs/get and jobs/list, where it is unknown: one rule for each doubt.
 *
 * @module
 */
import { providerCase } from "./credentials.ts";
import type { DoubtName, Doubts } from "./doubts.ts";
import { addDefaults, dropDefaults } from "./job_defaults.ts";
import { clustersOf, copy, type Settings, tasksOf } from "./job_settings.ts";

/** Changes settings according to the answer to a doubt. `turn` counts reads, for an order that differs each time. */
type Rule = (settings: Settings, answer: string, turn: number) => void;

/** Rotates a list by a number that depends on the turn, and never by 0, so that it is not in its original order. */
function turned<T>(list: T[], turn: number): T[] {
  if (list.length < 2) return list;
  const by = 1 + turn % (list.length - 1);
  return [...list.slice(by), ...list.slice(0, by)];
}

function respell(holders: Settings[], field: string, spelt: Record<string, string>): void {
  for (const holder of holders) {
    const value = holder[field];
    if (typeof value === "string" && Object.hasOwn(spelt, value)) holder[field] = spelt[value];
  }
}

/** The aliases in the SDK's types. The SDK names no mode for AUTO, so this is the most common one. */
const securityModes = {
  DATA_SECURITY_MODE_DEDICATED: "SINGLE_USER",
  DATA_SECURITY_MODE_STANDARD: "USER_ISOLATION",
  DATA_SECURITY_MODE_AUTO: "SINGLE_USER",
};

const rules: { readonly [Name in DoubtName]?: Rule } = {
  runAsEchoed(settings, answer) {
    if (answer === "no") delete settings.run_as;
  },
  policyDefaultsEchoed(settings, answer) {
    if (answer === "no") clustersOf(settings).forEach((cluster) => delete cluster.apply_policy_default_values);
  },
  webhookOrder(settings, answer, turn) {
    if (answer === "kept") return;
    for (const { webhook_notifications = {} } of [settings, ...tasksOf(settings)]) {
      for (const [event, hooks] of Object.entries(webhook_notifications)) {
        if (Array.isArray(hooks)) webhook_notifications[event] = turned(hooks, turn);
      }
    }
  },
  libraryOrder(settings, answer, turn) {
    if (answer === "kept") return;
    for (const task of tasksOf(settings)) if (task.libraries) task.libraries = turned(task.libraries, turn);
  },
  dataSecurityAliases(settings, answer) {
    if (answer === "resolved") respell(clustersOf(settings), "data_security_mode", securityModes);
  },
  zoneAuto(settings, answer) {
    if (answer === "kept") return;
    const attributes = clustersOf(settings).map(({ aws_attributes }) => aws_attributes ?? {});
    respell(attributes, "zone_id", { auto: "us-west-2a" });
  },
  sparkVersionAuto(settings, answer) {
    if (answer === "kept") return;
    for (const cluster of clustersOf(settings)) {
      if (String(cluster.spark_version).startsWith("auto:")) cluster.spark_version = "16.4.x-scala2.12";
    }
  },
  jobFormat(settings, answer) {
    if (answer === "MULTI_TASK") settings.format = "MULTI_TASK";
  },
  gitProviderCase(settings, answer) {
    if (answer !== "kept" && settings.git_source) {
      settings.git_source.git_provider = providerCase(settings.git_source.git_provider);
    }
  },
  dockerPassword(settings, answer) {
    if (answer === "kept") return;
    for (const { docker_image } of clustersOf(settings)) {
      if (docker_image?.basic_auth === undefined) continue;
      if (answer === "masked") docker_image.basic_auth.password = "[REDACTED]";
      else delete docker_image.basic_auth.password;
    }
  },
  environmentClient(settings, answer) {
    if (answer === "kept") return;
    for (const { spec } of settings.environments ?? []) {
      if (spec?.client === undefined) continue;
      spec.environment_version ??= spec.client;
      if (answer === "environment_version") delete spec.client;
    }
  },
  serverDefaults(settings, answer) {
    if (answer === "everywhere") addDefaults(settings);
    if (answer === "none") dropDefaults(settings);
  },
};

/** The answers under which settings are returned unchanged, without a copy. */
const asWritten: Partial<Doubts> = {
  runAsEchoed: "yes",
  policyDefaultsEchoed: "yes",
  serverDefaults: "job and task",
};

/** A copy of settings in the spelling of Databricks' answers; the settings themselves if no doubt changes anything. */
export function spell(settings: Settings, doubts: Doubts, turn: number): Settings {
  const names = Object.keys(rules) as DoubtName[];
  const changing = names.filter((name) => doubts[name] !== (asWritten[name] ?? "kept"));
  if (changing.length === 0) return settings;
  const spelt = copy(settings);
  for (const name of changing) rules[name]?.(spelt, doubts[name], turn);
  return spelt;
}
