/**
 * Pages of a list that is ordered from the newest to the oldest.
 *
 * A token names the last element of the page, so additions and removals between two pages neither repeat nor hide
 * other elements.
 *
 * @module
 */
import { type Doubts, hashText } from "./doubts.ts";
import { invalid } from "./errors.ts";

/** The requested page. */
export interface PageRequest {
  limit: number;
  token?: string | undefined;
  offset?: number | undefined;
  doubts: Doubts;
}

/** One page and the tokens of its neighbours. */
export interface Page<T> {
  items: T[];
  next?: string;
  previous?: string;
}

type Cursor = { side: "after" | "before"; id: bigint };

function writeCursor(side: Cursor["side"], id: string): string {
  return btoa(`${side}:${id}`).replaceAll("=", "");
}

function readCursor(token: string): Cursor {
  try {
    const match = /^(after|before):(\d+)$/.exec(atob(token));
    if (match) return { side: match[1] as Cursor["side"], id: BigInt(match[2]!) };
  } catch {
    // Not base64: as invalid as any other made-up token.
  }
  throw invalid("Invalid page token");
}

function startOf(ids: bigint[], { limit, token, offset = 0 }: PageRequest): number {
  if (!token) return offset;
  const { side, id } = readCursor(token);
  // Ids decrease along the list, so the page begins (or ends) at the first one beyond the cursor.
  const found = ids.findIndex((other) => side === "after" ? other < id : other <= id);
  const border = found < 0 ? ids.length : found;
  return side === "after" ? border : Math.max(0, border - limit);
}

/** A comparison that sorts by id, from the newest to the oldest. */
export function byFallingId<T>(idOf: (item: T) => string): (left: T, right: T) => number {
  return (left, right) => BigInt(idOf(left)) < BigInt(idOf(right)) ? 1 : -1;
}

/** Cuts one page out of a list with decreasing ids. */
export function paginate<T>(items: T[], request: PageRequest, idOf: (item: T) => string): Page<T> {
  const { token, offset, doubts } = request;
  // If pages may be empty, the first one is, and its token leads to the real first page.
  if (doubts.emptyPages === "sometimes" && !token && !offset && items.length > 0) return { items: [], next: FIRST };
  const page = pageOf(items, token === FIRST ? { ...request, token: undefined } : request, idOf);
  return { ...page, items: inOrder(page.items, doubts, idOf) };
}

/** The token of the first non-empty page. */
const FIRST = btoa("first").replaceAll("=", "");

/** Rows of a whole list or of one page, in the order of the answer. */
export function inOrder<T>(rows: T[], { listOrder }: Doubts, idOf: (item: T) => string): T[] {
  if (listOrder === "sorted") return rows;
  return rows.toSorted((left, right) => hashText(idOf(left)) - hashText(idOf(right)));
}

function pageOf<T>(items: T[], request: PageRequest, idOf: (item: T) => string): Page<T> {
  const start = startOf(request.token ? items.map((item) => BigInt(idOf(item))) : [], request);
  const shown = items.slice(start, start + request.limit);
  const page: Page<T> = { items: shown };
  const first = shown[0];
  const last = shown.at(-1);
  if (last !== undefined && start + request.limit < items.length) page.next = writeCursor("after", idOf(last));
  if (first !== undefined && start > 0) page.previous = writeCursor("before", idOf(first));
  return page;
}

/** The maximum length of a nested array in one answer of Jobs 2.2; 2.1 never shows the rest. */
export const ARRAY_LIMIT = 100;

/** One page of an object's long arrays, for endpoints that repeat the object with the next elements. */
export function sliceArrays<T extends object>(object: T, fields: string[], offset: number): { cut: T; more: boolean } {
  const cut = { ...object } as Record<string, unknown>;
  let more = false;
  for (const field of fields) {
    const array = cut[field];
    if (!Array.isArray(array)) continue;
    more ||= array.length > offset + ARRAY_LIMIT;
    const shown = array.slice(offset, offset + ARRAY_LIMIT);
    if (shown.length > 0 || array.length === 0) cut[field] = shown;
    else delete cut[field];
  }
  return { cut: cut as T, more };
}

/** The token of the page that begins at an index. */
export function writeOffset(offset: number): string {
  return btoa(`offset:${offset}`).replaceAll("=", "");
}

/** The index at which a page begins; without a token, 0. */
export function readOffset(token: string | undefined): number {
  if (!token) return 0;
  try {
    const match = /^offset:(\d+)$/.exec(atob(token));
    if (match) return Number(match[1]);
  } catch {
    // Not base64.
  }
  throw invalid("Invalid page token");
}
