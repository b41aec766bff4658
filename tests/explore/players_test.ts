/** Tests threads that play sequences, and threads that do not answer. */
import assert from "node:assert/strict";
import { Players } from "./players.ts";

const sequence = { class: "job", root: "nothing", acts: ["apply"] };

Deno.test("a sequence whose threads do not respond ends with that reason", async () => {
  const silent = `data:text/javascript,${encodeURIComponent("self.onmessage = () => {};")}`;
  using players = new Players(1, silent, 200);
  const { violations } = await players.play(sequence, () => true);
  assert.match(violations.join(), /cannot be played: 2 threads gave no answer for 0\.2 s/);
});

Deno.test("a sequence whose first thread is lost is played by another one, with the same result", async () => {
  // The first of two threads stays silent: each asks a counter that both see.
  const lost = await Deno.makeTempFile();
  const code = `self.onmessage = ({ data }) => {
    if ("goOn" in data) return self.postMessage({ outcome: { isNew: data.goOn, violations: [] } });
    self.postMessage({ state: "s" });
    if (Deno.readTextFileSync("${lost}") !== "") return;
    Deno.writeTextFileSync("${lost}", "1");
    self.onmessage = () => {};
  };`;
  const asked: string[] = [];
  using players = new Players(1, `data:text/javascript,${encodeURIComponent(code)}`, 2000);
  const { isNew } = await players.play(sequence, (state) => asked.push(state) === 1);
  assert.deepEqual([isNew, asked], [true, ["s"]]);
  await Deno.remove(lost);
});
