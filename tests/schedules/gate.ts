/**
 * Watches in the network: each frame is a separate parcel, so that the operator's view can lag behind by any amount.
 *
 * @module
 */
import type { Life } from "./life.ts";
import type { Parcel } from "./network.ts";

/** How long a watch lasts, and how its caller ends it. */
export interface Gated {
  readonly seconds: number;
  readonly signal: AbortSignal;
}

/** The parts of the network that a gate needs. */
export interface GateOptions extends Gated {
  readonly life: Life;
  readonly line: string;
  readonly park: (parcel: Parcel) => void;
  readonly remove: (parcel: Parcel) => void;
}

/** Returns a watch's answer whose frames arrive one by one, in order, whenever the network delivers them. */
export function gated(response: Response, { seconds, signal, life, line, park, remove }: GateOptions): Response {
  const reader = response.body?.getReader();
  if (reader === undefined) return response;
  let waiting: Parcel | undefined;
  const release = () => void reader.cancel().catch(() => {});
  const timer = life.clock.setTimeout(release, seconds * 1000);
  const stop = () => {
    timer.cancel();
    if (waiting !== undefined) remove(waiting);
    release();
  };
  life.onEnd(stop);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      signal.addEventListener("abort", () => {
        stop();
        controller.error(signal.reason);
      });
    },
    async pull(controller) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const { done, value } = await reader.read();
      if (done) {
        timer.cancel();
        return controller.close();
      }
      const arrive = () => {
        waiting = undefined;
        controller.enqueue(value);
        resolve();
      };
      waiting = { side: "Kubernetes", what: "frame", line, life, body: "", isWrite: false, arrive };
      park(waiting);
      return promise;
    },
    cancel: stop,
  }, { highWaterMark: 0 });
  return new Response(body, { status: response.status, headers: response.headers });
}
