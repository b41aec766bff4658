/** Leases, for leader election. @module */
import type { KubeObject } from "../../../src/kubernetes/object.ts";
import { badRequest } from "../errors.ts";
import { field } from "../field_errors.ts";
import { at } from "../values.ts";
import { builtin } from "./builtin.ts";

const TIMES = ["acquireTime", "renewTime"];

export const leases = builtin({
  group: "coordination.k8s.io",
  kind: "Lease",
  schema: "io.k8s.api.coordination.v1.Lease",
  columns: [{ name: "Holder", type: "string", cell: (lease) => at(lease, "spec", "holderIdentity") ?? "" }],
  rules: {
    createsOnUpdate: true,
    updatesBlindly: false,
    prepare: refuseCoarseTimes,
    check(lease) {
      const seconds = at(lease, "spec", "leaseDurationSeconds");
      const transitions = at(lease, "spec", "leaseTransitions");
      return [
        ...Number(seconds ?? 1) > 0
          ? []
          : [field.invalid("spec.leaseDurationSeconds", seconds, "must be greater than 0")],
        ...Number(transitions ?? 0) >= 0
          ? []
          : [field.invalid("spec.leaseTransitions", transitions, "must be greater than or equal to 0")],
      ];
    },
  },
});

/** A Lease's times must have six decimal places; the API server does not accept others. */
function refuseCoarseTimes(lease: KubeObject): void {
  for (const key of TIMES) {
    const time = at(lease, "spec", key);
    if (typeof time !== "string" || /\.\d{6}(Z|[+-]\d\d:\d\d)$/.test(time)) continue;
    const layout = "2006-01-02T15:04:05.000000Z07:00";
    const problem = `parsing time "${time}" as "${layout}": cannot parse "Z" as ".000000"`;
    throw badRequest(`Lease in version "v1" cannot be handled as a Lease: ${problem}`);
  }
}
