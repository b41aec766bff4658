/** ServiceAccounts. @module */
import { builtin } from "./builtin.ts";

export const serviceAccounts = builtin({
  kind: "ServiceAccount",
  schema: "io.k8s.api.core.v1.ServiceAccount",
  shortNames: ["sa"],
  subresources: ["token"],
});
