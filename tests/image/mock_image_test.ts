/** The mock workspace in a container, built from its Dockerfile. */
import assert from "node:assert/strict";
import { eventually, problem } from "../support/waiting.ts";
import { buildMockImage, docker, needs } from "./docker.ts";

Deno.test({
  name: `the mock's container file builds an image that serves a workspace, with the knobs of its program${needs}`,
  ignore: needs !== "",
  fn: async () => {
    const image = `local/databricks-mock-${crypto.randomUUID().slice(0, 8)}`;
    let container: string | undefined;
    try {
      await buildMockImage(image);
      const knobs = ["--token", "demo", "--error-every", "2", "--oauth", "app:s3cret", "--doubt", "missingJob=404"];
      container = (await docker("run", "--detach", "--publish", "127.0.0.1:0:8099", image, ...knobs)).trim();
      const address = (await docker("port", container, "8099")).trim();
      const get = async (path: string, token: string) => {
        const headers = { authorization: `Bearer ${token}` };
        const answer = await fetch(`http://${address}/api/2.2/${path}`, { headers });
        return { status: answer.status, body: await answer.text() };
      };
      const list = (token: string) => get("jobs/list", token);
      const first = await eventually(
        "the mock answers",
        async () => await list("demo").catch((error) => problem(error.message)),
      );
      const second = await list("demo");
      // Every second call fails, as requested; the number of earlier attempts decides which of these two does.
      assert.deepEqual([first.status, second.status].sort(), [200, 503]);
      assert.match(first.body + second.body, /"has_more":false/);
      const refused = [await list("wrong"), await list("wrong")].map(({ status }) => status);
      assert.ok(refused.some((status) => status === 401 || status === 403), refused.join());
      const signedIn = await fetch(`http://${address}/oidc/v1/token`, {
        method: "POST",
        headers: { authorization: `Basic ${btoa("app:s3cret")}` },
        body: new URLSearchParams({ grant_type: "client_credentials", scope: "all-apis" }),
      });
      const { access_token } = await signedIn.json();
      const missing = [await get("jobs/get?job_id=1", access_token), await get("jobs/get?job_id=1", access_token)];
      assert.deepEqual(missing.map(({ status }) => status).sort(), [404, 503]);
    } finally {
      if (container !== undefined) await docker("rm", "--force", "--volumes", container);
      await docker("image", "rm", image).catch(() => "");
    }
  },
});
