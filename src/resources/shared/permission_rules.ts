/**
 * Entries that a list of permissions must have although no manifest names them: an owner, and the operator's own
 * access.
 *
 * @module
 */
import { currentUser, isSameUser } from "../../databricks/current_user.ts";
import type { Completed, PartChange, SpecIssue, Workspace } from "../../resource.ts";
import { principalOf, spellingOf } from "./permission_entries.ts";

const OWNER = "IS_OWNER";
const MANAGER = "CAN_MANAGE";
/** The operator needs one of these levels to continue. */
const MANAGERS: readonly unknown[] = [MANAGER, OWNER];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A change whose list is being completed. */
interface Draft extends Omit<PartChange, "put" | "deleted" | "wanted"> {
  readonly wanted: Record<string, unknown>;
  /** The operator's own user. */
  readonly me: string;
}

/** The list to write: with exactly one owner if the type has owners, and without removing the operator's own access. */
export async function completePermissions(
  workspace: Workspace,
  { wanted, held, asked }: Omit<PartChange, "put" | "deleted">,
  levels: readonly string[],
): Promise<Completed> {
  if (!levels.includes(MANAGER)) return { wanted };
  const me = await currentUser(workspace);
  const draft: Draft = { wanted: { ...wanted }, held, asked, me };
  const issue = refusal(draft) ?? (levels.includes(OWNER) ? keepOwner(draft) : undefined);
  if (issue !== undefined) return { issue };
  keepAccess(draft);
  return { wanted: draft.wanted };
}

/** terraform-provider-databricks refuses it too: "not possible to decrease administrative permissions for the current user". */
function refusal({ asked, held, me }: Draft): SpecIssue | undefined {
  const own = Object.keys(asked).find((name) => isOf(name, me));
  if (own === undefined || MANAGERS.includes(asked[own])) return undefined;
  const isLowered = MANAGERS.includes(valueOf(held, own));
  const goes = Object.entries(held).some(([name, level]) =>
    MANAGERS.includes(level) && !MANAGERS.includes(valueOf(asked, name))
  );
  if (!isLowered && !goes) return undefined;
  return {
    path: "spec.permissions",
    message:
      `"${me}" is the operator's own user, which could not go on with ${asked[own]}: set it to ${MANAGER}, or take ` +
      "it out of the list",
  };
}

/** "The job must have exactly one owner": the current owner stays unless the manifest names another one. */
function keepOwner({ wanted, held, asked, me }: Draft): SpecIssue | undefined {
  const owners = Object.keys(wanted).filter((name) => wanted[name] === OWNER);
  const named = owners.find((name) => valueOf(asked, name) === OWNER);
  for (const other of owners) if (named !== undefined && other !== named) wanted[other] = MANAGER;
  if (owners.length > 0) return undefined;
  const now = Object.keys(held).find((name) => held[name] === OWNER) ?? partOf(me);
  const listed = Object.keys(asked).find((name) => spellingOf(name) === spellingOf(now));
  if (listed !== undefined) {
    const who = Object.values(principalOf(listed))[0];
    const message =
      `"${who}" is the owner, and there has to be one: give it ${OWNER} instead of ${asked[listed]}, or give ` +
      `${OWNER} to somebody else`;
    return { path: "spec.permissions", message };
  }
  wanted[now] = OWNER;
  return undefined;
}

/** Keeps the operator's own entry, and adds one if a removed entry (a group's) may be the one that gives it access. */
function keepAccess({ wanted, held, me }: Draft): void {
  if (Object.keys(wanted).some((name) => isOf(name, me) && MANAGERS.includes(wanted[name]))) return;
  const own = Object.keys(held).find((name) => isOf(name, me));
  const isKept = own !== undefined && MANAGERS.includes(held[own]);
  const goes = Object.entries(held).some(([name, level]) =>
    MANAGERS.includes(level) && !MANAGERS.includes(valueOf(wanted, name))
  );
  if (isKept || goes) wanted[own ?? partOf(me)] = MANAGER;
}

/** The value of a part whose name may be spelt differently. */
function valueOf(parts: Readonly<Record<string, unknown>>, name: string): unknown {
  const alike = Object.keys(parts).find((one) => spellingOf(one) === spellingOf(name));
  return alike === undefined ? undefined : parts[alike];
}

function isOf(name: string, user: string): boolean {
  return !name.startsWith("group:") && isSameUser(Object.values(principalOf(name))[0], user);
}

/** A service principal's user name is its application id. */
function partOf(user: string): string {
  return `${UUID.test(user) ? "service_principal" : "user"}:${user}`;
}
