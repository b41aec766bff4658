/** A cluster's certificate authority is replaced while the operator runs. */
import assert from "node:assert/strict";
import { type Certificate, make } from "../../mock/certificate.ts";
import { KubeClient, KubeConnectionError } from "./client.ts";

const namespaces = { group: "", version: "v1", plural: "namespaces" };
const list = { kind: "NamespaceList", metadata: {}, items: [] };

function serve({ chain: cert, key }: Certificate, port = 0) {
  const options = { hostname: "127.0.0.1", port, cert, key, onListen: () => {} };
  return Deno.serve(options, () => Response.json(list));
}

Deno.test("the operator follows a replaced certificate authority without a restart", async () => {
  const [old, next] = await Promise.all([make(), make()]);
  let mounted = [old.ca];
  const first = serve(old);
  const server = `https://127.0.0.1:${first.addr.port}`;
  const client = new KubeClient({ server, caCerts: [old.ca], newestCaCerts: () => Promise.resolve(mounted) });
  await client.list(namespaces);
  await first.shutdown();
  const second = serve(next, first.addr.port);
  await assert.rejects(client.list(namespaces), KubeConnectionError, "the new authority is not trusted yet");
  mounted = ["half of a"];
  await assert.rejects(client.list(namespaces), KubeConnectionError, "a half-written file breaks nothing");
  mounted = [next.ca];
  await client.list(namespaces);
  client.close();
  await second.shutdown();
});
