/**
 * Reads the route to a workspace from the keys of the API Secret and the ConfigMap: authorities, a proxy, and the
 * workspace's id for a host that serves several.
 *
 * @module
 */
import { specialOf } from "../address.ts";
import { CredentialsError, type CredentialsOptions } from "../auth.ts";
import type { Network } from "../call/transport.ts";

/** The keys of the route. A proxy with a password belongs in the Secret. */
export const NETWORK_KEYS = ["ca.crt", "proxy", "workspace_id"] as const;

/** Protocols of proxies (`Deno.Proxy`). */
const PROTOCOLS = ["http:", "https:", "socks5:"];

/**
 * The route to a workspace; `undefined` if it is the process's own.
 *
 * @throws {CredentialsError} that names the key and the remedy.
 */
export function readNetwork(keys: ReadonlyMap<string, string>, options: CredentialsOptions): Network | undefined {
  const bundle = keys.get("ca.crt");
  const proxy = keys.get("proxy");
  if (!bundle && !proxy) return undefined;
  return { ...bundle && { caCerts: [checked(bundle)] }, ...proxy && { proxy: readProxy(proxy, options) } };
}

/**
 * The address that identifies a workspace. For a host that serves several it contains the workspace's id, as in the
 * address of the web page (docs: "Workspace URL and ID"): objects of one must not be mistaken for those of another.
 *
 * @throws {CredentialsError}
 */
export function addressWithId(origin: string, id: string | undefined): string {
  if (!id) return origin;
  if (!/^\d{1,20}$/.test(id)) {
    throw new CredentialsError(
      `key "workspace_id" is no number: take the digits behind "?o=" in the workspace's address`,
    );
  }
  return `${origin}/?o=${id}`;
}

/** The id in such an address. */
export function workspaceIdOf(host: string): string | undefined {
  return new URL(host).searchParams.get("o") ?? undefined;
}

/**
 * A bundle of certificates that the runtime can use: for an unusable one it reports nothing, or fails at each request.
 */
function checked(bundle: string): string {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(bundle)) {
    throw new CredentialsError(`key "ca.crt" holds a private key: put only certificates there, and replace that key`);
  }
  if (!/-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/.test(bundle)) {
    throw new CredentialsError(
      `key "ca.crt" holds no certificate: write it as PEM, from -----BEGIN CERTIFICATE----- on`,
    );
  }
  try {
    Deno.createHttpClient({ caCerts: [bundle] }).close();
  } catch (cause) {
    throw new CredentialsError(
      `key "ca.crt" holds a certificate that cannot be read (${(cause as Error).message}): check it with ` +
        "openssl x509 -in ca.crt -noout -text",
      { cause },
    );
  }
  return bundle;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new CredentialsError(`key "proxy" holds a user or password that is not percent-encoded: write % as %25`);
  }
}

/** Errors do not repeat the address, which may hold a password. */
function readProxy(value: string, { allowLoopback = false }: CredentialsOptions): NonNullable<Network["proxy"]> {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !PROTOCOLS.includes(url.protocol) || url.hostname === "") {
    throw new CredentialsError(`key "proxy" is not the address of a proxy: write it as http://<host>:<port>`);
  }
  const special = specialOf(url.hostname);
  if (special !== undefined && !(special === "loopback" && allowLoopback)) {
    throw new CredentialsError(`key "proxy" is an address at which no proxy may be (${special}): name another host`);
  }
  const { username, password } = url;
  url.username = url.password = "";
  const basicAuth = { username: decoded(username), password: decoded(password) };
  return { url: url.href, ...username !== "" && { basicAuth } };
}
