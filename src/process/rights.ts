/**
 * Compares the permissions of the process, as the runtime reports them, with those that it needs.
 *
 * @module
 */
import { DENIED_ADDRESSES } from "./permissions.ts";

/** A permission that the operator never uses. */
interface Unneeded {
  readonly what: string;
  isAllowed(): Promise<boolean>;
}

const asks = async (descriptor: Deno.PermissionDescriptor) =>
  (await Deno.permissions.query(descriptor)).state === "granted";

const unneeded: readonly Unneeded[] = [
  { what: "run programs", isAllowed: () => asks({ name: "run" }) },
  { what: "load native libraries", isAllowed: () => asks({ name: "ffi" }) },
  { what: "write files", isAllowed: () => asks({ name: "write" }) },
  { what: "ask the system about itself", isAllowed: () => asks({ name: "sys" }) },
  { what: "read any environment variable", isAllowed: () => asks({ name: "env" }) },
  {
    what: "connect to addresses that hand out a machine's credentials",
    isAllowed: async () => {
      const hosts = DENIED_ADDRESSES.map((address) => address.replace("169.254.0.0/16", "169.254.169.254"));
      for (const host of hosts) if (await asks({ name: "net", host })) return true;
      return false;
    },
  },
];

/** Sorts the permissions that the operator never uses: those that this process has, and those that it has not. */
export async function findRights(): Promise<{ allowed: string[]; refused: string[] }> {
  const answers = await Promise.all(unneeded.map(async ({ what, isAllowed }) => ({ what, is: await isAllowed() })));
  const those = (is: boolean) => answers.filter((answer) => answer.is === is).map(({ what }) => what);
  return { allowed: those(true), refused: those(false) };
}

/**
 * One line for the log.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { describeRights } from "./rights.ts";
 *
 * assert.deepEqual(describeRights({ allowed: [], refused: ["run programs", "write files"] }), {
 *   level: "info",
 *   text: "This process cannot: run programs, write files",
 * });
 * ```
 */
export function describeRights(
  { allowed, refused }: { allowed: readonly string[]; refused: readonly string[] },
): { level: "info" | "warning"; text: string } {
  if (allowed.length === 0) return { level: "info", text: `This process cannot: ${refused.join(", ")}` };
  const remedy = "the binary and the image may do none of it";
  return { level: "warning", text: `This process may do what it never needs: ${allowed.join(", ")}; ${remedy}` };
}
