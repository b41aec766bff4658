import assert from "node:assert/strict";
import * as z from "zod";
import { type DocsSource, pageOf, toPage, toReference } from "./docs.ts";

const Size = z.object({ width: z.int().describe("In metres | feet") });

const thing: DocsSource = {
  kind: "Thing",
  plural: "things",
  shortNames: ["th"],
  description: "A thing",
  spec: z.object({ secret: z.string(), first: Size, rest: z.array(Size).optional() }),
  printerColumns: [{ name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" }],
  rules: [{ at: ["first"], rule: "true", message: "be positive" }],
  fields: { immutable: ["first"] },
  desiredPath: "spec",
  reference: (spec) => ({ name: String(spec.secret), field: "spec.secret" }),
  examples: [{ title: "A small one", spec: { secret: "login", first: { width: 1 } }, secret: { token: "t" } }],
};

const page = toPage(thing);

const claims: Record<string, RegExp> = {
  "names the kind and its short names": /^# Thing\n[^]*\n\nA thing\.\n\n`kubectl get things`, for short `th`/,
  "shows an example after the Secret that it needs": /kind: Secret\n[^]*name: login\n[^]*---\n[^]*kind: Thing\n/,
  "tells the rules": /- `spec\.first`: be positive\.\n- Cannot be changed after creation: `spec\.first`\./,
  "marks a required field": /\| \*\*`secret`\*\* \| string \|/,
  "escapes characters that would end a cell": /In metres \\\| feet/,
  "links a shape that occurs again to its first table": /`rest` \| \[list of object\]\(#thing-spec-first\)/,
  "lists the columns": /\| Age \| `\.metadata\.creationTimestamp` \| always \|/,
};

for (const [claim, pattern] of Object.entries(claims)) {
  Deno.test(`toPage ${claim}`, () => assert.match(page, pattern));
}

Deno.test("every link of toPage has its target", () => {
  const targets = new Set([...page.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id));
  const links = [...page.matchAll(/\]\(#(thing-[^)]+)\)/g)].map(([, id]) => id);
  assert.ok(links.length > 0);
  assert.deepEqual(links.filter((link) => !targets.has(link)), []);
});

Deno.test("toReference describes the annotations, and links to the page of each kind", () => {
  const index = toReference([thing]);
  assert.match(index, /`databricks-operator\/deletion-policy` \| `retain`/);
  assert.ok(index.includes(`- [Thing](${pageOf(thing)}): a thing`));
});

Deno.test("toPage names data that a deletion destroys, and costs", () => {
  const told = (dangers: DocsSource["dangers"]) => toPage({ ...thing, noun: "thing", ...dangers && { dangers } });
  assert.match(told({ deletesData: "its tables" }), /its tables would be lost.*unless.*deletion-policy` says `delete`/);
  assert.match(
    told({ costs: "its clusters", costlyFields: ["size"] }),
    /- Costs: its clusters.*`spec\.size` waits for/,
  );
  assert.match(told(undefined), /taken away again, unless[^]*- Costs: none by itself/);
});
