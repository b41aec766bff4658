/**
 * What a test of manifests needs of the mocks: a Databricks workspace and a Kubernetes API, each in-process or on a port.
 * The world that ties them to an operator is in `tests/support/harness.ts`; docs/testing.md shows a test.
 *
 * @module
 */
export { type Fault, type FaultRule, gatewayPages } from "./faults.ts";
export { type Doubts, doubts } from "./databricks/doubts.ts";
export { type MockOptions, MockWorkspace } from "./databricks/workspace.ts";
export { serve } from "./databricks/serve.ts";
export { EmbeddedKubernetes } from "./kubernetes/server.ts";
export { type ServedKubernetes, serveKubernetes } from "./kubernetes/serve.ts";
