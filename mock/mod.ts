/**
 * The mocks for tests of manifests: a Databricks workspace and a Kubernetes API, each in-process or on a port. The
 * world that connects them to an operator is in `tests/support/harness.ts`; docs/testing.md shows a test.
 *
 * @module
 */
export * from "./databricks/mod.ts";
export * from "./kubernetes/mod.ts";
