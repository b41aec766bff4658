/** Third-party clients use the mock workspace. The SDK for Python uses it in tests/sdk. */
import { serve } from "../../mock/databricks/serve.ts";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { judged } from "./judge.ts";
import { judges } from "./databricks_judges.ts";

await Promise.all(judges.map((judge) =>
  judged(judge, async () => {
    const served = await serve(new MockWorkspace({ runSeconds: 0.2 }));
    return { args: [served.url, "token"], [Symbol.asyncDispose]: () => served.close() };
  })
));
