/** Third-party clients use the embedded Kubernetes API. */
import { serveKubernetes } from "../../mock/kubernetes/serve.ts";
import { judged } from "./judge.ts";
import { judges } from "./kubernetes_judges.ts";

await Promise.all(judges.map((judge) =>
  judged(judge, async () => {
    const served = await serveKubernetes();
    const kubeconfig = await Deno.makeTempFile({ prefix: "kubeconfig-" });
    await Deno.writeTextFile(kubeconfig, served.kubeconfig);
    const end = async () => {
      await served.close();
      await Deno.remove(kubeconfig);
    };
    return { args: [kubeconfig], [Symbol.asyncDispose]: end };
  })
));
