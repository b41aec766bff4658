/**
 * The error with which a cut connection's body fails.
 *
 * @module
 */
import { ConnectionCut } from "../injection.ts";

/** An error without a stack: some runtimes print the errors of bodies, and one line is enough of it. */
export function cutError(): ConnectionCut {
  const error = new ConnectionCut();
  error.stack = `${error.name}: ${error.message}`;
  return error;
}
