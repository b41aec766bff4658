/**
 * Text as base64, and back.
 *
 * @module
 */

/** Encodes text, as UTF-8. */
export function encodeBase64(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}

/** Decodes text. @throws {SyntaxError} when it is not base64. */
export function decodeBase64(text: string): string {
  return new TextDecoder().decode(Uint8Array.fromBase64(text));
}
