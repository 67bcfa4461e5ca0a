/** A page as a caller asks for it. @internal */
export interface PageInput {
  readonly PageNumber?: number;
  readonly PageSize?: number;
}

/** Where a page lies in its listing. @internal */
export interface PageWindow {
  readonly number: number;
  readonly size: number;
  readonly offset: number;
}

const USUAL_SIZE = 10;

/** @internal */
export function windowOf({
  PageNumber: number = 1,
  PageSize: size = USUAL_SIZE,
}: PageInput): PageWindow {
  return { number, size, offset: (number - 1) * size };
}

/** The members that every page has. @internal */
export function pageMembers({ number, size }: PageWindow, total: number): Record<string, unknown> {
  return { TotalCount: total, PageNumber: number, PageSize: size };
}

/** Collects one page out of a listing that can only be walked from its start. @internal */
export interface PageCollector<Item> {
  add(item: Item): void;
  readonly items: readonly Item[];
  readonly total: number;
}

/** @internal */
export function collectPage<Item>({ offset, size }: PageWindow): PageCollector<Item> {
  const items: Item[] = [];
  let total = 0;
  return {
    add(item) {
      if (total >= offset && items.length < size) items.push(item);
      total += 1;
    },
    items,
    get total() {
      return total;
    },
  };
}
