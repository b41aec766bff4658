/**
 * The error of a body whose connection is cut.
 *
 * @module
 */
import { ConnectionCut } from "../injection.ts";

/** An error without a stack: some runtimes print the errors of bodies, and one line is enough. */
export function cutError(): ConnectionCut {
  const error = new ConnectionCut();
  error.stack = `${error.name}: ${error.message}`;
  return error;
}
