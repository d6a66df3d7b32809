import type { Finding } from "@ozx/core";
import {
  type FieldLayout,
  nameOf,
  notice,
  type PlateAcquisition,
  type PlateLayout,
  type WellLayout,
} from "@ozx/virtual";
import type { OmeImage, OmePlate, OmeXml } from "./ome-model.js";

/** More rows or columns than any plate has (a 6144-well plate has 64 by 96). */
const LARGEST_PLATE = 1024;

/**
 * The plate of OME-XML.
 *
 * @returns undefined where the images are not, or not all, the fields of one plate
 */
export function plateOf(
  { plates, images }: OmeXml,
  name: string,
  findings: Finding[],
): PlateLayout | undefined {
  const used = plates.filter(({ wells }) => wells.some(({ samples }) => samples.length > 0));
  const [plate] = used;
  if (plate === undefined) return undefined;
  if (used.length > 1) {
    findings.push(
      notice(
        "several-plates",
        `${name} has ${used.length} plates, which OME-Zarr has no place for: its images are shown as a list.`,
        "Convert each plate on its own.",
      ),
    );
    return undefined;
  }
  const wells = wellsOf(plate, images);
  const fields = wells.reduce((sum, well) => sum + well.fields.length, 0);
  const size = { rows: extent(plate.rows, wells, "row"), columns: extent(plate.columns, wells, "column") };
  const isPossible =
    fields > 0 && size.rows <= LARGEST_PLATE && size.columns <= LARGEST_PLATE && areWhole(wells);
  if (!isPossible) return undefined;
  if (fields < images.length) {
    findings.push(
      notice(
        "images-outside-plate",
        `${images.length - fields} of the ${images.length} images of ${name} are in no well of its plate: they are left out.`,
        "Convert them from files of their own.",
      ),
    );
  }
  const acquisitions = acquisitionsOf(plate);
  return {
    name: plate.name,
    rows: Array.from({ length: size.rows }, (_, k) => nameOf(k, plate.rowNaming ?? "letter")),
    columns: Array.from({ length: size.columns }, (_, k) => nameOf(k, plate.columnNaming ?? "number")),
    wells,
    ...(acquisitions.length > 0 && { acquisitions }),
  };
}

function wellsOf(plate: OmePlate, images: readonly OmeImage[]): WellLayout[] {
  const imageNumbers = new Map(images.map(({ id }, k) => [id, k]));
  const acquisitionOf = new Map(
    plate.acquisitions.flatMap(({ samples }, id) => samples.map((sample): [string, number] => [sample, id])),
  );
  const wells = new Map<
    string,
    { row: number; column: number; fields: (FieldLayout & { index: number })[] }
  >();
  for (const { row, column, samples } of plate.wells) {
    const well = wells.get(`${row} ${column}`) ?? { row, column, fields: [] };
    for (const { id, index, image: ref } of samples) {
      const image = ref === undefined ? undefined : imageNumbers.get(ref);
      if (image !== undefined) well.fields.push({ index, image, acquisition: acquisitionOf.get(id) });
    }
    if (well.fields.length > 0) wells.set(`${row} ${column}`, well);
  }
  const sorted = [...wells.values()].sort((a, b) => a.row - b.row || a.column - b.column);
  return sorted.map(({ row, column, fields }) => ({
    row,
    column,
    fields: fields
      .sort((a, b) => a.index - b.index)
      .map(({ image, acquisition }) => ({ image, ...(acquisition !== undefined && { acquisition }) })),
  }));
}

function areWhole(wells: readonly WellLayout[]): boolean {
  return wells.every(({ row, column }) => [row, column].every((at) => Number.isSafeInteger(at) && at >= 0));
}

/** Rows and Columns are optional, and must not be fewer than the wells need. */
function extent(written: number | undefined, wells: readonly WellLayout[], axis: "row" | "column"): number {
  const needed = Math.max(0, ...wells.map((well) => well[axis] + 1));
  return written !== undefined && Number.isSafeInteger(written) ? Math.max(written, needed) : needed;
}

function acquisitionsOf({ acquisitions }: OmePlate): PlateAcquisition[] {
  return acquisitions.map(({ name }, id) => ({ id, ...(name !== undefined && { name }) }));
}
