import assert from "node:assert/strict";
import { eventually } from "../tests/support/waiting.ts";

/** Starts the program and returns the address that it prints. */
async function start(flags: readonly string[]) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-qA", "mock/main.ts", "--port", "0", "--token", "t", ...flags],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  const end = async () => {
    child.kill("SIGTERM");
    await reader.cancel();
    await child.status;
  };
  return { url: value.match(/http:\S+/)?.[0] ?? "", [Symbol.asyncDispose]: end };
}

const headers = { authorization: "Bearer t" };

Deno.test("the mock program fails every nth call, or returns a proxy's page, except at its control endpoints", async () => {
  await using server = await start(["--error-every", "2", "--wrong-body-every", "3"]);
  const answers: string[] = [];
  for (let call = 0; call < 6; call++) {
    const answer = await fetch(`${server.url}/api/2.2/jobs/list`, { headers });
    answers.push(`${answer.status} ${(await answer.text()).slice(0, 6)}`);
    const ping = await fetch(`${server.url}/_/ping`);
    assert.equal(ping.status, 200);
    await ping.text();
  }
  assert.equal(answers.filter((answer) => answer.startsWith("503")).length, 3, answers.join());
  assert.ok(answers.includes("200 <html>"), answers.join());
});

Deno.test("the mock program returns a gateway's page for the given time", async () => {
  await using server = await start(["--gateway", "404", "--gateway-seconds", "0.5"]);
  const ask = async () => {
    const answer = await fetch(`${server.url}/api/2.2/jobs/list`, { headers });
    return `${answer.status} ${(await answer.text()).slice(0, 5)}`;
  };
  assert.equal(await ask(), "404 <!DOC");
  await eventually("the gateway lets requests by", async () => (await ask()).startsWith("200"));
});

Deno.test("the mock program as a sink-hole never responds", async () => {
  await using server = await start(["--sink-hole"]);
  await assert.rejects(fetch(`${server.url}/api/2.2/jobs/list`, { headers, signal: AbortSignal.timeout(300) }), {
    name: "TimeoutError",
  });
});

Deno.test("the mock program uses the chosen answers to doubts, and rejects unknown ones", async () => {
  await using server = await start(["--doubt", "missingJob=404", "--doubt", "wrongToken=403"]);
  const missing = await fetch(`${server.url}/api/2.2/jobs/get?job_id=7`, { headers });
  const wrong = await fetch(`${server.url}/api/2.2/jobs/list`, { headers: { authorization: "Bearer x" } });
  assert.deepEqual([missing.status, wrong.status], [404, 403]);
  await Promise.all([missing.text(), wrong.text()]);
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-qA", "mock/main.ts", "--doubt", "missingJob=500"],
  }).output();
  assert.equal(code, 1);
  assert.match(new TextDecoder().decode(stderr), /Doubt "missingJob" has the answers 400, 404/);
});

Deno.test("an occupied port is reported in one line", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-qA", "mock/main.ts", "--port", String(listener.addr.port)],
  }).output();
  assert.equal(code, 1);
  assert.match(new TextDecoder().decode(stderr), /^Port \d+ is in use: choose another with --port/);
});
