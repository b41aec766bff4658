/**
 * Converts bytes to base64 and back, with `Buffer`, which every runtime provides.
 *
 * @module
 */
import { Buffer } from "node:buffer";

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/** Encodes bytes, or text as UTF-8. */
export function encodeBase64(content: string | Uint8Array): string {
  return Buffer.from(content as string).toString("base64");
}

/** Decodes to bytes, ignoring white space. @throws {SyntaxError} if the text is not base64. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const bare = text.replace(/\s+/g, "");
  if (!BASE64.test(bare)) throw new SyntaxError("This is not base64");
  return new Uint8Array(Buffer.from(bare, "base64"));
}
