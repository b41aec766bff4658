/** A stand-in Databricks workspace. @module */
export { type Fault, type FaultRule, gatewayPages } from "../faults.ts";
export { MockEntra } from "./entra.ts";
export { type Doubts, doubts } from "./doubts.ts";
export { serve } from "./serve.ts";
export { type MockOptions, MockWorkspace } from "./workspace.ts";
