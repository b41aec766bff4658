/** The judges of the mock workspace. @module */
import { buildGo, type Judge } from "./judge.ts";

const here = new URL("./", import.meta.url);

/** Each judge has its own file, since both are built at the same time. */
function build(name: string) {
  return buildGo(new URL("databricks_go/", here), new URL(`../../.cache/judges/${name}`, here).pathname);
}

export const judges: readonly Judge[] = [
  {
    libraries: "Go: databricks-sdk-go 0.175.0",
    checks: [
      "the current user is known, and the workspace's id with it",
      "a job is made, read, reset, updated, listed by name and deleted",
      "a job of 250 tasks is read whole",
      "a run is started once for a token, waited for, and its output read",
      "a git credential is made, listed, changed and deleted",
      "a repo is cloned, checked out on a branch and deleted",
      "a scope, its keys and its access lists",
      "permissions of a job are read and replaced",
      "a missing resource is the SDK's own error",
    ],
    prepare: () => build("databricks"),
  },
  {
    libraries:
      "Go: databricks-sdk-go 0.175.0, in the order of terraform-provider-databricks' calls (written by hand, no recording)",
    checks: [
      "the provider knows its workspace",
      "a job: each plan after an apply is empty",
      "a secret scope: each plan after an apply is empty",
      "an ACL of a scope: each plan after an apply is empty",
      "a secret: each plan after an apply is empty",
      "a git credential: each plan after an apply is empty",
      "a git credential is taken over with force",
      "a git folder: each plan after an apply is empty",
    ],
    async prepare() {
      const built = await build("databricks-terraform");
      return "reason" in built ? built : { command: [...built.command, "terraform"] };
    },
  },
];
