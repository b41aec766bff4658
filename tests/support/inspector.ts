/**
 * Inspects a Deno process that was started with `--inspect`: its profile, and the content of its heap.
 *
 * @module
 */

/** The part of a V8 heap snapshot that is read. */
export interface Snapshot {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: string[];
      readonly node_types: [string[]];
      readonly edge_fields: string[];
      readonly edge_types: [string[]];
    };
  };
  readonly nodes: number[];
  readonly edges: number[];
  readonly strings: string[];
}

/** The maximum distance of a string from its holder: maps, arrays and plain objects lie between. */
const FARTHEST = 14;

/**
 * Finds the private fields (`#entries of EventRecorder`) that hold strings containing a text; for each string, the
 * nearest field.
 */
export function holdersOf(snapshot: Snapshot, text: string): Map<string, string[]> {
  const { meta } = snapshot.snapshot;
  const { nodes, strings } = snapshot;
  const [type, name] = [meta.node_fields.indexOf("type"), meta.node_fields.indexOf("name")];
  const nameOf = (node: number) => strings[nodes[node + name] ?? 0] ?? "";
  const parents = parentsIn(snapshot);
  const holders = new Map<string, string[]>();
  for (let node = 0; node < nodes.length; node += meta.node_fields.length) {
    const isString = meta.node_types[0][nodes[node + type] ?? 0]?.endsWith("string") ?? false;
    if (!isString || !nameOf(node).includes(text)) continue;
    const holder = nearestHolder(node, parents, nameOf);
    if (holder !== undefined) holders.set(holder, [...holders.get(holder) ?? [], nameOf(node).slice(0, 100)]);
  }
  return holders;
}

type Parents = ReadonlyMap<number, readonly { readonly node: number; readonly edge: string }[]>;

function parentsIn({ snapshot: { meta }, nodes, edges, strings }: Snapshot): Parents {
  const parents = new Map<number, { node: number; edge: string }[]>();
  const [type, name, to] = ["type", "name_or_index", "to_node"].map((field) => meta.edge_fields.indexOf(field));
  const count = meta.node_fields.indexOf("edge_count");
  let at = 0;
  for (let node = 0; node < nodes.length; node += meta.node_fields.length) {
    for (let left = nodes[node + count] ?? 0; left > 0; left--, at += meta.edge_fields.length) {
      const kind = meta.edge_types[0][edges[at + (type ?? 0)] ?? 0];
      if (kind === "weak") continue;
      const label = edges[at + (name ?? 0)] ?? 0;
      const edge = kind === "element" || kind === "hidden" ? "" : strings[label] ?? "";
      const child = edges[at + (to ?? 0)] ?? 0;
      const known = parents.get(child);
      if (known === undefined) parents.set(child, [{ node, edge }]);
      else known.push({ node, edge });
    }
  }
  return parents;
}

function nearestHolder(from: number, parents: Parents, nameOf: (node: number) => string): string | undefined {
  const seen = new Set([from]);
  let ring = [from];
  for (let distance = 0; distance < FARTHEST && ring.length > 0; distance++) {
    const next: number[] = [];
    for (const { node, edge } of ring.flatMap((child) => parents.get(child) ?? [])) {
      if (edge.startsWith("#")) return `${edge} of ${nameOf(node)}`;
      if (seen.has(node)) continue;
      seen.add(node);
      next.push(node);
    }
    ring = next;
  }
  return undefined;
}

/** A client of the Chrome DevTools protocol. */
export class Inspector implements Disposable {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (result: Record<string, unknown>) => void>();
  #chunks: string[] = [];
  #count = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      const { id, result, method, params } = JSON.parse(data);
      if (method === "HeapProfiler.addHeapSnapshotChunk") this.#chunks.push(params.chunk);
      this.#waiting.get(id)?.(result);
    };
  }

  /** Connects to a process that was started with `--inspect=host:port`. */
  static async connect(address: string): Promise<Inspector> {
    const [target] = await (await fetch(`http://${address}/json/list`)).json();
    const socket = new WebSocket(target.webSocketDebuggerUrl);
    await new Promise((resolve, reject) => [socket.onopen, socket.onerror] = [resolve, reject]);
    return new Inspector(socket);
  }

  /** Collects garbage, then takes a heap snapshot. */
  async heap(): Promise<Snapshot> {
    this.#chunks = [];
    await this.ask("HeapProfiler.enable");
    await this.ask("HeapProfiler.collectGarbage");
    await this.ask("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
    return JSON.parse(this.#chunks.join(""));
  }

  /** Sends a request, and returns its result. */
  ask(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const id = ++this.#count;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}
