import assert from "node:assert/strict";
import { comparison } from "./figures.ts";

const results = `# Results

## create

| jobs | revision | s  | calls | CPU s | peak MB |
| ---- | -------- | -- | ----- | ----- | ------- |
| 200  | 98643be  | 29 | 206   | 1.4   | 90      |
| 200  | this one | 29 | 204   | 1.2   | 104     |
| 1000 | this one | 51 | 1047  | 6.8   | 116     |

## steady

| jobs | s   | calls | CPU s | peak MB |
| ---- | --- | ----- | ----- | ------- |
| 200  | 300 | 47    | 0.5   | 98      |
`;

Deno.test("the comparison shows the measured figures", () => {
  const text = comparison(results);
  assert.match(text, /\| 204 calls, 1\.2 s +\|/);
  assert.match(text, /\| 9 calls, 0\.1 CPU s +\|/);
  assert.match(text, /\| 98 to 104 MB +\|/);
});

Deno.test("a comparison without measured figures fails", () => {
  assert.throws(() => comparison(results.replace("## steady", "## at rest")), /no row "steady" with 200 jobs/);
});
