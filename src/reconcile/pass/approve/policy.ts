/**
 * The policy of an object, and its approval: annotations, with defaults from the settings.
 *
 * @module
 */
import type { KubeObject } from "../../../kubernetes/client.ts";
import type { Settings } from "../../connect/settings.ts";
import type { ApplyPolicy, DriftPolicy, Policy } from "../../object/policies.ts";
import { annotation, annotations, ownershipOf } from "../../object/status.ts";

/** The longest text of an approval (characters). */
const MAX_TEXT = 256;
const APPROVAL = new RegExp(`^([0-9a-f]{16})(?: (.{0,${MAX_TEXT}}))?$`, "u");

/** An approval in an object's annotation. */
export interface Approval {
  /** The digest that it names; `undefined` if it names none, and so approves nothing. */
  readonly digest: string | undefined;
  /** The text after the digest. */
  readonly text: string;
  readonly annotation: string;
}

/** The policy of an object. If Databricks is the source of truth, nothing is written, so nothing waits. */
export function policyOf(object: KubeObject, settings: Pick<Settings, "apply" | "drift"> | undefined): Policy {
  if (ownershipOf(object) === "api") return { apply: "auto", drift: "correct" };
  return {
    apply: annotation(object, "apply") as ApplyPolicy | undefined ?? settings?.apply ?? "auto",
    drift: annotation(object, "drift") as DriftPolicy | undefined ?? settings?.drift ?? "correct",
  };
}

/** The approval in an object's annotation. */
export function approvalOf(object: KubeObject): Approval | undefined {
  const value = annotation(object, "approve");
  if (value === undefined) return undefined;
  const [, digest, text = ""] = APPROVAL.exec(value) ?? [];
  return { digest, text, annotation: digest === undefined ? "" : value };
}

/** The command that approves a plan. */
export function approveCommand(
  { singular, name, namespace, digest }: {
    readonly singular: string;
    readonly name: string;
    readonly namespace: string;
    readonly digest: string;
  },
): string {
  return `kubectl annotate --overwrite ${singular} ${name} -n ${namespace} ${annotations.approve}=${digest}`;
}
