/**
 * Reads the claims of a JWT. Its signature is for others to check.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** The claims of a token; none of text that is no JWT. They are no secrets. */
export function claimsOf(token: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  } catch {
    return {};
  }
}
