import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { CredentialsError, type CredentialsOptions, readCredentials } from "./auth.ts";

/** The data of an API Secret. */
function secret(url: string, token = "dapi123"): Record<string, Uint8Array> {
  return { databricks_url: bytes(url), access_token: bytes(token) };
}

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text));
}

/** What {@link readCredentials} throws. */
function problem(data: Record<string, Uint8Array>, options: CredentialsOptions = {}): string {
  try {
    readCredentials(data, options);
  } catch (error) {
    assert.ok(error instanceof CredentialsError, String(error));
    return error.message;
  }
  return "";
}

Deno.test("databricks_url is a workspace's origin, with or without what people write around it", () => {
  const table: [url: string, host: string][] = [
    ["https://adb-1.azuredatabricks.net/api", "https://adb-1.azuredatabricks.net"],
    ["https://adb-1.azuredatabricks.net/api/", "https://adb-1.azuredatabricks.net"],
    ["https://adb-1.azuredatabricks.net/", "https://adb-1.azuredatabricks.net"],
    ["https://adb-1.azuredatabricks.net", "https://adb-1.azuredatabricks.net"],
    ["  https://dbc-a1.cloud.databricks.com \n", "https://dbc-a1.cloud.databricks.com"],
    ["HTTPS://DBC-A1.Cloud.Databricks.com", "https://dbc-a1.cloud.databricks.com"],
    ["https://proxy.example.com:8443/api", "https://proxy.example.com:8443"],
    ["http://localhost:8099/api", "http://localhost:8099"],
    ["http://127.0.0.1:8099", "http://127.0.0.1:8099"],
    ["http://[::1]:8099", "http://[::1]:8099"],
  ];
  for (const [url, host] of table) {
    assert.deepEqual(
      readCredentials(secret(url), { allowLoopback: true }),
      { host, token: "dapi123", warnings: [] },
      url,
    );
  }
});

Deno.test("databricks_url that is no workspace is refused, with the way out", () => {
  const table: [url: string, message: RegExp][] = [
    ["adb-1.azuredatabricks.net", /has no scheme/],
    ["ftp://adb-1.azuredatabricks.net", /has no scheme/],
    ["file:///etc/passwd", /has no scheme/],
    ["https://", /is not a URL/],
    ["https://a b", /is not a URL/],
    ["https://host:99999", /is not a URL/],
    ["https://host/?o=123", /more than a host name: write it as https:\/\/host$/],
    ["https://host/#job/1", /more than a host name/],
    ["https://host/api/2.0", /more than a host name/],
    ["https://host/apis", /more than a host name/],
    ["http://169.254.169.254/api", /link-local/],
    ["http://[fe80::1]", /link-local/],
    ["http://[feBF::1]", /link-local/],
    ["http://[::ffff:169.254.169.254]", /link-local/],
    ["http://[64:ff9b::169.254.169.254]", /link-local/],
    ["http://0xa9fea9fe", /link-local/],
    ["http://2852039166", /link-local/],
    ["https://[FEBF::1]", /link-local/],
    ["https://2852039166", /link-local/],
    ["https://0xa9.254.43518", /link-local/],
    ["https://[::ffff:169.254.169.254]", /link-local/],
    ["https://metadata.google.internal./api", /metadata service/],
    ["https://100.100.100.200", /metadata service/],
    ["https://[fd00:ec2:0::254]", /metadata service/],
    ["https://good@evil.example.com", /user or password before "@"/],
    ["https://adb-1.azuredatabricks.net\\@evil.example.com", /more than a host name/],
  ];
  for (const [url, message] of table) assert.match(problem(secret(url)), message, url);
});

Deno.test("the user and password of a URL are in no error", () => {
  for (const url of ["https://user:hunter2@host", "https://user:hunter2@host/api/2.0", "https://hunter2@host:99999"]) {
    const message = problem(secret(url));
    assert.notEqual(message, "");
    assert.ok(!message.includes("hunter2"), message);
  }
  assert.match(problem(secret("https://user:hunter2@host")), /user or password before "@": remove it/);
});

Deno.test("plain http to another machine is accepted with a warning", () => {
  const { host, warnings } = readCredentials(secret("http://proxy.internal:8080/api"));
  assert.equal(host, "http://proxy.internal:8080");
  assert.deepEqual(warnings, [
    'databricks_url "http://proxy.internal:8080" is not https: the token travels unencrypted',
  ]);
});

Deno.test("access_token is taken without the line end that an editor puts there", () => {
  assert.equal(readCredentials(secret("https://host", " dapi123\r\n")).token, "dapi123");
});

Deno.test("access_token that could be no token is refused, and is not in the error", () => {
  for (const token of ["two words", "line\nbreak", "tökén", "a\u0000b", "“dapi”"]) {
    const message = problem(secret("https://host", token));
    assert.match(message, /^key "access_token" holds characters/);
    assert.ok(!message.includes(token));
  }
});

Deno.test("a key that is missing, empty or not text is named", () => {
  for (const key of ["databricks_url", "access_token"]) {
    const { [key]: _removed, ...rest } = secret("https://host");
    assert.equal(problem(rest), `key "${key}" is missing: add it`);
    assert.equal(problem({ ...rest, [key]: bytes(" \n") }), `key "${key}" is empty: fill it in`);
    assert.match(problem({ ...rest, [key]: new Uint8Array([0xff, 0xfe]) }), new RegExp(`^key "${key}" is not UTF-8`));
  }
});

Deno.test("a workspace on the operator's own machine is refused unless that is allowed", () => {
  const urls = [
    "http://localhost:8099",
    "http://LOCALHOST.:8099",
    "http://mock.localhost",
    "http://127.1",
    "http://2130706433",
    "http://0.0.0.0",
    "http://[::1]",
    "http://[::]",
    "http://[::ffff:127.0.0.1]",
  ];
  for (const url of urls) {
    assert.match(problem(secret(url)), /own machine: .* run with --allow-loopback$/, url);
    assert.equal(problem(secret(url), { allowLoopback: true }), "", url);
  }
});
