/**
 * The types of preact and htm, as far as the page uses them: their own declarations bring a browser's globals into
 * every file.
 *
 * @module
 */

/** A rendered node. */
export interface VNode {
  readonly type: unknown;
}

/** The children of a component. */
export type Children = unknown;

export function html(strings: TemplateStringsArray, ...values: unknown[]): VNode;
export function render(node: VNode, parent: unknown): void;

/** A value that stays the same between renderings. */
export interface Ref<Type> {
  current: Type;
}

export function useRef<Type>(initial: Type): Ref<Type>;
export function useMemo<Type>(make: () => Type, inputs: readonly unknown[]): Type;
export function useState<Type>(
  initial: Type | (() => Type),
): [Type, (value: Type | ((before: Type) => Type)) => void];
export function useEffect(effect: () => void | (() => void), inputs?: readonly unknown[]): void;
export function useLayoutEffect(effect: () => void | (() => void), inputs?: readonly unknown[]): void;
