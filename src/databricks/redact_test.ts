import assert from "node:assert/strict";
import { textOfBase64 } from "./redact.ts";

Deno.test("a value that is no base64 keeps nothing from being sent: it stands for no other text", () => {
  for (const value of ["ghp_x", "abcde", "p", "", "pässword!"]) {
    assert.equal(typeof textOfBase64(value), "string", value);
  }
  assert.equal(textOfBase64("czNjcjN0LXcwcmQ="), "s3cr3t-w0rd");
});
