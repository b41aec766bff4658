/**
 * How Databricks spells a cluster's settings in answers: rules for different spellings of equal values. Each names its
 * source.
 *
 * @module
 */

/** Rules about the fields of a cluster's settings, by path. */
export const clusterAnswers = {
  // "This field won't be persisted" (the SDK about the same field of a pipeline's cluster).
  "apply_policy_default_values": (_asked: unknown, answered: unknown) => answered === undefined,
  // `compute.DataSecurityMode` describes the DATA_SECURITY_MODE_ names as aliases.
  "data_security_mode": isSameMode,
  // "auto" asks Databricks to choose (zone_id in `compute.AwsAttributes` and `compute.GcpAttributes`).
  "aws_attributes.zone_id": isChosen,
  "gcp_attributes.zone_id": isChosen,
  // "auto:latest-lts" and the like come from policies (the reference of cluster policies).
  "spark_version": isChosen,
  // A password is masked or left out.
  "docker_image.basic_auth.password": isMasked,
};

/** {@link clusterAnswers} for clusters at several paths: `job_clusters.new_cluster`. */
export function clusterAnswersAt(
  places: readonly string[],
): Record<string, (asked: unknown, answered: unknown) => boolean> {
  const rules = Object.entries(clusterAnswers);
  return Object.fromEntries(places.flatMap((place) => rules.map(([field, rule]) => [`${place}.${field}`, rule])));
}

/** Modes and their aliases, and modes for which an answer may have any of several. */
const modes: ReadonlyMap<string, readonly string[]> = new Map([
  ["DATA_SECURITY_MODE_STANDARD", ["USER_ISOLATION"]],
  ["USER_ISOLATION", ["DATA_SECURITY_MODE_STANDARD"]],
  ["DATA_SECURITY_MODE_DEDICATED", ["SINGLE_USER"]],
  ["SINGLE_USER", ["DATA_SECURITY_MODE_DEDICATED"]],
  [
    "DATA_SECURITY_MODE_AUTO",
    ["SINGLE_USER", "USER_ISOLATION", "DATA_SECURITY_MODE_DEDICATED", "DATA_SECURITY_MODE_STANDARD"],
  ],
]);

function isSameMode(asked: unknown, answered: unknown): boolean {
  return modes.get(String(asked))?.includes(String(answered)) === true;
}

function isChosen(asked: unknown, answered: unknown): boolean {
  return /^auto(:|$)/.test(String(asked)) && typeof answered === "string" && answered !== "";
}

function isMasked(_asked: unknown, answered: unknown): boolean {
  return answered === undefined || /^\*+$|redacted/i.test(String(answered));
}
