import { nameOf } from "./plate-names.js";
import type { PlateLayout } from "./virtual-image.js";

/** Where an image is in a plate. */
export interface PlateSite {
  /** Indices of the row and the column of its well. */
  readonly row: number;
  readonly column: number;
  /** Which of the fields of its well it is. */
  readonly site: number;
}

/**
 * The plate that images at sites of wells make up.
 *
 * @param sites of all images, in their order
 * @returns undefined where there are none, where one of them has no site, or two have the same
 */
export function plateOfSites(sites: readonly (PlateSite | undefined)[]): PlateLayout | undefined {
  const known = sites.flatMap((site, image) =>
    site !== undefined && site.row >= 0 && site.column >= 0 ? { ...site, image } : [],
  );
  const isWhole = known.length === sites.length && known.length > 0;
  const keys = new Set(known.map(({ row, column, site }) => `${row} ${column} ${site}`));
  if (!isWhole || keys.size < known.length) return undefined;
  const wells = new Map<string, { row: number; column: number; fields: { image: number; site: number }[] }>();
  for (const { image, row, column, site } of known) {
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
