/**
 * Creates a built-in kind from its declaration.
 *
 * @module
 */
import type { Column, KindRules, ResourceType } from "../resource_type.ts";
import { components, expand } from "../schema/schema.ts";

/** The declaration of a built-in kind. */
export interface Builtin {
  readonly group?: string;
  readonly kind: string;
  /** The plural; by default the kind in lower case with an "s". */
  readonly plural?: string;
  /** The schema's name in schema/builtin.json. */
  readonly schema: string;
  readonly namespaced?: boolean;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly string[];
  readonly columns?: readonly Column[];
  readonly selectable?: ResourceType["selectable"];
  readonly rules?: KindRules;
  readonly storedAs?: string;
}

/** A built-in kind; the version is always v1. */
export function builtin(said: Builtin): ResourceType {
  const { kind, schema, group = "", rules = {} } = said;
  const singular = kind.toLowerCase();
  return {
    group,
    version: "v1",
    plural: said.plural ?? `${singular}s`,
    singular,
    kind,
    listKind: `${kind}List`,
    namespaced: said.namespaced ?? true,
    shortNames: said.shortNames ?? [],
    categories: said.categories ?? [],
    schema: expand(components[schema]!),
    isCustom: false,
    subresources: said.subresources ?? [],
    columns: said.columns ?? [],
    selectable: said.selectable ?? {},
    rules: { updatesBlindly: true, ...rules },
    ...said.storedAs !== undefined && { storedAs: said.storedAs },
  };
}
