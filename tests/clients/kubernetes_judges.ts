/** The judges of the embedded Kubernetes API. @module */
import { findPython } from "../support/python.ts";
import { buildGo, type Judge } from "./judge.ts";

const here = new URL("./", import.meta.url);
const python = { kopf: "1.45.2", kubernetes: "37.0.2" };

export const judges: readonly Judge[] = [
  {
    libraries: "Go: client-go 0.37.0, controller-runtime 0.25.2",
    checks: [
      "a ConfigMap keeps its owner through protobuf, and is deleted with it",
      "a delete with another UID deletes nothing",
      "a Deployment is returned as it was sent",
      "an Event is recorded",
      "an Event of events.k8s.io is recorded, counted, and read in the core group",
      "an informer sees creates, changes and deletions",
      "of two candidates one leads, and the other takes over",
      "a controller-runtime manager with leader election reconciles",
    ],
    prepare: () => buildGo(new URL("kubernetes_go/", here), new URL("../../.cache/judges/kubernetes", here).pathname),
  },
  {
    libraries: `Python: kubernetes ${python.kubernetes}, kopf ${python.kopf}`,
    checks: [
      "the Python client creates, patches, replaces with a version, and deletes",
      "the Python client reads a Secret's bytes back",
      "a watch of the Python client follows",
      "an operator of kopf creates, updates and deletes",
    ],
    async prepare() {
      const found = await findPython(python);
      if ("reason" in found) return found;
      return { command: [found.python, "-B", new URL("kubernetes_py/judge.py", here).pathname] };
    },
  },
];
