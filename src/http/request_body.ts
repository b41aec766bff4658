/**
 * Bodies of requests that the runtime must not send twice.
 *
 * @module
 */

/**
 * A request's body that is sent at most once.
 *
 * Deno's `fetch` repeats a request by itself when a reused connection closes without an answer, even a POST that may
 * have had its effect: a job would be created twice. It does so only if it holds the whole body, as it does of a
 * string, but not of a Blob. Both are sent with their length.
 */
export function sentOnce(text: string): Blob {
  return new Blob([text]);
}
