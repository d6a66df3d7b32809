/** Lines of a table: columns as wide as their widest cell, two spaces apart, numbers not aligned. */
export function renderTable(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** Lines of `label  value`, a value of several lines indented under its first. */
export function renderFields(fields: readonly (readonly [string, string | readonly string[]])[]): string[] {
  const width = Math.max(...fields.map(([label]) => label.length));
  return fields.flatMap(([label, value]) => {
    const [first = "", ...rest] = typeof value === "string" ? [value] : value;
    return [`${label.padEnd(width)}  ${first}`, ...rest.map((line) => `${" ".repeat(width + 2)}${line}`)];
  });
}
