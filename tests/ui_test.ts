/** The server of `ui`: whom it answers, what it requests from the cluster, and what it streams. */
import assert from "node:assert/strict";
import { type Clock, systemClock } from "../src/base/clock.ts";
import { Board } from "../src/commands/ui/board.ts";
import type { Detail, EventView, Row, Snapshot, Update } from "../src/commands/ui/shapes.ts";
import { toCrd } from "../src/generate/crd.ts";
import { kinds } from "../src/kinds.ts";
import { conditionRow, notReady, PageWorld, READY, viewer } from "./support/page.ts";
import { visitPage } from "./support/page_process.ts";
import { eventually } from "./support/waiting.ts";

/** The longest wait for a message (ms). */
const PATIENCE = 45_000;

const job = (name: string) => ({ job: { settings: { name, tasks: [] } } });

/** Sends a request with any Host header, which `fetch` does not allow. */
async function raw(url: string, headers: Record<string, string>, method = "GET"): Promise<string> {
  const { hostname, port, pathname, host } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const lines = Object.entries({ Host: host, Connection: "close", ...headers }).map(([name, value]) =>
    `${name}: ${value}`
  );
  await connection.write(new TextEncoder().encode(`${method} ${pathname} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`));
  let text = "";
  for await (const chunk of connection.readable.pipeThrough(new TextDecoderStream())) text += chunk;
  return text;
}

async function json<Type>(url: string): Promise<Type> {
  const answer = await fetch(url);
  assert.equal(answer.status, 200, url);
  return await answer.json();
}

/** The messages of a stream, one by one. */
async function* messages(url: string, signal: AbortSignal): AsyncGenerator<Snapshot | Update> {
  // A missing message fails the test.
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
  const { body } = await fetch(`${url}changes`, { signal: bounded });
  let text = "";
  for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) {
      yield JSON.parse(text.slice(0, end).replace(/^event: .*\ndata: /, ""));
    }
  }
}

/** Reads messages until one matches. */
async function until<Type>(
  stream: AsyncGenerator<Snapshot | Update>,
  wanted: (message: Snapshot & Partial<Update>) => Type | undefined,
): Promise<Type> {
  for (;;) {
    const { value, done } = await stream.next();
    assert.ok(!done, "the stream ended");
    const found = wanted(value);
    if (found !== undefined) return found;
  }
}

Deno.test("ui: requests without the token, for another host or from another site are rejected", async () => {
  await using world = await PageWorld.start();
  const { url } = await world.serve("viewer", viewer());
  const { origin, host } = new URL(url);
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/$/);
  assert.match(await raw(url, {}), /^HTTP\/1\.1 200 /);
  for (const path of ["/", "/changes", "/object?key=a", `/${"0".repeat(32)}/`, "/favicon.ico"]) {
    const answer = await fetch(origin + path);
    assert.equal(answer.status, 404, path);
    assert.ok(!(await answer.text()).includes(url), "the token is not shown");
  }
  const refused: [Record<string, string>, string?][] = [
    [{ Host: `evil.example:${host.split(":")[1]}` }],
    [{ Host: "127.0.0.1" }],
    [{ Origin: "https://evil.example" }],
    [{ Origin: "null" }],
    [{ "Sec-Fetch-Site": "cross-site" }],
    [{ "Sec-Fetch-Site": "same-site" }],
  ];
  for (const [headers] of refused) {
    assert.match(await raw(url, headers), /^HTTP\/1\.1 403 /, JSON.stringify(headers));
  }
  assert.match(await raw(url, {}, "POST"), /^HTTP\/1\.1 405 /);
});

Deno.test("ui: the page may run, load and contact nothing but itself, and no page may frame it", async () => {
  await using world = await PageWorld.start();
  const { url } = await world.serve("viewer", viewer());
  for (const path of ["", "page.js", "page.css", "icon.svg", "object?key=a", "repairs"]) {
    const { headers, body } = await fetch(url + path);
    await body?.cancel();
    const policy = new Map(
      headers.get("content-security-policy")?.split("; ").map((
        one,
      ) => [one.split(" ")[0], one.split(" ").slice(1).join(" ")]),
    );
    assert.equal(policy.get("default-src"), "'none'", path);
    for (const name of ["script-src", "style-src", "connect-src", "img-src"]) {
      assert.equal(policy.get(name), "'self'", name);
    }
    for (const name of ["frame-ancestors", "base-uri", "form-action"]) assert.equal(policy.get(name), "'none'", name);
    assert.equal(headers.get("referrer-policy"), "no-referrer");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("access-control-allow-origin"), null);
  }
});

