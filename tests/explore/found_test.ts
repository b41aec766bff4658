/**
 * Sequences that the exploration found and that ended wrong until the defect was fixed. Those with more acts than
 * `explore_test.ts` plays are played here.
 *
 * @module
 */
import assert from "node:assert/strict";
import { play } from "./play.ts";
import { fromLine } from "./search.ts";

/** Sequences that once ended wrong, by the violation. */
const found: Readonly<Record<string, string>> = {
  "a gateway's 404 to a create and to the search after it makes no second job":
    "job, nothing: apply; gateway answers 404 for 40 s",
  "a job is not lost when a gateway answers 404 while it is deleted":
    "job, ready: delete; gateway answers 404 for 40 s",
  "a response without an id is not an id": "job, nothing: gateway answers empty for 40 s; apply",
  "a response without an id to a copy's create is not an id":
    "job, ready: gateway answers empty for 40 s; copy the manifest",
  "a create that takes effect after the time limit makes no second job":
    "job, nothing: the next write takes effect 110 s later; apply",
  "a recreate that takes effect after the time limit makes no second job":
    "job, ready: delete in Databricks; the next write takes effect 110 s later",
  "a git credential that somebody made while our create could not connect is not taken over":
    "credential, nothing: the connection for the next write is refused; apply; make a twin",
  "a deleted repo is not created repeatedly while another one has its path": "repo, ready: replace in Databricks",
  "a deleted credential is not created repeatedly while another one has its provider and user":
    "credential, ready: replace in Databricks",
  "an object that follows its keys is not deleted while a gateway answers 404":
    "key, followed: gateway answers 404 for 200 s",
  "an object that follows its job is not deleted when a gateway answers 404 after a restart":
    "job, followed: gateway answers 404 for 40 s; lose the status while the operator is away",
  "a job that got another object's tag since it was last seen is not overwritten by an edit":
    "job, ready: tag it for another object; edit",
  "a person's copy that carries our tag is not taken when ours is deleted":
    "job, ready: clone in Databricks; delete in Databricks",
  "a person's scope is not taken because of the predecessor's finalizer":
    "scope, nothing: make a twin; apply as the predecessor left it",
  "a person's repo is not taken because of the predecessor's finalizer":
    "repo, nothing: make a twin; apply as the predecessor left it",
  "a person's git credential is not taken because of the predecessor's finalizer":
    "credential, nothing: make a twin; apply as the predecessor left it",
  "a git credential that is gone and cannot be created again is not said to be created at each sweep":
    "credential, ingested: replace without finalizers; delete in Databricks",
};

for (const [claim, line] of Object.entries(found)) {
  Deno.test(claim, async () => {
    const { isPossible, violations } = await play(fromLine(line));
    assert.ok(isPossible, "the sequence can no longer be played");
    assert.deepEqual(violations, [], `replay it: deno task test:explore --replay "${line}"`);
  });
}
