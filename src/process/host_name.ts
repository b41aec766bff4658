/**
 * The name of this machine.
 *
 * @module
 */

/** The pod's name, in a pod. The binary may not ask for the host's; outside a pod a lease's holder is known without. */
export function hostName(): string {
  const name = Deno.env.get("HOSTNAME");
  if (name) return name;
  try {
    return Deno.hostname();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return "localhost";
    throw error;
  }
}
