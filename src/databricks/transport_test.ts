import assert from "node:assert/strict";
import { clientOver } from "../../tests/support/clients.ts";
import { systemClock } from "../base/clock.ts";
import { deadlyProxy } from "../kubernetes/proxy_fake.ts";
import { endpoint } from "../resource.ts";
import { ConnectionError } from "./errors.ts";
import { fenced, httpTransport } from "./transport.ts";
import { Fence } from "../http/write_fence.ts";

const create = endpoint("POST /api/{jobs_api_version}/jobs/create");

Deno.test("after a call that timed out, no other call waits on a connection that went silent with it", async () => {
  let begun = 0;
  const { promise: allArrived, resolve: arrived } = Promise.withResolvers<void>();
  const answer = async () => {
    if (++begun === 4) arrived();
    await allArrived;
    return new Response("{}");
  };
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, answer);
  await using proxy = deadlyProxy(String(server.addr.port));
  const http = httpTransport();
  const transport = fenced(http, new Fence());
  const client = clientOver(transport, {
    host: `http://127.0.0.1:${proxy.port}`,
    timeoutMs: 1000,
    clock: systemClock,
  });
  // Calls at the same time leave four connections behind, which are then used again.
  await Promise.all(Array.from({ length: 4 }, () => client.call(create)));
  proxy.silence();
  await assert.rejects(client.call(create), ConnectionError);
  assert.deepEqual(await client.call(create), {});
  http.close?.();
});