Deno.test("ui: it lists and watches our kinds and Events, reads no Secret, and writes nothing", async () => {
  await using world = await PageWorld.start();
  await world.put("DatabricksJob", "etl", { spec: job("etl"), status: READY });
  await world.put("GitCredential", "github", {
    spec: { credential: { git_username: "octocat", git_provider: "gitHub" }, secret_name: "github" },
  });
  // Everything is allowed, so the server restricts itself.
  const { url } = await world.serve("admin-like", [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }]);
  await json(`${url}object?key=${encodeURIComponent("DatabricksJob/team/etl")}`);
  await json(`${url}repairs`);
  const requests = world.requestsOf("admin-like");
  assert.ok(requests.length > 10);
  const verbs = new Set(requests.map(({ verb }) => verb));
  assert.deepEqual([...verbs].filter((verb) => !["list", "watch", "get"].includes(verb)), []);
  assert.deepEqual(requests.filter(({ method }) => method !== "GET"), []);
  const others = requests.filter(({ group, resource }) => group === "" && resource !== "events");
  assert.deepEqual(others.map(({ path }) => path), []);
});

Deno.test("ui: a user who may not list all namespaces sees the context's namespace, with a note", async () => {
  await using world = await PageWorld.start(["team", "other"]);
  await world.put("DatabricksJob", "etl", { spec: job("etl"), status: READY });
  await world.put("DatabricksJob", "foreign", { spec: job("foreign"), status: READY, namespace: "other" });
  const { url, notes } = await world.serve("member", viewer(["team"]));
  assert.deepEqual(notes, [
    'You may not list the objects of all namespaces, so this shows namespace "team" only; --namespace chooses another one',
  ]);
  const stop = new AbortController();
  const { about, rows } = await until(messages(url, stop.signal), (message) => message);
  assert.deepEqual(about.namespaces, ["team"]);
  assert.deepEqual(rows.map(({ key }: Row) => key), ["DatabricksJob/team/etl"]);
  assert.equal((await fetch(`${url}object?key=DatabricksJob/other/foreign`)).status, 404);
  stop.abort();
  const forbidden = await world.serve("nobody", []);
  assert.match(forbidden.notes.join("\n"), /Not shown, since you may not list them: .*DatabricksJob, .*Events/);
});

Deno.test("ui: a change, an Event and a deletion arrive by the stream, each by itself", async () => {
  await using world = await PageWorld.start();
  for (const name of ["etl", "other"]) await world.put("DatabricksJob", name, { spec: job(name), status: READY });
  const { url } = await world.serve("viewer", viewer());
  const stop = new AbortController();
  const stream = messages(url, stop.signal);
  const first = await until(stream, (message) => message);
  assert.deepEqual(first.rows.map(({ name, state }) => [name, state]), [["etl", "ready"], ["other", "ready"]]);
  const etl = await world.setStatus("DatabricksJob", "etl", notReady("PermissionDenied", "no right"));
  const changed = await until(stream, ({ rows }) => rows.length > 0 ? rows : undefined);
  assert.deepEqual(changed.map(({ name, state, reason }) => [name, state, reason]), [[
    "etl",
    "failed",
    "PermissionDenied",
  ]]);
  await world.tell(etl, "DriftCorrected", "set back name from a to b");
  assert.deepEqual(await until(stream, ({ touched }) => touched?.length ? touched : undefined), [
    "DatabricksJob/team/etl",
  ]);
  const [repair] = await json<EventView[]>(`${url}repairs`);
  assert.equal(repair?.message, "set back name from a to b");
  await world.kube.delete({
    group: "com.dstancu.databricks",
    version: "v1",
    plural: "databricksjobs",
    namespace: "team",
  }, "etl");
  assert.deepEqual(await until(stream, ({ gone }) => gone?.length ? gone : undefined), ["DatabricksJob/team/etl"]);
  stop.abort();
});

Deno.test("ui: an object's details hold its plan with the command that approves it, its runs, tasks and Events", async () => {
  await using world = await PageWorld.start();
  const plan = {
    ...{ digest: "0123456789abcdef", action: "update", cause: "manifest", since: "2026-01-01T00:00:00Z" },
    ...{ summary: "update of name", total: 1, changes: [{ path: "name", from: '"a"', to: '"b"', reason: "manifest" }] },
  };
  const etl = await world.put("DatabricksJob", "etl", {
    spec: job("etl"),
    status: { ...READY, plan, url: "https://dbc.example/jobs/1" },
  });
  await world.tell(etl, "DriftCorrected", "set back name from a to b");
  await world.put("DatabricksRun", "etl-1", {
    spec: { job_ref: { name: "etl" } },
    status: {
      phase: "Failed",
      start_time: "2026-01-01T00:00:00Z",
      completion_time: "2026-01-01T00:01:00Z",
      tasks: [{ key: "load", phase: "Failed", error: "boom" }],
    },
  });
  await world.put("DatabricksRun", "other-1", { spec: { job_ref: { name: "other" } } });
  const { url } = await world.serve("viewer", viewer());
  const detail = await json<Detail>(`${url}object?key=DatabricksJob/team/etl`);
  assert.equal(detail.row.state, "approval");
  assert.equal(detail.url, "https://dbc.example/jobs/1");
  assert.deepEqual(detail.plan?.changes, [{ path: "name", from: '"a"', to: '"b"' }]);
  assert.equal(
    detail.plan?.command,
    "kubectl annotate --overwrite databricksjob etl -n team databricks-operator/approve=0123456789abcdef",
  );
  assert.deepEqual(detail.runs.map(({ name, phase }) => [name, phase]), [["etl-1", "Failed"]]);
  assert.deepEqual(detail.events.map(({ reason }) => reason), ["DriftCorrected"]);
  assert.match(detail.spec, /^job:\n {2}settings:/);
  const run = await json<Detail>(`${url}object?key=DatabricksRun/team/etl-1`);
  assert.deepEqual(run.tasks, [{ key: "load", phase: "Failed", message: "boom" }]);
});

