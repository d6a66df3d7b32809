import { nameOf, type PlateLayout, rowIndex } from "@ozx/virtual";
import type { SceneGroup } from "./group-scenes.js";
import type { CziMetadata } from "./metadata.js";

/**
 * The plate that the wells of scenes make up.
 *
 * @param groups of all images, in their order
 * @returns undefined where one is in no well, or is not a whole scene
 */
export function plateOf(groups: readonly SceneGroup[], { scenes }: CziMetadata): PlateLayout | undefined {
  const seen = new Set<number>();
  const fields = groups.map(({ at }, image) => {
    const [, letters = "", digits] = /^([A-Z]+)(\d+)$/.exec(scenes.get(at.S ?? -1)?.well ?? "") ?? [];
    if (at.S === undefined || digits === undefined || seen.has(at.S)) return undefined;
    seen.add(at.S);
    return { image, row: rowIndex(letters), column: Number(digits) - 1 };
  });
  const known = fields.flatMap((field) => (field !== undefined && field.column >= 0 ? [field] : []));
  if (known.length < groups.length || known.length === 0) return undefined;
  // The rows and columns that were imaged: nothing says how large the plate is.
  const rows = [...new Set(known.map(({ row }) => row))].sort((a, b) => a - b);
  const columns = [...new Set(known.map(({ column }) => column))].sort((a, b) => a - b);
  const wells = rows.flatMap((row, r) =>
    columns.map((column, c) => ({
      row: r,
      column: c,
      fields: known
        .filter((field) => field.row === row && field.column === column)
        .map(({ image }) => ({ image })),
    })),
  );
  return {
    rows: rows.map((row) => nameOf(row, "letter")),
    columns: columns.map((column) => String(column + 1)),
    wells: wells.filter((well) => well.fields.length > 0),
  };
}
