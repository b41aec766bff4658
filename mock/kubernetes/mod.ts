/** An embedded Kubernetes API. @module */
export { type ServedKubernetes, serveKubernetes } from "./serve.ts";
export { EmbeddedKubernetes } from "./server.ts";
