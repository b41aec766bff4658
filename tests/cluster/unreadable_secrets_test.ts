/** Unreadable Secrets delay only the objects that refer to them. */
import assert from "node:assert/strict";
import { type KubeClient, KubeError, type ListOptions, type ResourcePath } from "../../src/kubernetes/client.ts";
import { altered } from "../support/altered_client.ts";
import { clusterTest, eventually, job, manifest, problem, secret, type World } from "../support/harness.ts";

const unstarted = { start: false };

/** Answers a request for Secrets instead of the API server; `undefined` lets it through. */
type Answer = (path: ResourcePath, options: ListOptions) => Promise<never> | undefined;

/** A client with other answers to requests for Secrets. */
function answering(client: KubeClient, answer: Answer): KubeClient {
  return altered(client, (client) => ({
    list: (path, options = {}) =>
      (path.plural === "secrets" ? answer(path, options) : undefined) ?? client.list(path, options),
    async *watch(path, options) {
      if (path.plural === "secrets") await answer(path, { fieldSelector: options.fieldSelector });
      yield* client.watch(path, options);
    },
  }));
}

function forbidden(): Promise<never> {
  return Promise.reject(new KubeError("Cannot list secrets: forbidden", { status: 403, reason: "Forbidden" }));
}

/** Allows only the settings' Secret, read by its name. */
const onlySettings = (otherwise: () => Promise<never>): Answer => (_path, { fieldSelector }) =>
  fieldSelector === undefined
    ? forbidden()
    : fieldSelector === "metadata.name=databricks-api-secret"
    ? undefined
    : otherwise();

function filler(name: string) {
  return manifest("DatabricksSecret", name, { scope: "team", secret_name: name });
}

for (
  const [what, answer] of [
    ["may not be read", forbidden],
    ["the API server does not answer for", () => new Promise<never>(() => {})],
  ] as const
) {
  clusterTest(`40 Secrets that ${what} block no other objects of their namespace`, async (world) => {
    world.workspace.secrets.addScope("team");
    for (let index = 0; index < 40; index++) await world.apply(filler(`unreadable-${index}`));
    await world.startOperator({ client: answering(world.kube, onlySettings(answer)) });
    await world.apply(job("etl"));
    await eventually("the job is created", () => world.workspace.jobs.ids().length === 1, { patience: 5000 });
    const { message } = await world.blocked("DatabricksSecret", "unreadable-39", "SecretUnreadable");
    assert.match(message, /Cannot read Secret ".*\/unreadable-39": /);
  }, unstarted);
}

clusterTest("namespaces whose API Secret cannot be read do not delay the start of others", async (world) => {
  const others = await Promise.all(["a", "b", "c", "d"].map((suffix) => world.addNamespace(suffix)));
  for (const namespace of others) await world.connect({ namespace });
  await world.apply(job("etl"));
  const client = answering(world.kube, ({ namespace }) => namespace === world.namespace ? undefined : forbidden());
  const begun = performance.now();
  await world.startOperator({ client, namespaces: [...others, world.namespace] });
  await world.ready("DatabricksJob", "etl");
  assert.ok(performance.now() - begun < 8000, `it took ${Math.round(performance.now() - begun)} ms`);
}, unstarted);

clusterTest("if only named Secrets may be read, their changes are watched by name", async (world) => {
  world.workspace.secrets.addScope("team");
  await world.apply(secret("named", { key: "one" }));
  await world.apply(filler("named"));
  const client = answering(world.kube, (_path, { fieldSelector }) => fieldSelector ? undefined : forbidden());
  await world.startOperator({ client });
  await world.ready("DatabricksSecret", "named");
  await holds(world, "one");
  await world.apply(secret("named", { key: "two" }));
  await holds(world, "two");
}, unstarted);

clusterTest(
  "of 60 Secrets in a namespace, few have their own watch, and each change is sent",
  async (world) => {
    world.workspace.secrets.addScope("team");
    const names = Array.from({ length: 60 }, (_, index) => `one-of-many-${index}`);
    for (const name of names) {
      await world.apply(secret(name, { [name]: "one" }));
      await world.apply(filler(name));
    }
    const open = new Set<string>();
    const contents: string[] = [];
    const client = altered(world.kube, (client) => ({
      list(path, options) {
        if (path.plural === "secrets" && !options?.isMetadataOnly) contents.push(options?.fieldSelector ?? "all");
        return client.list(path, options);
      },
      async *watch(path, options) {
        if (path.plural === "secrets") open.add(options.fieldSelector ?? "metadata of all");
        yield* client.watch(path, options);
      },
    }));
    await world.startOperator({ client });
    const sent = (value: string) =>
      eventually(`every key is "${value}"`, () => {
        const held = names.map((name) => new TextDecoder().decode(world.workspace.secrets.value("team", name)));
        return held.every((text) => text === value) || problem(held.join());
      });
    await sent("one");
    for (const name of names) await world.apply(secret(name, { [name]: "two" }));
    await sent("two");
    assert.ok(open.has("metadata of all") && open.size <= 21, [...open].join());
    assert.ok(!contents.includes("all"), "content is read by name only");
    await world.delete("Secret", "one-of-many-59");
    await world.blocked("DatabricksSecret", "one-of-many-59", "SecretMissing");
    await world.apply(secret("one-of-many-59", { again: "three" }));
    await world.ready("DatabricksSecret", "one-of-many-59");
  },
  unstarted,
);

clusterTest("a Secret that becomes readable is read without an edit of its object", async (world) => {
  world.workspace.secrets.addScope("team");
  await world.apply(secret("late", { key: "one" }));
  await world.apply(filler("late"));
  let isAllowed = false;
  const answer = onlySettings(forbidden);
  const client = answering(world.kube, (path, options) => isAllowed ? undefined : answer(path, options));
  await world.startOperator({ client });
  await world.blocked("DatabricksSecret", "late", "SecretUnreadable");
  isAllowed = true;
  await world.ready("DatabricksSecret", "late");
}, unstarted);

clusterTest("a Secret that is deleted and created again is still followed", async (world) => {
  world.workspace.secrets.addScope("team");
  await world.apply(secret("again", { key: "one" }));
  await world.apply(filler("again"));
  await world.ready("DatabricksSecret", "again");
  await world.delete("Secret", "again");
  await world.blocked("DatabricksSecret", "again", "SecretMissing");
  await world.apply(secret("again", { key: "two" }));
  await world.ready("DatabricksSecret", "again");
  await holds(world, "two");
});

/** Waits until the scope's key has a value. */
async function holds(world: World, value: string): Promise<void> {
  await eventually(`the value is ${value}`, () => {
    const held = new TextDecoder().decode(world.workspace.secrets.value("team", "key"));
    return held === value || problem(held);
  });
}
