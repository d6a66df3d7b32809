export interface TableOptions {
  /** Columns that hold numbers, aligned to the right. */
  readonly right?: readonly number[];
  /** How wide a line may be: a table that is wider is cut into several, each with the first column. */
  readonly width?: number;
  /** Columns that begin something new, so that a cut is best before them. */
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

/** The columns of each part of a table: as many groups of columns as fit, or where a group does not, columns. */
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

/** All columns but the first, in groups that begin at the cuts. */
function groupsOf(count: number, cuts: readonly number[]): number[][] {
  const groups: number[][] = [];
  for (let column = 1; column < count; column++) {
    const group = groups.at(-1);
    if (group === undefined || cuts.includes(column)) groups.push([column]);
    else group.push(column);
  }
  return groups;
}

/** A label, and a text to be wrapped or lines that are ready. */
export type LabeledField = readonly [label: string, value: string | readonly string[]];

/** Lines of `label  value`, a value of several lines indented under its first. */
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

export function indent(lines: readonly string[], by = 2): string[] {
  return lines.map((line) => (line === "" ? line : `${" ".repeat(by)}${line}`));
}

/**
 * Breaks a text into lines of at most `width` characters, each after `indent`; a word that is longer has a line
 * of its own.
 */
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

/** How wide text for people is on this terminal: readable, and 80 characters where nobody says. */
export function textWidth(columns: number | undefined): number {
  return Math.max(40, Math.min(columns ?? 80, 100));
}

/**
 * The text with control characters spelled out. Names in a file are anybody's, and a terminal obeys what it is
 * sent.
 */
export function printable(text: string): string {
  return text.replace(CONTROLS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const CONTROLS = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** What stands below the options in `--help`, none of it wider than the narrowest terminals. */

const WIDTH = 80;

/** A command line, and what it does. */
export type Example = readonly [command: string, what?: string];

/** Sections with an empty line before each. */
export function helpText(...sections: readonly string[]): string {
  return sections.map((section) => `\n${section}`).join("\n");
}

/** What examples do stands beside them where there is room for all, and otherwise above each. */
export function examples(list: readonly Example[]): string {
  const widest = Math.max(...list.map(([command]) => command.length));
  const beside = list.map(([command, what]) =>
    what === undefined ? `  ${command}` : `  ${command.padEnd(widest)}  ${what}`,
  );
  if (beside.every(({ length }) => length <= WIDTH)) return ["Examples:", ...beside].join("\n");
  const above = list.flatMap(([command, what]) => [
    ...(what === undefined ? [] : [`  # ${what}`]),
    `  ${command}`,
  ]);
  return ["Examples:", ...above].join("\n");
}

/** Exit codes with what they mean, as in `0 done`, as many on a line as there is room for. */
export function exitCodes(codes: readonly string[]): string {
  const lines: string[] = [];
  for (const code of codes) {
    const last = lines.at(-1);
    const joined = last === undefined ? undefined : `${last}  ${code}`;
    if (joined !== undefined && joined.length <= WIDTH) lines[lines.length - 1] = joined;
    else lines.push(`  ${code}`);
  }
  return ["Exit codes:", ...lines].join("\n");
}

export function paragraph(text: string): string {
  return wrap(text, { width: WIDTH }).join("\n");
}
