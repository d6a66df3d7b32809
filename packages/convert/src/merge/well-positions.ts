import { UsageError } from "@ozx/core";

/** Where an image or a well belongs in a plate. */
export interface WellPosition {
  /** The name of the row, as in `B`. */
  readonly row: string;
  /** The name of the column, as in `03`. */
  readonly column: string;
  /** The name of the field; undefined for the next free number, and for whole wells. */
  readonly field?: string | undefined;
  /** The id of the acquisition that the field belongs to. */
  readonly acquisition?: number | undefined;
}

/** One line of a layout. */
export interface LayoutLine extends WellPosition {
  /** As written. */
  readonly path: string;
}

const COLUMNS = ["path", "row", "column", "field", "acquisition"] as const;
type ColumnName = (typeof COLUMNS)[number];

/**
 * Reads a layout: a table with the columns path, row and column, and perhaps field and acquisition, in any order, with
 * their names in the first line. Commas, semicolons or tabs separate them.
 *
 * @param name of the file, for messages
 * @throws UsageError naming the line
 */
export function parseLayout(text: string, name: string): LayoutLine[] {
  const [first = "", ...rest] = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const separator = [",", ";", "\t"].find((one) => first.includes(one)) ?? ",";
  const names = splitLine(first, separator).map((column) => column.toLowerCase());
  const wrong = names.find((column) => !COLUMNS.includes(column as ColumnName));
  const missing = COLUMNS.slice(0, 3).filter((column) => !names.includes(column));
  if (wrong !== undefined || missing.length > 0) {
    const why = wrong === undefined ? `lacks ${missing.join(", ")}` : `has ${JSON.stringify(wrong)}`;
    throw new UsageError(
      `the first line of ${name} ${why}: it names the columns, as in path,row,column,field,acquisition`,
    );
  }
  return rest.flatMap((line, index) => {
    if (line.trim() === "") return [];
    const cells = splitLine(line, separator);
    const cell = (column: ColumnName): string => cells[names.indexOf(column)] ?? "";
    return [readLine(cell, `line ${index + 2} of ${name}`)];
  });
}

function readLine(cell: (column: ColumnName) => string, where: string): LayoutLine {
  const path = cell("path");
  if (path === "") throw new UsageError(`${where} has no path`);
  const field = cell("field");
  const named = { row: cell("row"), column: cell("column"), ...(field !== "" && { field }) };
  for (const [what, value] of Object.entries(named)) {
    if (!/^[A-Za-z0-9]+$/.test(value)) {
      throw new UsageError(
        `${where} has the ${what} ${JSON.stringify(value)}: the names of rows, columns and fields are letters and digits`,
      );
    }
  }
  const acquisition = cell("acquisition");
  if (!/^\d{0,15}$/.test(acquisition)) {
    throw new UsageError(
      `${where} has the acquisition ${JSON.stringify(acquisition)}: give a whole number from 0 on`,
    );
  }
  return { path, ...named, ...(acquisition !== "" && { acquisition: Number(acquisition) }) };
}

/** The cells of a line; quotes around a cell may contain separators, and double quotes stand for one. */
function splitLine(line: string, separator: string): string[] {
  const cells: string[] = [];
  let cell = "";
  let isQuoted = false;
  for (let i = 0; i < line.length; i++) {
    const char = line.charAt(i);
    if (char === '"' && isQuoted && line.charAt(i + 1) === '"') cell += line.charAt(++i);
    else if (char === '"') isQuoted = !isQuoted;
    else if (char === separator && !isQuoted) cells.push(cell.trim());
    else {
      cell += char;
      continue;
    }
    if (char === separator && !isQuoted) cell = "";
  }
  return [...cells, cell.trim()];
}

/**
 * The position that the name of a file or folder tells: `B/03/0.ozx` and `B/03.zarr` by its last folders, `B03.ozx`,
 * `B-03_f2.ozx` by itself.
 *
 * @returns undefined where it tells none
 */
export function positionInName(path: string): WellPosition | undefined {
  const segments = path.split(/[\\/]/).filter((segment) => segment !== "");
  const last = segments.pop()?.replace(/\.(?:zarr|ozx|zip|tiff?|btf|czi)$/i, "") ?? "";
  const [row = "", column = ""] = segments.slice(-2);
  if (ROW.test(row) && COLUMN.test(column) && /^[A-Za-z]*\d+$/.test(last))
    return { row, column, field: last };
  if (ROW.test(column) && COLUMN.test(last)) return { row: column, column: last };
  const named = /^([A-Za-z]{1,2})[-_]?(\d{1,3})(?:[-_](?:field|site|[fs])?[-_]?(\d+))?$/i.exec(last);
  if (named?.[1] === undefined || named[2] === undefined) return undefined;
  return { row: named[1], column: named[2], ...(named[3] !== undefined && { field: named[3] }) };
}

const ROW = /^[A-Za-z]{1,2}$/;
const COLUMN = /^\d{1,3}$/;
