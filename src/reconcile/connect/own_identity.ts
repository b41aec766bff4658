/**
 * Decides who may use the operator's own identity: its ServiceAccount's token for Databricks, Entra Workload ID, and
 * the managed identity of its machine.
 *
 * The proofs of that identity, and the tokens issued for it, must reach nobody but Databricks and Entra: whoever reads
 * one can act as every principal that trusts the operator, in every workspace. A namespace other than the operator's
 * own chooses its host, its authorities and its proxy, so these are checked, too.
 *
 * @module
 */
import { specialOf } from "../../databricks/address.ts";
import type { Network } from "../../databricks/call/transport.ts";

/** A use of the operator's own identity. */
export interface OwnUse {
  /** The client of Databricks or Entra; `undefined` if the sign-in names none. */
  readonly clientId: string | undefined;
  /** The workspace, as in {@link SignIn}. */
  readonly host: string;
  readonly network?: Network | undefined;
}

/**
 * Returns the reason why a namespace may not use the operator's own identity this way, and the remedy; `undefined` if
 * it may.
 */
export type OwnIdentityRule = (namespace: string, use: OwnUse) => string | undefined;

/** The domains of workspaces (Python SDK 0.162.0, environments.py). Only Databricks serves there. */
const DOMAINS =
  /^https:\/\/[a-z0-9.-]+\.(cloud\.databricks\.(com|us)|gcp\.databricks\.com|azuredatabricks\.net|databricks\.azure\.(us|cn))$/;

/** Without entries, only the operator's own namespace may, whose settings are its administrator's. */
const NOT_LISTED = "have it allowed by the chart value federation.ownIdentity.namespaces (--own-identity)";

/**
 * The rule of `--own-identity` entries: `<namespace>=<client_id>`, for the hosts of Databricks' domains, or
 * `<namespace>=<client_id>@<host>` for one other.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { ownIdentityRule } from "./own_identity.ts";
 *
 * const rule = ownIdentityRule("operators", ["team-a=sp-1"]);
 * assert.equal(rule("team-a", { clientId: "sp-1", host: "https://adb-1.7.azuredatabricks.net" }), undefined);
 * assert.match(rule("team-a", { clientId: "sp-1", host: "https://thief.example" }) ?? "", /no address of Databricks/);
 * assert.match(rule("team-b", { clientId: "sp-1", host: "https://adb-1.7.azuredatabricks.net" }) ?? "", /have it allowed/);
 * ```
 */
export function ownIdentityRule(operatorNamespace: string | undefined, entries: readonly string[]): OwnIdentityRule {
  const allowed = entries.map(readEntry);
  return (namespace, { clientId, host, network }) => {
    if (namespace === operatorNamespace) return undefined;
    const listed = allowed.filter((entry) => entry.namespace === namespace && entry.clientId === clientId);
    if (listed.length === 0) return NOT_LISTED;
    if (network !== undefined) {
      return "on this namespace's own way it could be read: remove proxy and ca.crt, or set them for the whole operator " +
        "(HTTPS_PROXY, DENO_CERT)";
    }
    const { origin } = new URL(host);
    if (listed.some((entry) => isAllowed(origin, entry.host))) return undefined;
    return `host "${origin}" is no address of Databricks that is known here: correct it, or ${NOT_LISTED} as ` +
      "<client_id>@<host>";
  };
}

/** Without TLS everybody on the way could read the token, except for a workspace on this machine. */
function isAllowed(origin: string, named: string | undefined): boolean {
  const { protocol, host, hostname } = new URL(origin);
  if (named === undefined) return DOMAINS.test(origin);
  const address = `${protocol}//${named}`;
  return URL.canParse(address) && host === new URL(address).host &&
    (protocol === "https:" || specialOf(hostname) === "loopback");
}

function readEntry(entry: string): { namespace: string; clientId: string; host: string | undefined } {
  const [namespace = "", rest = ""] = entry.split(/=(.*)/s);
  const [clientId = "", host] = rest.split("@");
  return { namespace, clientId, host };
}
