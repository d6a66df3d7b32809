export interface TableOptions {
  /** Columns that hold numbers, aligned to the right. */
  readonly right?: readonly number[];
  /** The maximal width of a line: a wider table is split into several, each with the first column. */
  readonly width?: number;
  /** Columns that a split is best made before. */
  readonly cuts?: readonly number[];
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
  return partsOf(widths, options).flatMap((columns, part) => [
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

/** The columns of each part of a table: as many groups as fit or, where a group does not, as many columns. */
function partsOf(
  widths: readonly number[],
  { width = Number.POSITIVE_INFINITY, cuts = [] }: TableOptions,
): number[][] {
  const widthOf = (columns: readonly number[]): number =>
    columns.reduce((sum, column) => sum + (widths[column] ?? 0) + 2, -2);
  const fits = (columns: readonly number[]): boolean => widthOf(columns) <= width;
  const parts: number[][] = [];
  let part = [0];
  const add = (columns: readonly number[]): void => {
    if (part.length > 1 && !fits([...part, ...columns])) {
      parts.push(part);
      part = [0];
    }
    part = [...part, ...columns];
  };
  for (const group of groupsOf(widths.length, cuts)) {
    if (fits([0, ...group])) add(group);
    else for (const column of group) add([column]);
  }
  return [...parts, part];
}

/** All columns except the first, in groups that start at the cuts. */
function groupsOf(count: number, cuts: readonly number[]): number[][] {
  const groups: number[][] = [];
  for (let column = 1; column < count; column++) {
    const group = groups.at(-1);
    if (group === undefined || cuts.includes(column)) groups.push([column]);
    else group.push(column);
  }
  return groups;
}

/** A label, with a text that is wrapped or lines that are kept. */
export type LabeledField = readonly [label: string, value: string | readonly string[]];

/** Lines of `label  value`, with the lines of a value aligned below each other. */
export function renderFields(
  fields: readonly LabeledField[],
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

/** Indents all lines that are not empty. */
export function indent(lines: readonly string[], by = 2): string[] {
  return lines.map((line) => (line === "" ? line : `${" ".repeat(by)}${line}`));
}

/** Breaks a text into lines of at most `width` characters, each after `indent`; a longer word gets its own line. */
export function wrap(text: string, { width, indent = "" }: { width: number; indent?: string }): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  lines.push(indent + line);
  return lines;
}

/** The text, cut to a width with an ellipsis where it is longer. */
export function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1)).trimEnd()}…`;
}

/** A path as one word of a command line that can be copied into a shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./~-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A stream that may be a terminal. */
type Columns = { readonly columns?: number };

/** The columns of a terminal, or those in `COLUMNS` where the stream is none: at least 40, and 80 by default. */
export function terminalWidth({ columns }: Columns = process.stdout): number {
  const width = columns || Number(process.env["COLUMNS"]) || 80;
  return Math.max(NARROWEST, Math.floor(width));
}

/** A readable width of text: that of the terminal, and not more than 100. */
export function textWidth(stream?: Columns): number {
  return Math.min(terminalWidth(stream), 100);
}

/** Narrower terminals show what is made for this width. */
const NARROWEST = 40;

/**
 * The text with control characters escaped. Names in a file are not to be trusted, and a terminal would run the
 * commands in them.
 */
export function printable(text: string): string {
  return text.replace(CONTROLS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const CONTROLS = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
