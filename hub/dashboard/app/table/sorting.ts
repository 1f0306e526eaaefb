/**
 * How tables are sorted and searched, and which columns they show. What the reader chose is in the address: `sort` names the
 * column, `dir` the direction, `cols` the columns where they are not the usual ones.
 */

export interface Column<Row> {
  key: string;
  label: string;
  /** For the reader who wonders. */
  hint?: string;
  /** Texts stand to the left, numbers to the right. */
  text?: boolean;
  /** The value that the column sorts by; null always comes last. */
  value: (row: Row) => number | string | null;
  /** Numbers begin with the highest, texts with the first. */
  first: "asc" | "desc";
  /** Shown only to who asks for it. */
  extra?: boolean;
  /** Always shown, as the first column is. */
  fixed?: boolean;
}

export interface Sort<Row> {
  column: Column<Row>;
  direction: "asc" | "desc";
}

export interface Order<Row> {
  columns: readonly Column<Row>[];
  parse: (params: URLSearchParams) => Sort<Row>;
  /** The parameters after a click on a column: first its natural order, then the other way round. */
  click: (current: Sort<Row>, column: Column<Row>) => Record<string, string | null>;
  sort: (rows: readonly Row[], by: Sort<Row>) => Row[];
  /** The columns that can be hidden. */
  choices: readonly Column<Row>[];
  /** The columns that the address asks for, and those that cannot be hidden. */
  shown: (params: URLSearchParams) => Column<Row>[];
  /** The parameters that show these columns beside those that cannot be hidden. */
  choose: (keys: readonly string[]) => Record<string, string | null>;
  /** What a parameter of this table is called in the address. */
  param: (name: string) => string;
}

function compare(a: number | string | null, b: number | string | null, sign: number): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return sign * (typeof a === "string" || typeof b === "string" ? String(a).localeCompare(String(b), "en") : a - b);
}

/**
 * The order of a table: by the column `usual` unless the address says otherwise; equals are in the order of their names.
 * `prefix` keeps the parameters of a page's second table apart from those of the first.
 */
export function orderBy<Row>(
  columns: readonly Column<Row>[],
  usual: Column<Row>,
  nameOf: (row: Row) => string,
  prefix = "",
): Order<Row> {
  const param = (name: string) => `${prefix}${name}`;
  const usualKeys = columns.filter(column => !column.extra).map(column => column.key);
  const choices = columns.filter((column, place) => place > 0 && !column.fixed);
  const isChosen = (column: Column<Row>, keys: readonly string[]) =>
    !choices.includes(column) || keys.includes(column.key);
  return {
    columns,
    choices,
    param,
    shown: params => {
      const keys = params.get(param("cols"))?.split(",") ?? usualKeys;
      return columns.filter(column => isChosen(column, keys));
    },
    choose: keys => {
      const wanted = columns.flatMap(column => (isChosen(column, keys) ? [column.key] : [])).join();
      return { [param("cols")]: wanted === usualKeys.join() ? null : wanted };
    },
    parse: params => {
      const column = columns.find(one => one.key === params.get(param("sort"))) ?? usual;
      const direction = params.get(param("dir"));
      return { column, direction: direction === "asc" || direction === "desc" ? direction : column.first };
    },
    click: (current, column) => {
      const turned = current.direction === "asc" ? "desc" : "asc";
      const direction = current.column.key !== column.key ? column.first : turned;
      return {
        [param("sort")]: column.key === usual.key ? null : column.key,
        [param("dir")]: direction === column.first ? null : direction,
      };
    },
    sort: (rows, { column, direction }) => {
      const sign = direction === "asc" ? 1 : -1;
      return [...rows].sort(
        (a, b) => compare(column.value(a), column.value(b), sign) || compare(nameOf(a), nameOf(b), 1),
      );
    },
  };
}

/** All words of a search must occur in a text, in any order. */
export function hasWords(text: string, search: string): boolean {
  const lower = text.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every(word => lower.includes(word));
}
