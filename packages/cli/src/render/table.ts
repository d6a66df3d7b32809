import { printable, wrap } from "./wrap.js";

export interface TableOptions {
  /** Columns that hold numbers, aligned to the right. */
  readonly right?: readonly number[];
  /** How wide a line may be: a table that is wider is cut into several, each with the first column. */
  readonly width?: number;
}

/** Lines of a table: columns as wide as their widest cell, two spaces apart. */
export function renderTable(rows: readonly (readonly string[])[], options: TableOptions = {}): string[] {
  const cells = rows.map((row) => row.map(printable));
  const widths: number[] = [];
  for (const row of cells) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return partsOf(widths, options.width).flatMap((columns, part) => [
    ...(part > 0 ? [""] : []),
    ...cells.map((row) =>
      columns
        .filter((column) => column < row.length)
        .map((column) => {
          const [cell = "", width = 0] = [row[column], widths[column]];
          return options.right?.includes(column) ? cell.padStart(width) : cell.padEnd(width);
        })
        .join("  ")
        .trimEnd(),
    ),
  ]);
}

/** The columns of each part of a table that must not be wider than `most`. */
function partsOf(widths: readonly number[], most = Number.POSITIVE_INFINITY): number[][] {
  const parts: number[][] = [];
  let room = -1;
  for (const [column, width] of widths.entries()) {
    const part = parts.at(-1);
    if (part === undefined || room < width + 2) {
      parts.push(column === 0 ? [0] : [0, column]);
      room = most - (widths[0] ?? 0) - (column === 0 ? 0 : width + 2);
    } else {
      part.push(column);
      room -= width + 2;
    }
  }
  return parts;
}

/** A label, and a text to be wrapped or lines that are ready. */
export type Field = readonly [label: string, value: string | readonly string[]];

/** Lines of `label  value`, a value of several lines indented under its first. */
export function renderFields(
  fields: readonly Field[],
  { width = Number.POSITIVE_INFINITY }: { readonly width?: number } = {},
): string[] {
  const indent = Math.max(...fields.map(([label]) => label.length)) + 2;
  return fields.flatMap(([label, value]) => {
    const lines = typeof value === "string" ? wrap(printable(value), { width: width - indent }) : value;
    const [first = "", ...rest] = lines;
    return [
      `${label.padEnd(indent)}${first}`.trimEnd(),
      ...rest.map((line) => `${" ".repeat(indent)}${line}`.trimEnd()),
    ];
  });
}

export function indent(lines: readonly string[], by = 2): string[] {
  return lines.map((line) => (line === "" ? line : `${" ".repeat(by)}${line}`));
}
