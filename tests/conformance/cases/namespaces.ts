/** Namespaces. @module */
import assert from "node:assert/strict";
import { type Case, ok, refused } from "../world.ts";

const NAMESPACES = "/api/v1/namespaces";

export const namespaces: readonly Case[] = [
  {
    name: "a namespace is Active, held by its spec, and labelled with its name",
    async run(world) {
      const { metadata, spec, status } = ok(await world.get(`${NAMESPACES}/${world.namespace}`));
      assert.deepEqual(metadata.labels, { "kubernetes.io/metadata.name": world.namespace });
      assert.deepEqual(spec, { finalizers: ["kubernetes"] });
      assert.deepEqual(status, { phase: "Active" });
    },
  },
  {
    name: "a namespace's name has no dots",
    async run(world) {
      const answer = await world.post(NAMESPACES, { metadata: { name: "a.b" } });
      refused(answer, 422, "Invalid", 'metadata.name: Invalid value: "a.b": must not contain dots');
    },
  },
  {
    name: "nothing is made in a namespace that does not exist (404)",
    async run(world) {
      const answer = await world.post(world.widgets("no-such-namespace"), world.widget("lost"));
      refused(answer, 404, "NotFound", 'namespaces "no-such-namespace" not found');
    },
  },
  {
    name: "deleting a namespace deletes its objects",
    async run(world) {
      const name = await world.addNamespace(`${world.namespace}-emptied`);
      ok(await world.post(world.widgets(name), world.widget("inside")));
      const { metadata, status } = ok(await world.delete(`${NAMESPACES}/${name}`));
      assert.ok(metadata.deletionTimestamp);
      assert.equal(status.phase, "Terminating");
      await world.gone(`${NAMESPACES}/${name}`);
      refused(await world.get(`${world.widgets(name)}/inside`), 404, "NotFound");
    },
  },
  {
    name: "a namespace waits for finalizers, and nothing new is made in it meanwhile (403)",
    async run(world) {
      const name = await world.addNamespace(`${world.namespace}-waiting`);
      const held = world.widget("held", { size: 1 }, { finalizers: ["example.com/hold"] });
      ok(await world.post(world.widgets(name), held));
      ok(await world.delete(`${NAMESPACES}/${name}`));
      await world.until("the held object is marked", async () => {
        return ok(await world.get(`${world.widgets(name)}/held`)).metadata.deletionTimestamp;
      });
      const answer = await world.post(world.core("configmaps", name), { metadata: { name: "late" } });
      refused(
        answer,
        403,
        "Forbidden",
        `unable to create new content in namespace ${name} because it is being terminated`,
      );
      assert.equal(answer.body.details.causes[0].reason, "NamespaceTerminating");
      ok(await world.merge(`${world.widgets(name)}/held`, { metadata: { finalizers: null } }));
      await world.gone(`${NAMESPACES}/${name}`);
    },
  },
  {
    name: "the namespace default cannot be deleted (403)",
    async run(world) {
      const answer = await world.delete(`${NAMESPACES}/default`, undefined, { dryRun: "All" });
      refused(answer, 403, "Forbidden", "this namespace may not be deleted");
    },
  },
  {
    name: "a namespace has a ServiceAccount and the cluster's certificate",
    async run(world) {
      ok(await world.get(`${world.core("serviceaccounts")}/default`));
      assert.ok("ca.crt" in ok(await world.get(`${world.core("configmaps")}/kube-root-ca.crt`)).data);
    },
  },
];