Deno.test("ui: only addresses of web pages become links, and only digests are put into commands", async () => {
  await using world = await PageWorld.start();
  const hostile = `\u202e<img src=x onerror=alert(1)>\n\u0007${"x".repeat(10_000)}`;
  await world.put("DatabricksJob", "etl", {
    spec: job(hostile),
    status: {
      conditions: [conditionRow("Ready", "False", "InvalidSpec", hostile)],
      url: "javascript:alert(1)",
      plan: { digest: "$(touch /tmp/x)", changes: [{ path: hostile, from: hostile }] },
    },
  });
  const { url } = await world.serve("viewer", viewer());
  const answer = await (await fetch(`${url}object?key=DatabricksJob/team/etl`)).text();
  const detail = JSON.parse(answer) as Detail;
  assert.equal(detail.url, undefined);
  assert.equal(detail.plan?.command, undefined);
  assert.ok(detail.row.message.startsWith("\\u202e<img src=x onerror=alert(1)> \\u0007xxx"), detail.row.message);
  assert.ok(detail.row.message.length < 400);
  for (const text of [detail.conditions[0]?.message ?? "", detail.spec]) {
    assert.ok(text !== "" && ![..."\u202e\u0007"].some((mark) => text.includes(mark)), "marks are escaped");
  }
});

Deno.test("ui: a kind that is not served does not delay the page, and appears when it is", async () => {
  await using world = await PageWorld.start();
  const crds = { group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions" };
  await world.kube.delete(crds, "databricksruns.com.dstancu.databricks");
  // The longest wait for the first lists and the next discovery do not end by themselves.
  const waits: (() => void)[] = [];
  const clock: Clock = {
    ...systemClock,
    sleep: (ms, signal) => {
      if (ms < 20_000) return systemClock.sleep(ms, signal);
      const wait = Promise.withResolvers<void>();
      waits.push(wait.resolve);
      signal?.addEventListener("abort", () => wait.resolve());
      return wait.promise;
    },
  };
  const board = new Board({ client: world.kube, kinds, namespaces: ["team"], clock });
  const limit = AbortSignal.timeout(PATIENCE);
  const late = new Promise((_, reject) => limit.addEventListener("abort", () => reject(limit.reason)));
  await Promise.race([board.start(600_000), late]);
  await world.kube.create(crds, { ...toCrd(kinds.find(({ kind }) => kind === "DatabricksRun")!) });
  await world.put("DatabricksRun", "etl-1", { spec: { job_id: 1 } });
  for (const end of waits.splice(0)) end();
  await eventually("the run exists", () => board.find("DatabricksRun/team/etl-1") !== undefined);
  await board.stop();
});

Deno.test("ui: while the API server does not respond, the page says that its contents may be old", async () => {
  await using world = await PageWorld.start();
  await world.put("DatabricksJob", "etl", { spec: job("etl"), status: READY });
  const { url } = await world.serve("viewer", viewer());
  const notes = async () => {
    const stop = new AbortController();
    const { about, rows } = await until(messages(url, stop.signal), (message) => message);
    stop.abort();
    assert.equal(rows.length, 1, "what was known stays");
    return about.notes;
  };
  assert.deepEqual(await notes(), []);
  world.fail("databricksjobs", 503);
  await eventually("the note is shown", async () => /^What is shown may be old: .* 503/.test((await notes()).join()));
});

Deno.test("ui: the command prints only the address, serves there, and ends with SIGTERM", async () => {
  await using world = await PageWorld.start();
  await using kubeconfig = await world.kubeconfigOf("viewer", viewer(["team"]));
  const { out, err, code } = await visitPage(Deno.execPath(), {
    args: ["run", "-qA", "--no-check", "src/main.ts", "ui", "--kubeconfig", kubeconfig.path],
    visit: async (url) => assert.match(await (await fetch(url)).text(), /<title>Databricks objects</),
  });
  assert.match(out, /^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/\n$/);
  assert.match(
    err,
    /^You may not list the objects of all namespaces, so this shows namespace "team" only; .*\n$/,
  );
  assert.equal(code, 0);
});
