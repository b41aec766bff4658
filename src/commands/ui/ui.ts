/**
 * `ui`: a page that shows the objects, their runs, repairs and plans, live. Docs: docs/commands.md.
 *
 * It uses the rights of the kubeconfig to list and watch only. It does not open a browser: the address contains a
 * token, and other users of a machine can see the arguments of its programs.
 *
 * @module
 */
import type { KubeClient } from "../../kubernetes/client.ts";
import { connect } from "../../kubernetes/kubeconfig.ts";
import { kinds } from "../../kinds.ts";
import { aborted } from "../../process/stop_signal.ts";
import { Board } from "./board.ts";
import { findScope } from "./scope.ts";
import { serveBoard } from "./server.ts";
import type { About } from "./shapes.ts";

/** The longest wait for the first lists before the page is served (ms). */
const FIRST_MS = 10_000;

/** The options of the command line. */
export interface UiOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
  readonly port: number;
}

/** A served page. */
export interface ServedPage extends AsyncDisposable {
  /** Its address, with the token. */
  readonly url: string;
  readonly about: About;
}

/** Serves the page until the signal aborts, and returns the exit code. */
export async function ui({ kubeconfig, context, namespace, port }: UiOptions, stop: AbortSignal): Promise<number> {
  const { client, namespace: own } = await connect({ kubeconfig, context });
  {
    await using page = await servePage({ client, asked: namespace, own, port });
    for (const note of page.about.notes) console.error(note);
    console.log(page.url);
    await aborted(stop);
  }
  client.close();
  return 0;
}

/** Follows the namespace that was named, or all that may be listed, and serves the page. */
export async function servePage({ client, asked, own, port }: {
  readonly client: KubeClient;
  readonly asked?: string | undefined;
  readonly own: string;
  readonly port: number;
}): Promise<ServedPage> {
  const board = new Board({ client, kinds, ...await findScope({ client, kinds, asked, own }) });
  await board.start(FIRST_MS);
  const server = serveBoard({ board, port });
  return {
    url: server.url,
    about: board.about(),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await board.stop();
    },
  };
}
