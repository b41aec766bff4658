/** The mock serves every endpoint that a kind declares. */
import assert from "node:assert/strict";
import { resources } from "../../src/resources/mod.ts";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { clientOf } from "../support/clients.ts";
import { versions } from "./kinds.ts";

for (const resource of resources) {
  for (const [name, endpoint] of Object.entries(resource.endpoints)) {
    Deno.test(`${resource.kind}: the mock knows endpoint ${name}, ${endpoint.method} ${endpoint.path}`, async () => {
      for (const version of versions) {
        const mock = new MockWorkspace();
        const workspace = clientOf(mock, { jobsApiVersion: version });
        const input = Object.fromEntries([...endpoint.path.matchAll(/\{(\w+)\}/g)].map(([, field]) => [field, 7]));
        await workspace.call(endpoint, input).catch(() => {});
        assert.deepEqual([mock.unhandled, mock.ledger.calls.length], [[], 1]);
        if (!endpoint.path.includes("{jobs_api_version}")) break;
      }
    });
  }
}
