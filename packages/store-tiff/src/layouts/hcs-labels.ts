import { nameOf, type PlateLayout, rowIndex } from "@ozx/virtual";

/** `A1-Site_0`, as Micro-Manager's HCS Site Generator names positions. */
const LABEL = /^([A-Z]{1,2})(\d{1,3})-Site_(\d+)$/;

/**
 * The plate that the labels of positions describe.
 *
 * @param labels of all images, in their order
 * @returns undefined where one of them is no site of a well, or two are the same site
 */
export function plateOfLabels(labels: readonly (string | undefined)[]): PlateLayout | undefined {
  const sites = labels.map((label, image) => {
    const [, row = "", column, site] = LABEL.exec(label ?? "") ?? [];
    return column === undefined
      ? undefined
      : { image, row: rowIndex(row), column: Number(column) - 1, site: Number(site) };
  });
  const known = sites.filter((site) => site !== undefined && site.column >= 0);
  if (known.length < labels.length || new Set(labels).size < labels.length || labels.length === 0)
    return undefined;
  const found = known.flatMap((site) => site ?? []);
  const wells = new Map<string, { row: number; column: number; fields: { image: number; site: number }[] }>();
  for (const { image, row, column, site } of found) {
    const key = `${row} ${column}`;
    const well = wells.get(key) ?? { row, column, fields: [] };
    well.fields.push({ image, site });
    wells.set(key, well);
  }
  const sorted = [...wells.values()].sort((a, b) => a.row - b.row || a.column - b.column);
  // The rows and columns that were imaged: nothing says how large the plate is.
  const rows = [...new Set(sorted.map(({ row }) => row))].sort((a, b) => a - b);
  const columns = [...new Set(sorted.map(({ column }) => column))].sort((a, b) => a - b);
  return {
    rows: rows.map((row) => nameOf(row, "letter")),
    columns: columns.map((column) => String(column + 1)),
    wells: sorted.map(({ row, column, fields }) => ({
      row: rows.indexOf(row),
      column: columns.indexOf(column),
      fields: fields.sort((a, b) => a.site - b.site).map(({ image }) => ({ image })),
    })),
  };
}
