/**
 * A thread that plays sequences.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import type { Message } from "./players.ts";
import { play, type Sequence } from "./play.ts";

let goOn = (_yes: boolean) => {};

self.onmessage = ({ data }: MessageEvent<{ sequence: Sequence } | { goOn: boolean }>) => {
  if ("goOn" in data) return goOn(data.goOn);
  void answer(data.sequence);
};

async function answer(sequence: Sequence): Promise<void> {
  try {
    const { story: _long, ...outcome } = await play(sequence, ask);
    tell({ outcome });
  } catch (error) {
    tell({ error: error instanceof Error ? error.stack ?? error.message : String(error) });
  }
}

function ask(state: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  goOn = resolve;
  tell({ state });
  return promise;
}

function tell(message: Message): void {
  self.postMessage(message);
}
