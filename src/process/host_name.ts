/**
 * The name of this machine.
 *
 * @module
 */

/**
 * The pod's name, in a pod. The binary has no permission to ask for the host's name, and outside a pod a lease's holder
 * needs none.
 */
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
