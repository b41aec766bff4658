import assert from "node:assert/strict";
import { CredentialsError } from "../auth.ts";
import { readSignIn } from "./method.ts";
import { parseProfiles, type Profile, readProfile } from "./profile.ts";

const FILE = `; made by hand
[__settings__]
default_profile = dev # the team's
[DEFAULT]
host = https://default.example
token = dapi-default
[dev]
host=https://dev.example
client_id = robot
client_secret = dose#1 # a secret with a number sign
[both]
host = https://both.example
token = dapi-both
client_id = robot
client_secret = dose
`;

async function profileOf(variables: Record<string, string>, profile?: string | true): Promise<Profile | undefined> {
  const paths: Record<string, string> = { "/home/me/.databrickscfg": FILE, "/other": "[x]\nhost = https://x.example" };
  return await readProfile({
    environment: (name) => ({ HOME: "/home/me", ...variables })[name],
    readFile: (path) => paths[path] === undefined ? Promise.reject(new Error("no")) : Promise.resolve(paths[path]),
    profile,
  });
}

Deno.test("personal credentials are used only with a profile or a variable", async () => {
  assert.equal(await profileOf({}), undefined);
  assert.equal(await profileOf({ DATABRICKS_TOKEN: "dapi" }), undefined);
});

Deno.test("the variables are those of the SDKs, and the file is not read then", async () => {
  const { keys, from } = (await profileOf({
    DATABRICKS_HOST: "https://env.example",
    ARM_CLIENT_ID: "app",
    ARM_TENANT_ID: "tenant",
    ARM_CLIENT_SECRET: "dose",
  }))!;
  assert.deepEqual(keys, {
    host: "https://env.example",
    azure_client_id: "app",
    azure_tenant_id: "tenant",
    azure_client_secret: "dose",
  });
  assert.equal(from, "the environment");
});

Deno.test("a profile is found by name, by DATABRICKS_CONFIG_PROFILE, or as the file's default", async () => {
  assert.equal((await profileOf({}, "DEFAULT"))?.keys.token, "dapi-default");
  assert.equal((await profileOf({ DATABRICKS_CONFIG_PROFILE: "DEFAULT" }))?.keys.token, "dapi-default");
  const { keys, from } = (await profileOf({}, true))!;
  assert.deepEqual(keys, { host: "https://dev.example", client_id: "robot", client_secret: "dose#1" });
  assert.equal(from, 'profile "dev" of "/home/me/.databrickscfg"');
  assert.equal((await profileOf({ DATABRICKS_CONFIG_FILE: "/other" }, "x"))?.keys.host, "https://x.example");
});

Deno.test("variables override the profile's keys", async () => {
  assert.equal((await profileOf({ DATABRICKS_TOKEN: "dapi-env" }, "DEFAULT"))?.keys.token, "dapi-env");
});

Deno.test("the error for a missing profile names the existing ones, and a missing file is named", async () => {
  await assert.rejects(profileOf({}, "prod"), {
    name: "CredentialsError",
    message:
      '"/home/me/.databrickscfg" has no profile "prod": it has "DEFAULT", "dev", "both"; choose one with --profile',
  });
  await assert.rejects(profileOf({ DATABRICKS_CONFIG_FILE: "/none" }, "x"), CredentialsError);
});

Deno.test("a profile with two methods is rejected like a Secret with two methods", async () => {
  const { keys } = (await profileOf({}, "both"))!;
  const secret = Object.fromEntries(Object.entries(keys).map(([key, text]) => [key, new TextEncoder().encode(text)]));
  assert.throws(() => readSignIn({ secret }), /more than one way to sign in is configured: pat .* and oauth-m2m/);
});

Deno.test("a number sign starts a comment only after a space, and lines before the first section are ignored", () => {
  const sections = parseProfiles("host = lost\n[a]\r\nx = 1#2\r\n# y = 3\n;z = 4\nv: w\n");
  assert.deepEqual([...sections], [["a", { x: "1#2", v: "w" }]]);
});
