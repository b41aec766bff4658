/**
 * Secrets appear nowhere, whatever goes wrong: tests every kind, with a Databricks that repeats requests in its errors.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Metrics } from "../../src/telemetry/metrics.ts";
import { resources } from "../../src/resources/mod.ts";
import { captureLog } from "../support/captured_log.ts";
import { prepare } from "../support/needs.ts";
import { clusterTest, condition, eventually, manifest, problem, secret, type World } from "../support/harness.ts";

const logged = captureLog();

const TOKEN = "dapi-c4nary/t0ken+9x7";
/** A different value for each change. */
const value = (number: number) => `c4nary "v4lue"/ü+${number}x7\nsecond line of c4nary`;

/** Errors in which Databricks, or a proxy in front of it, repeats a request. */
const echoes: Record<string, (sent: string) => Response> = {
  "a bad request": (sent) => json(400, { error_code: "INVALID_PARAMETER_VALUE", message: `bad request: ${sent}` }),
  "a refusal": (sent) => json(403, { error_code: "PERMISSION_DENIED", message: `a refusal: ${sent}` }),
  "an error in another form": (sent) => json(400, { error: `an error in another form: ${sent}` }),
  "a conflict": (sent) =>
    json(409, { error_code: "RESOURCE_CONFLICT", message: `a conflict: ${encodeURIComponent(sent)}` }),
  "a failure as a page": (sent) => new Response(`<html><b>a failure as a page</b> ${sent}</html>`, { status: 502 }),
  "a login page": (sent) => new Response(`<html>a login page ${Buffer.from(sent).toString("base64")} ${sent}</html>`),
};

function json(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
}

/** Applies the first example of every kind, with Secrets that contain canaries. */
async function applyAll(world: World, number: number): Promise<void> {
  for (const { kind, plural, examples: [example] } of resources) {
    if (example === undefined) continue;
    const spec = structuredClone(number % 2 === 1 && example.edited ? example.edited : example.spec);
    if ("secret_name" in spec) spec.secret_name = plural;
    if (number === 0) await prepare(world.workspace, example, TOKEN);
    const keys = Object.keys(example.secret ?? {});
    if (keys.length > 0) await world.apply(secret(plural, Object.fromEntries(keys.map((key) => [key, value(number)]))));
    await world.apply(
      manifest(kind, plural, kind === "DatabricksSecretScope" ? { scope: { name: `own-${number}` } } : spec),
    );
  }
}

/** Everything that the operator has written or logged. */
async function told(world: World, metrics: Metrics): Promise<string> {
  const objects = (await Promise.all(resources.map(({ kind }) => world.list(kind)))).flat();
  const lines = logged.map(({ message, properties }) => [message, properties]);
  return JSON.stringify([objects, await world.list("Event"), lines]) + await metrics.text();
}

clusterTest(
  "canary secrets appear in no log, event, object or metric, in success and in all failures",
  async (world) => {
    const metrics = new Metrics();
    let echo: ((sent: string) => Response) | undefined;
    const send = async (request: Request) => {
      if (echo === undefined) return await world.workspace.transport.send(request);
      return echo(`${request.headers.get("authorization")} ${request.url} ${await request.text()}`);
    };
    await world.connect({ token: TOKEN });
    await world.startOperator({ metrics, transport: () => ({ send }) });
    await applyAll(world, 0);
    for (const { kind, plural } of resources) await world.ready(kind, plural);
    for (const [index, [name, answer]] of Object.entries(echoes).entries()) {
      echo = answer;
      await applyAll(world, index + 1);
      // A resource that happens once has ended, and is not requested again.
      for (const { kind, plural } of resources.filter(({ once }) => once === undefined)) {
        await eventually(`${kind} names ${name}`, async () => {
          const message = condition(await world.get(kind, plural), "Synced")?.message ?? "";
          return message.includes("***") || message.includes("cannot be changed") || problem(message);
        });
      }
    }
    echo = undefined;
    const text = await told(world, metrics);
    const secrets = [TOKEN, ...Object.keys(echoes).flatMap((_, number) => value(number).split("\n"))];
    for (const one of [...secrets, "c4nary"]) {
      for (
        const form of [
          one,
          JSON.stringify(one).slice(1, -1),
          Buffer.from(one).toString("base64"),
          encodeURIComponent(one),
        ]
      ) {
        const at = text.indexOf(form);
        assert.equal(at, -1, `${JSON.stringify(form)} was printed: ${text.slice(Math.max(0, at - 200), at + 100)}`);
      }
    }
  },
  { mock: { token: TOKEN, runSeconds: 1 }, start: false },
);
