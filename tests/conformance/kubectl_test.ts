/**
 * The real kubectl on the embedded API: a session, command by command, with the expected output.
 *
 * @module
 */
import { isInstalled } from "../support/programs.ts";
import assert from "node:assert/strict";
import { stringify } from "yaml";
import { type ServedKubernetes, serveKubernetes } from "../../mock/kubernetes/serve.ts";
import { widgetDefinition } from "./widget.ts";

const group = "kubectl.example.com";
/** kubectl reads YAML 1.1, where a bare `n` is false. */
const YAML = { version: "1.1" } as const;

/** One command. */
interface Step {
  readonly args: string;
  /** Its standard input. */
  readonly input?: unknown;
  /** Matches its output, on either stream. */
  readonly prints: RegExp | readonly RegExp[];
  /** True if it must fail. */
  readonly fails?: boolean;
  readonly env?: Record<string, string>;
}

const widget = (size: number, more: Record<string, unknown> = {}) => ({
  apiVersion: `${group}/v1`,
  kind: "Widget",
  metadata: { name: "w" },
  spec: { size, ...more },
});
const settings = (data: Record<string, string>) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "c" },
  data,
});

const listOf = (...items: unknown[]) => ({ apiVersion: "v1", kind: "List", items });

const session: readonly Step[] = [
  { args: "version", prints: /Server Version: v1\.\d+/ },
  { args: "apply -f -", input: widgetDefinition(group), prints: /widgets.kubectl.example.com created/ },
  { args: "wait --for=condition=Established crd/widgets.kubectl.example.com", prints: /condition met/ },
  { args: "apply -f -", input: widgetDefinition(group), prints: /widgets.kubectl.example.com (unchanged|configured)/ },
  { args: "get --raw /readyz", prints: /^ok$/ },
  { args: "get --raw /apis/kubectl.example.com/v1", prints: /"name":\s*"widgets\/status"/ },
  {
    args: "get --raw /apis/none.example.com/v1",
    prints: /the server could not find the requested resource/,
    fails: true,
  },
  { args: "auth can-i --list", prints: /^\*\.\* +\[\] +\[\] +\[\*\]$/m },
  {
    args: "api-resources",
    prints: [/^configmaps +cm +v1 +true +ConfigMap$/m, /^widgets +\S+ +kubectl.example.com\/v1 +true +Widget$/m],
  },
  { args: "api-versions", prints: /^kubectl.example.com\/v1$/m },
  { args: "explain widget.spec", prints: [/KIND: +Widget/, /size\t<integer> -required-\n +How large it is\./] },
  { args: "explain widgets --recursive", prints: /conditions\t<\[\]Object>/ },
  { args: "explain configmap.data", prints: /FIELD: data <map\[string\]string>/ },
  { args: "create namespace team", prints: /namespace\/team created/ },
  { args: "create configmap c --from-literal=a=1", prints: /configmap\/c created/ },
  { args: "create secret generic s --from-literal=token=x", prints: /secret\/s created/ },
  { args: "create -f -", input: widget(1), prints: /widget.kubectl.example.com\/w created/ },
  { args: "create -f -", input: widget(1), prints: /widgets.kubectl.example.com "w" already exists/, fails: true },
  {
    args: "create -f -",
    input: { ...widget(5000), metadata: { name: "x" } },
    prints: /spec: Invalid value: failed rule/,
    fails: true,
  },
  { args: "apply -f -", input: widget(2, { zap: 1 }), prints: /unknown field "spec.zap"/, fails: true },
  { args: "apply -f -", input: widget(2, { names: ["a"] }), prints: /widget.kubectl.example.com\/w configured/ },
  { args: "apply -f -", input: widget(2, { names: ["a"] }), prints: /widget.kubectl.example.com\/w unchanged/ },
  { args: "apply -f -", input: widget(2), prints: /widget.kubectl.example.com\/w configured/ },
  { args: "get widget w -o jsonpath={.spec}", prints: /^\{"color":"red","size":2\}$/ },
  { args: "apply -f -", input: settings({ b: "2" }), prints: /configmap\/c configured/ },
  { args: "apply -f -", input: settings({ d: "4" }), prints: /configmap\/c configured/ },
  { args: "get configmap c -o jsonpath={.data}", prints: /^\{"a":"1","d":"4"\}$/ },
  {
    args: "apply --server-side -f -",
    input: { ...widget(3), metadata: { name: "own" } },
    prints: /own serverside-applied/,
  },
  {
    args: "apply --server-side --field-manager=other -f -",
    input: { ...widget(4), metadata: { name: "own" } },
    prints: /conflict with "kubectl": \.spec\.size/,
    fails: true,
  },
  {
    args: "apply --server-side --force-conflicts --field-manager=other -f -",
    input: { ...widget(4), metadata: { name: "own" } },
    prints: /own serverside-applied/,
  },
  { args: "apply --server-side --force-conflicts -f -", input: widget(2), prints: /\/w serverside-applied/ },
  { args: "diff -f -", input: widget(7), prints: /\+ {2}size: 7/, fails: true },
  { args: "get widgets", prints: /^NAME +SIZE +READY +AGE\nown +4 +\d+s\nw +2 +\d+s$/m },
  { args: "get widgets -o wide", prints: /^NAME +SIZE +READY +COLOR +AGE\nown +4 +red/m },
  { args: "get widget w -o yaml", prints: [/^kind: Widget$/m, /^ {2}size: 2$/m] },
  { args: "get widget w -o json", prints: /"size": 2/ },
  { args: "get widgets -o name", prints: /widget.kubectl.example.com\/w/ },
  { args: "get widgets,configmaps -A", prints: [/configmap\/kube-root-ca.crt/, /widget.kubectl.example.com\/w/] },
  { args: "get secrets", prints: /^s +Opaque +1 +\d+s$/m },
  { args: "get namespaces", prints: /^team +Active +\d+s$/m },
  { args: "get widgets --chunk-size=1 -o name", prints: /own\n.*\/w/ },
  { args: "get none", prints: /the server doesn't have a resource type "none"/, fails: true },
  {
    args: "get widget none",
    prints: /Error from server \(NotFound\): widgets.kubectl.example.com "none" not found/,
    fails: true,
  },
  { args: "label widget w team=data", prints: /\/w labeled/ },
  { args: "get widgets -l team=data -o name", prints: /^widget.kubectl.example.com\/w\n$/ },
  { args: "annotate configmap c note=x", prints: /configmap\/c annotated/ },
  { args: `patch widget w --type merge -p {"spec":{"size":5}}`, prints: /\/w patched/ },
  { args: `patch widget w --type json -p [{"op":"replace","path":"/spec/size","value":6}]`, prints: /\/w patched/ },
  { args: `patch configmap c -p {"data":{"e":"5"}}`, prints: /configmap\/c patched/ },
  {
    args:
      `patch widget w --subresource status --type merge -p {"status":{"conditions":[{"type":"Ready","status":"True"}]}}`,
    prints: /patched/,
  },
  { args: "wait --for=condition=Ready --timeout=10s widget/w", prints: /\/w condition met/ },
  { args: "wait --for=jsonpath={.spec.size}=6 --timeout=10s widget/w", prints: /\/w condition met/ },
  { args: "edit widget w", prints: /\/w edited/, env: { KUBE_EDITOR: "sed -i s/size:.6/size:\\ 8/" } },
  { args: "get widget w -o jsonpath={.spec.size}", prints: /^8$/ },
  { args: "describe widget w", prints: [/^Name: +w$/m, /Size: +8/, /Events: +<none>/] },
  { args: "describe secret s", prints: /token: +1 bytes/ },
  { args: "describe namespace team", prints: /Status: +Active/ },
  { args: "auth can-i delete secrets", prints: /yes/ },
  { args: "auth whoami", prints: /Username +admin/ },
  { args: "replace -f -", input: settings({ z: "9" }), prints: /configmap\/c replaced/ },
  { args: "apply -f -", input: listOf(settings({ z: "9" })), prints: /configmap\/c configured/ },
  {
    args: "apply -f -",
    input: listOf({ ...settings({}), dta: {} }),
    prints: /unknown field "dta" in io.k8s.api.core.v1.ConfigMap/,
    fails: true,
  },
  { args: "create deployment web --image=web", prints: /deployment.apps\/web created/ },
  { args: "get deployments", prints: /^web +0\/1 +\d+s$/m },
  { args: "get all", prints: /deployment.apps\/web/ },
  { args: "create role reader --verb=get --resource=secrets", prints: /reader created/ },
  { args: "create rolebinding reader --role=reader --serviceaccount=default:default", prints: /reader created/ },
  { args: "get rolebindings", prints: /^reader +Role\/reader +\d+s$/m },
  { args: "auth can-i --list", prints: /^\*\.\* +\[\] +\[\] +\[\*\]$/m },
  { args: "get --raw /", prints: /"\/apis\/apps\/v1"/ },
  { args: "get --raw /apis/apps/v1/", prints: /"name":"deployments\/status"/ },
  { args: "delete widget own", prints: /"own" deleted/ },
  { args: "delete widgets -l team=data", prints: /"w" deleted/ },
  { args: "delete namespace team", prints: /namespace "team" deleted/ },
  { args: "delete crd widgets.kubectl.example.com", prints: /deleted/ },
  { args: "get widgets", prints: /NotFound|doesn't have a resource type "widgets"/, fails: true },
];

const hasKubectl = isInstalled("kubectl");
const name = hasKubectl
  ? "kubectl works on the embedded API"
  : "kubectl works on the embedded API (needs kubectl on the PATH)";

Deno.test({
  name,
  ignore: !hasKubectl,
  fn: async (test) => {
    await using served = await serveKubernetes();
    const home = await Deno.makeTempDir();
    const config = `${home}/config`;
    await Deno.writeTextFile(config, served.kubeconfig);
    for (const step of session) await test.step(`kubectl ${step.args.slice(0, 70)}`, () => run(step, config, home));
    await test.step("kubectl describe shows an object's Events", () => describe(served, config, home));
    await test.step("kubectl get --watch shows changes", () => watch(served, config, home));
    await Deno.remove(home, { recursive: true });
  },
});

async function run(
  { args, input, prints, fails = false, env = {} }: Step,
  config: string,
  home: string,
): Promise<void> {
  const child = new Deno.Command("kubectl", {
    args: ["--kubeconfig", config, ...args.split(" ")],
    env: { HOME: home, ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input === undefined ? "" : stringify(input, YAML))).catch(() => {});
  await writer.close().catch(() => {});
  const { success, stdout, stderr } = await child.output();
  const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  for (const pattern of [prints].flat()) assert.match(text, pattern);
  assert.equal(success, !fails, text);
}

/** Sends a request as the user admin. */
async function ask(served: ServedKubernetes, method: string, path: string, body?: unknown): Promise<unknown> {
  const headers = { authorization: `Bearer ${served.api.token}`, "content-type": "application/json" };
  const answer = await fetch(`${served.plainUrl}${path}`, {
    method,
    headers,
    ...body !== undefined && { body: JSON.stringify(body) },
  });
  return await answer.json();
}

const DEFAULT = "/api/v1/namespaces/default";

async function describe(served: ServedKubernetes, config: string, home: string): Promise<void> {
  const { metadata } = await ask(served, "GET", `${DEFAULT}/configmaps/c`) as { metadata: { uid: string } };
  const involvedObject = { apiVersion: "v1", kind: "ConfigMap", name: "c", namespace: "default", uid: metadata.uid };
  const seen = { firstTimestamp: "2020-01-01T00:00:00Z", lastTimestamp: "2020-01-01T00:00:00Z", count: 2 };
  const said = { reason: "Grown", message: "It is larger", type: "Normal", source: { component: "test" } };
  await ask(served, "POST", `${DEFAULT}/events`, { metadata: { name: "e" }, involvedObject, ...said, ...seen });
  await run({ args: "describe configmap c", prints: /Normal +Grown +.* +test +It is larger/ }, config, home);
  await run({ args: "get events", prints: /Normal +Grown +configmap\/c +It is larger/ }, config, home);
}

/** Watches until kubectl has printed the creation of an object and its deletion. */
async function watch(served: ServedKubernetes, config: string, home: string): Promise<void> {
  const args = ["--kubeconfig", config, "get", "configmaps", "--watch", "--output-watch-events"];
  const child = new Deno.Command("kubectl", { args, env: { HOME: home }, stdout: "piped", stderr: "null" }).spawn();
  let text = "";
  const reading = (async () => {
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) text += chunk;
  })();
  await told(() => text, /ADDED +kube-root-ca.crt/);
  await ask(served, "POST", `${DEFAULT}/configmaps`, { metadata: { name: "seen" } });
  await told(() => text, /ADDED +seen +0 +\d+s/);
  await ask(served, "DELETE", `${DEFAULT}/configmaps/seen`);
  await told(() => text, /DELETED +seen/);
  child.kill("SIGTERM");
  await child.status;
  await reading;
}

async function told(text: () => string, pattern: RegExp): Promise<void> {
  for (const end = performance.now() + 20_000; performance.now() < end;) {
    if (pattern.test(text())) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.match(text(), pattern);
}
