/**
 * Selects the namespaces that the page shows: the one that was named, or all, or the context's own if the user may not
 * list all.
 *
 * @module
 */
import { type KubeClient, KubeError } from "../../kubernetes/client.ts";
import { GROUP, VERSION } from "../../resource.ts";
import type { ShownKind } from "./board.ts";

/** The namespaces, and remarks on the choice. */
export interface Scope {
  readonly namespaces: readonly string[] | "all";
  readonly notes: readonly string[];
}

/** Options that select namespaces. */
export interface ScopeOptions {
  readonly client: Pick<KubeClient, "list">;
  readonly kinds: readonly ShownKind[];
  /** The namespace that the user named. */
  readonly asked?: string | undefined;
  /** The context's namespace. */
  readonly own: string;
}

/** Finds the namespaces: with the first kind that is served, asks whether the user may list all of them. */
export async function findScope({ client, kinds, asked, own }: ScopeOptions): Promise<Scope> {
  if (asked !== undefined) return { namespaces: [asked], notes: [] };
  for (const { plural } of kinds) {
    try {
      await client.list({ group: GROUP, version: VERSION, plural }, { limit: 1 });
      return { namespaces: "all", notes: [] };
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      if (error.status === 403) return { namespaces: [own], notes: [noteOn(own)] };
      if (error.status !== 404) throw error;
    }
  }
  return { namespaces: "all", notes: ["The CRDs are not installed: kubectl apply -f crds/"] };
}

function noteOn(own: string): string {
  return `You may not list the objects of all namespaces, so this shows namespace "${own}" only; ` +
    `--namespace chooses another one`;
}
