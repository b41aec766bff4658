/**
 * Keeps secrets out of messages: an error from Databricks, or from a proxy on the way, may repeat the request.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** A truncated secret is recognized by this many characters at its beginning. */
const PREFIX = 8;
const MASK = "***";

/**
 * A text without secrets, in any form: plain, in base64, percent-encoded, or escaped as in JSON; also if only their
 * beginning is there. A secret that is too short to be found among other words masks the whole text.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { redact } from "./redact.ts";
 *
 * assert.equal(redact('value "s3cr3t-w0rd" is wrong', ["s3cr3t-w0rd"]), 'value "***" is wrong');
 * assert.equal(redact("s3cr3t-w0… is too long", ["s3cr3t-w0rd"]), "***… is too long");
 * assert.equal(redact(btoa("Bearer s3cr3t-w0rd and more"), ["s3cr3t-w0rd"]).includes("czNj"), false);
 * assert.equal(redact("a bad value", ["a"]), "*** (not shown, since it may hold a secret)");
 * ```
 */
export function redact(text: string, secrets: readonly string[]): string {
  let shown = text;
  for (const secret of secrets) {
    for (const form of formsOf(secret)) {
      if (form.length >= PREFIX) shown = mask(shown, form);
      else if (shown.includes(form)) return `${MASK} (not shown, since it may hold a secret)`;
    }
  }
  return shown;
}

/** The longest first, so that none is masked only in part. */
function formsOf(secret: string): string[] {
  if (secret === "") return [];
  const bytes = Buffer.from(secret);
  const forms = [
    secret,
    secret.trim(),
    ...secret.split(/\s+/),
    bytes.toString("base64"),
    bytes.toString("base64url"),
    ...[1, 2].map((before) => withinBase64(bytes, before)),
    encodeURIComponent(secret.toWellFormed()),
    JSON.stringify(secret).slice(1, -1),
  ];
  const isTelling = (form: string) => form === secret || form.length >= PREFIX;
  return [...new Set(forms)].filter((form) => form !== "" && isTelling(form)).sort((a, b) => b.length - a.length);
}

/**
 * The secret within the base64 of a longer text, such as a whole header, where `before` bytes more than a multiple of
 * three precede it: without the characters that the surrounding text also determines.
 */
function withinBase64(secret: Buffer, before: number): string {
  return Buffer.concat([Buffer.alloc(before), secret]).toString("base64").replace(/=+$/, "").slice(before + 1, -1);
}

/** Masks every passage that begins like the secret, as far as it matches. */
function mask(text: string, secret: string): string {
  const pieces: string[] = [];
  const prefix = secret.slice(0, PREFIX);
  let from = 0;
  for (let at = text.indexOf(prefix); at >= 0; at = text.indexOf(prefix, from)) {
    let end = at + PREFIX;
    while (end < text.length && text[end] === secret[end - at]) end++;
    pieces.push(text.slice(from, at), MASK);
    from = end;
  }
  return pieces.length === 0 ? text : pieces.join("") + text.slice(from);
}

/** The decoded text of base64; empty for other text. Deno 2.4 throws on text of some lengths, such as `ghp_x`. */
export function textOfBase64(text: string): string {
  try {
    return Buffer.from(text, "base64").toString();
  } catch {
    return "";
  }
}
