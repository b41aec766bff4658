/**
 * Creates the prerequisites of an example in a workspace.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { MockWorkspace } from "../../mock/databricks/workspace.ts";
import type { Example } from "../../src/resource.ts";

/** Creates the prerequisites of an example. Its calls are not recorded in the ledger. */
export async function prepare(mock: MockWorkspace, { needs = {} }: Example, token = "token"): Promise<void> {
  const { scope, object, securable } = needs;
  if (scope !== undefined) mock.secrets.addScope(scope);
  if (object !== undefined) {
    mock.permissions.objects.set(object.type, (id) => id === object.id ? "ann@example.com" : undefined);
  }
  if (securable !== undefined) mock.grants.addSecurable(securable.type, securable.name);
  for (const { line, body } of needs.calls ?? []) {
    const [method = "", path = ""] = line.split(" ");
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const request = new Request(mock.host + path, { method, headers, body: JSON.stringify(body) });
    const { status } = await mock.fetch(request);
    assert.equal(status, 200, `${line} creates a prerequisite of an example`);
    mock.ledger.calls.pop();
  }
}
