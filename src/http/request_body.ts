/**
 * Requests that the runtime must not send twice.
 *
 * @module
 */

/**
 * A request's body that is sent once at most.
 *
 * Deno's `fetch` sends a request again by itself when a connection that was used before closes without an answer, also a
 * POST that may have had its effect: a job would be made twice. It does so only where it holds the whole body, which it
 * does of a text and not of a Blob. Both are sent with their length.
 */
export function sentOnce(text: string): Blob {
  return new Blob([text]);
}
