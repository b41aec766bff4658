/** Git credentials and repos: what is sent, when, and what the status shows. */
import assert from "node:assert/strict";
import type { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { clusterTest, condition, eventually, manifest, secret, sweeps, type World } from "../support/harness.ts";

const CREDENTIALS = "/git-credentials";
const REPOS = "/2.0/repos";
/** Sweeps are so rare that anything that happens soon was not found by a sweep. */
const RARE = { settings: { default_requeue_interval: "300" } };
/** The time limit for things that must happen at once (ms). */
const AT_ONCE = { patience: 10_000 };

function token(text: string) {
  return secret("git-token", { personal_access_token: text });
}

function credential(username = "octocat") {
  const spec = { credential: { git_username: username, git_provider: "gitHub" }, secret_name: "git-token" };
  return manifest("GitCredential", "github", spec);
}

function repo(repository: Record<string, unknown> = {}) {
  const url = "https://github.com/example/reports.git";
  return manifest("Repo", "reports", {
    repository: { path: "/Repos/team/reports", url, provider: "gitHub", ...repository },
  });
}

/** Applies a credential with its token, and returns its id. */
async function credentialOf(world: World): Promise<string> {
  await world.apply(token("ghp_one"));
  await world.apply(credential());
  return String((await world.ready("GitCredential", "github")).status?.id);
}

/** Applies a repo, and returns its id. */
async function repoOf(world: World, repository: Record<string, unknown> = {}): Promise<string> {
  await world.apply(repo(repository));
  return String((await world.ready("Repo", "reports")).status?.id);
}

function patches(workspace: MockWorkspace): unknown[] {
  return workspace.ledger.find("PATCH").map(({ body }) => body);
}

clusterTest("a git credential is created with the token of its Secret, without a trailing newline", async (world) => {
  await world.apply(credential());
  const { message } = await world.blocked("GitCredential", "github", "SecretMissing");
  assert.match(message, /spec\.secret_name: Secret ".*\/git-token" does not exist/);
  await world.apply(token("ghp_one\n"));
  const id = String((await world.ready("GitCredential", "github")).status?.id);
  assert.equal(world.workspace.credentials.token(id), "ghp_one");
  await sweeps(world.workspace, CREDENTIALS, 2);
  assert.equal(world.workspace.ledger.writes().length, 1);
});

clusterTest("a rotated git token is sent immediately, with one call", async (world) => {
  const id = await credentialOf(world);
  await world.apply(token("ghp_two"));
  await eventually("the token exists", () => world.workspace.credentials.token(id) === "ghp_two", AT_ONCE);
  await world.event("github", "CredentialSent");
  assert.equal(patches(world.workspace).length, 1);
}, RARE);

clusterTest("a restart does not send a git token again, unless it changed meanwhile", async (world) => {
  const first = await world.startOperator();
  const id = await credentialOf(world);
  await world.stopOperator(first);
  world.workspace.ledger.clear();
  const second = await world.startOperator();
  await sweeps(world.workspace, CREDENTIALS, 2);
  await world.stopOperator(second);
  assert.deepEqual(world.workspace.ledger.writes(), []);
  await world.apply(token("ghp_two"));
  await world.startOperator();
  await eventually("the token exists", () => world.workspace.credentials.token(id) === "ghp_two");
  await sweeps(world.workspace, CREDENTIALS, 2);
  assert.equal(world.workspace.ledger.writes().length, 1);
}, { start: false });

clusterTest("a Secret without the key personal_access_token sets a condition with that key", async (world) => {
  await world.apply(secret("git-token", { token: "ghp_one" }));
  await world.apply(credential());
  const { message } = await world.blocked("GitCredential", "github", "SecretInvalid");
  assert.match(message, /has no key "personal_access_token": add it/);
  await world.apply(token("ghp_one"));
  await world.ready("GitCredential", "github");
}, RARE);

clusterTest("a git credential without secret_name names the missing field, and is not created", async (world) => {
  const { credential: fields } = credential().spec as Record<string, unknown>;
  await world.apply(manifest("GitCredential", "github", { credential: fields }));
  const { message } = await world.blocked("GitCredential", "github", "SecretMissing");
  assert.match(message, /spec\.secret_name is missing/);
  assert.deepEqual(world.workspace.ledger.writes(), []);
  const stalled = condition(await world.get("GitCredential", "github"), "Stalled");
  assert.equal(stalled?.status, "True");
});

clusterTest("an edited user name is one update, and a webapp edit of it is reverted", async (world) => {
  const id = await credentialOf(world);
  await world.apply(credential("hubot"));
  await world.ready("GitCredential", "github");
  assert.equal(world.workspace.credentials.get(id)?.git_username, "hubot");
  assert.equal(patches(world.workspace).length, 1);
  await sweeps(world.workspace, CREDENTIALS, 2);
  world.workspace.credentials.edit(id, { git_username: "intruder" });
  await eventually("it is reverted", () => world.workspace.credentials.get(id)?.git_username === "hubot");
  await world.event("github", "DriftCorrected");
  await sweeps(world.workspace, CREDENTIALS, 2);
  assert.equal(patches(world.workspace).length, 2);
});

clusterTest("a deleted GitCredential deletes the credential, also when its Secret is gone", async (world) => {
  const id = await credentialOf(world);
  await world.delete("Secret", "git-token");
  await world.blocked("GitCredential", "github", "SecretMissing");
  await world.delete("GitCredential", "github");
  await world.gone("GitCredential", "github");
  assert.equal(world.workspace.credentials.get(id), undefined);
});

clusterTest("a repo is cloned and then checked out on its branch; an edit moves it", async (world) => {
  const id = await repoOf(world, { branch: "release" });
  assert.equal(world.workspace.repos.get(id)?.branch, "release");
  await world.apply(repo({ branch: "next" }));
  await eventually("it moved", () => world.workspace.repos.get(id)?.branch === "next");
  await world.ready("Repo", "reports");
  await sweeps(world.workspace, REPOS, 2);
  assert.deepEqual(patches(world.workspace), [{ branch: "release" }, { branch: "next" }]);
  assert.equal(world.workspace.ledger.count("POST"), 1);
});

clusterTest("a repo is checked out on its tag once, and later on a branch", async (world) => {
  const id = await repoOf(world, { tag: "v1" });
  assert.equal(world.workspace.repos.get(id)?.branch, undefined);
  await sweeps(world.workspace, REPOS, 3);
  assert.deepEqual(patches(world.workspace), [{ tag: "v1" }], "Databricks never returns the tag: that is not drift");
  await world.apply(repo({ branch: "main" }));
  await eventually("it is on the branch", () => world.workspace.repos.get(id)?.branch === "main");
  await world.ready("Repo", "reports");
});

clusterTest("a repo without a branch keeps the branch of its clone", async (world) => {
  await repoOf(world);
  await sweeps(world.workspace, REPOS, 2);
  assert.equal(world.workspace.ledger.writes().length, 1);
});

for (const [wanted, stays] of [[{ branch: "main" }, "main"], [{ tag: "v1" }, undefined]] as const) {
  clusterTest(`a webapp switch of the branch is reverted to ${JSON.stringify(wanted)}`, async (world) => {
    const id = await repoOf(world, wanted);
    await sweeps(world.workspace, REPOS, 2);
    world.workspace.repos.edit(id, { branch: "scratch" });
    await eventually("it is back", () => world.workspace.repos.get(id)?.branch === stays);
    await world.event("reports", "DriftCorrected");
  });
}

clusterTest("a head commit that moves by itself is not drift", async (world) => {
  const id = await repoOf(world, { branch: "main" });
  await sweeps(world.workspace, REPOS, 2);
  world.workspace.ledger.clear();
  world.workspace.repos.edit(id, { head_commit_id: "pulled" });
  await sweeps(world.workspace, REPOS, 3);
  assert.deepEqual(world.workspace.ledger.writes(), []);
});

clusterTest(
  "another url is reported as immutable and nothing is written; after a revert the object is Ready",
  async (world) => {
    await repoOf(world, { branch: "main" });
    await sweeps(world.workspace, REPOS, 2);
    world.workspace.ledger.clear();
    await world.apply(repo({ branch: "next", url: "https://github.com/example/other.git" }));
    const { message } = await world.blocked("Repo", "reports", "Immutable");
    assert.match(message, /^spec\.repository\.url of repo "reports" cannot be changed/);
    await sweeps(world.workspace, REPOS, 2);
    assert.deepEqual(world.workspace.ledger.writes(), []);
    await world.apply(repo({ branch: "main" }));
    await world.ready("Repo", "reports");
    assert.deepEqual(world.workspace.ledger.writes(), []);
  },
);

clusterTest("a path that a repo or folder occupies sets a condition and is left alone", async (world) => {
  const url = "https://github.com/example/somebody-elses";
  const theirs = world.workspace.repos.add({ path: "/Repos/team/reports", url });
  world.workspace.repos.addFolder("/Repos/team/folder");
  await world.apply(repo());
  const { message } = await world.blocked("Repo", "reports", "AlreadyExists");
  assert.match(message, /exists already/);
  await world.apply(repo({ path: "/Repos/team/folder" }));
  await eventually("the folder is reported", async () => {
    const synced = condition(await world.get("Repo", "reports"), "Synced");
    return synced?.reason === "AlreadyExists" && synced.message.includes("/Repos/team/folder");
  });
  await world.delete("Repo", "reports");
  await world.gone("Repo", "reports");
  assert.equal(world.workspace.repos.get(theirs)?.url, url);
}, { settings: { ingest: "false" } });

clusterTest("a deleted Repo deletes the clone, and a missing clone is not an error", async (world) => {
  const id = await repoOf(world);
  await world.delete("Repo", "reports");
  await world.gone("Repo", "reports");
  assert.equal(world.workspace.repos.get(id), undefined);
  const again = await repoOf(world);
  const fault = world.workspace.faults.add({ match: `DELETE /api/2.0/repos/${again}`, status: 503, times: 2 });
  await world.delete("Repo", "reports");
  await eventually("Databricks rejected it", () => fault.hits > 0);
  world.workspace.repos.remove(again);
  await world.gone("Repo", "reports");
});

clusterTest(
  "resources deleted in the webapp are created again: the credential with its token, the repo on its branch",
  async (world) => {
    const former = [await credentialOf(world), await repoOf(world, { branch: "release" })] as const;
    await sweeps(world.workspace, REPOS, 2);
    world.workspace.credentials.remove(former[0]);
    world.workspace.repos.remove(former[1]);
    await eventually("both are back", () => {
      const [credential] = world.workspace.credentials.all();
      const [repo] = world.workspace.repos.all();
      return repo?.branch === "release" &&
        world.workspace.credentials.token(credential?.credential_id ?? "") === "ghp_one";
    });
    await world.event("github", "ExternalResourceMissing");
    await world.event("reports", "ExternalResourceMissing");
    await world.ready("GitCredential", "github");
    await world.ready("Repo", "reports");
  },
);

function preferred(name: string, isDefault = true) {
  const fields = { git_username: name, git_provider: "gitHub", is_default_for_provider: isDefault };
  return manifest("GitCredential", name, { credential: fields, secret_name: "git-token" });
}

clusterTest(
  "of two credentials that both want to be the default one gets a condition, and they are not written in turn",
  async (world) => {
    await world.apply(token("ghp_one"));
    await world.apply(preferred("first"));
    await world.ready("GitCredential", "first");
    // For objects of the same second, the UID decides.
    await eventually("a second has passed", () => Date.now() % 1000 < 100);
    await world.apply(preferred("second"));
    const names = ["first", "second"];
    const told = await eventually("one is reported", async () => {
      const objects = await Promise.all(names.map((name) => world.get("GitCredential", name)));
      return objects.find((object) => condition(object, "Synced")?.reason === "HeldByAnother");
    });
    const loser = String(told.metadata.name);
    const winner = names.find((name) => name !== loser) ?? "";
    const { message } = await world.blocked("GitCredential", loser, "HeldByAnother");
    assert.equal(
      message,
      `spec.credential.is_default_for_provider: GitCredential "${winner}" is the default credential for gitHub already: ` +
        "set it in one of the two only",
    );
    await sweeps(world.workspace, CREDENTIALS, 1);
    world.workspace.ledger.clear();
    await sweeps(world.workspace, CREDENTIALS, 3);
    assert.deepEqual(world.workspace.ledger.writes(), []);
    await world.apply(preferred(winner, false));
    await world.ready("GitCredential", loser);
    await world.ready("GitCredential", winner);
    const held = world.workspace.credentials.all();
    assert.deepEqual(held.filter((one) => one.is_default_for_provider).map((one) => one.git_username), [loser]);
  },
  { settings: { ingest: "false" } },
);

for (const emptyStringClears of ["yes", "no"] as const) {
  clusterTest(
    `a git_email of "" is neither written repeatedly nor wrongly reported as applied (it clears: ${emptyStringClears})`,
    async (world) => {
      world.workspace.doubts.emptyStringClears = emptyStringClears;
      const spec = (git_email?: string) =>
        manifest("GitCredential", "x", {
          credential: {
            git_username: "octocat",
            git_provider: "gitHub",
            ...(git_email === undefined ? {} : { git_email }),
          },
          secret_name: "source",
        });
      await world.apply(secret("source", { personal_access_token: "ghp_one" }));
      await world.apply(spec("a@example.com"));
      const id = String((await world.ready("GitCredential", "x")).status?.id);
      await sweeps(world.workspace, "/git-credentials", 2);
      await world.apply(spec(""));
      if (emptyStringClears === "yes") await world.ready("GitCredential", "x");
      else {
        const { message } = await world.blocked("GitCredential", "x", "NotApplied");
        assert.match(
          message,
          /git_email is removed, but no call removes it .*"a@example\.com"; set it again, or delete/,
        );
      }
      const patches = () => world.workspace.ledger.count("PATCH", `/git-credentials/${id}`);
      const before = patches();
      await sweeps(world.workspace, "/git-credentials", 4);
      assert.equal(patches(), before);
      // Follows the message's advice.
      await world.apply(spec("b@example.com"));
      await world.ready("GitCredential", "x");
      assert.equal(world.workspace.credentials.get(id)?.git_email, "b@example.com");
    },
  );
}
