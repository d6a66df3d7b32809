import type { OpenWell } from "@ozx/core";

/** The name of a well, as in `B3`. */
export function wellName({ row, column }: Pick<OpenWell, "row" | "column">): string {
  return `${row}${column}`;
}

/**
 * Whether a well is one of those that a text names: rows, columns, wells and ranges of them, as in `B`, `3`, `B3`,
 * `A-C` or `B2-D6`, separated by commas or spaces. An empty text names all.
 *
 * @param plate the names of the rows and columns, in their order
 */
export function isNamed(
  well: Pick<OpenWell, "row" | "column">,
  text: string,
  plate: { readonly rows: readonly string[]; readonly columns: readonly string[] },
): boolean {
  const names = text.split(/[\s,;]+/).filter((name) => name !== "");
  if (names.length === 0) return true;
  return names.some((name) => {
    const [from = "", to = from] = name.split(/[-:–]/, 2);
    const [start, end] = [parse(from), parse(to)];
    return (
      isBetween(well.row, start.row, end.row, plate.rows) &&
      isBetween(well.column, start.column, end.column, plate.columns)
    );
  });
}

/** The letters and the digits of a name, each empty where it has none. */
function parse(name: string): { row: string; column: string } {
  const [, row = "", column = ""] = /^(\D*)(\d*)$/.exec(name) ?? [undefined, name, ""];
  return { row, column };
}

function isBetween(name: string, from: string, to: string, all: readonly string[]): boolean {
  if (from === "" && to === "") return true;
  const at = (one: string): number => all.findIndex((other) => isSame(one, other));
  const [start, end, own] = [at(from), at(to), at(name)];
  return start >= 0 && end >= 0 && own >= Math.min(start, end) && own <= Math.max(start, end);
}

/** Columns may be numbered with zeros in front, rows may be typed in small letters. */
function isSame(one: string, other: string): boolean {
  const plain = (name: string): string => name.toLowerCase().replace(/^0+(?=\d)/, "");
  return plain(one) === plain(other);
}
