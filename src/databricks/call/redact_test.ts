import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { redact, textOfBase64 } from "./redact.ts";

Deno.test("a secret that is not base64 has no decoded form to hide", () => {
  for (const value of ["ghp_x", "abcde", "p", "", "pässword!"]) {
    assert.equal(typeof textOfBase64(value), "string", value);
  }
  assert.equal(textOfBase64("czNjcjN0LXcwcmQ="), "s3cr3t-w0rd");
});

for (const before of ["", "a", "ab", "abc", "Bearer "]) {
  Deno.test(`a secret inside the base64 of a longer text is hidden: after ${JSON.stringify(before)}`, () => {
    const secret = "dapi-c4nary/t0ken+9x";
    const shown = redact(`a login page ${btoa(`${before}${secret} https://x.example`)}`, [secret]);
    assert.match(shown, /\*\*\*/);
    // However the rest is cut, it decodes to no part of the secret.
    for (let at = 0; at < shown.length; at++) {
      assert.doesNotMatch(
        Buffer.from(shown.slice(at).split("*")[0] ?? "", "base64").toString("latin1"),
        /c4nary|t0ken/,
      );
    }
  });
}
