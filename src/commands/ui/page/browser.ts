/**
 * The browser's API, as far as the page uses it. TypeScript's own declarations of it would apply to every file of the
 * project.
 *
 * @module
 */

/** An element. */
export interface Element {
  readonly tagName: string;
  readonly clientHeight: number;
  scrollTop: number;
  focus(options?: { preventScroll: boolean }): void;
  querySelector(selector: string): Element | null;
  replaceChildren(): void;
}

/** A pressed key. */
export interface KeyEvent {
  readonly key: string;
  preventDefault(): void;
}

/** A changed field. */
export interface FieldEvent {
  readonly target: { readonly value: string };
}

interface Observer {
  observe(element: Element): void;
  disconnect(): void;
}

interface Browser {
  readonly document: {
    readonly activeElement: Element | null;
    getElementById(id: string): Element | null;
    querySelector(selector: string): Element | null;
  };
  readonly location: { hash: string };
  readonly navigator: { readonly clipboard: { writeText(text: string): Promise<void> } };
  readonly ResizeObserver: new (observed: () => void) => Observer;
  addEventListener(type: "hashchange", listener: () => void): void;
  addEventListener(type: "keydown", listener: (event: KeyEvent) => void): void;
  removeEventListener(type: "hashchange", listener: () => void): void;
}

/** The browser. */
export const browser = globalThis as unknown as Browser;
