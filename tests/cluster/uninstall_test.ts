/** Deleting the CRDs takes the operator's objects away, and deletes nothing in Databricks. */
import { serveKubernetes } from "../../mock/kubernetes/serve.ts";
import { EmbeddedKubernetes } from "../../mock/kubernetes/server.ts";
import { toRules } from "../../src/generate/rbac.ts";
import { KubeClient } from "../../src/kubernetes/client.ts";
import { resources } from "../../src/resources/mod.ts";
import { installCrds } from "../harness.ts";
import { uninstall } from "../uninstall.ts";

const rights = { "with the rights of its Role": toRules(resources), "as an administrator": undefined };
const times = { "while the operator runs": true, "before the operator starts": false };

for (const [who, rules] of Object.entries(rights)) {
  for (const [when, isRunning] of Object.entries(times)) {
    Deno.test(`CRDs that are deleted ${when}, ${who}, take nothing in Databricks with them`, async () => {
      const api = new EmbeddedKubernetes();
      api.addUser("operator", rules);
      await using served = await serveKubernetes(api);
      const admin = new KubeClient({ server: served.url, token: () => api.token });
      const operator = new KubeClient({ server: served.url, token: () => "operator" });
      await installCrds(admin);
      await admin.create({ group: "", version: "v1", plural: "namespaces" }, { metadata: { name: "team" } });
      await uninstall({ admin, operator, namespace: "team", isRunning });
      operator.close();
    });
  }
}
