/** The judges of the mock workspace. @module */
import { buildGo, type Judge } from "./judge.ts";

const here = new URL("./", import.meta.url);

export const judges: readonly Judge[] = [
  {
    libraries: "Go: databricks-sdk-go 0.175.0",
    checks: [
      "the current user is known, and the workspace's id with it",
      "a job is made, read, reset, updated, listed by name and deleted",
      "a job of 250 tasks is read whole",
      "a run is started once for a token, waited for, and its output read",
      "a git credential is made, listed, changed and deleted",
      "a repo is cloned, put on a branch and deleted",
      "a scope, its keys and its access lists",
      "permissions of a job are read and replaced",
      "what is not there is told as the SDK's own error",
    ],
    prepare: () => buildGo(new URL("databricks_go/", here), new URL("../../.cache/judges/databricks", here).pathname),
  },
];
