import type { AbsolutePath, ReadOptions } from "@ozx/core";
import type { StoreTarget } from "@ozx/core/container";
import { rejectUnknownOptions } from "@ozx/core/internal";
import { documentEntry } from "../chunks/encode-entries.js";
import { checkImageArguments, refuseOtherList } from "./check-arguments.js";
import {
  beginHierarchy,
  type Committed,
  committed,
  type ImageWriter,
  openImageWriter,
} from "./create-image.js";
import type { NewImageOptions } from "./image-options.js";
import { omeGroup, PLAIN_GROUP, planPixels, WRITTEN_VERSION } from "./image-writer.js";

export interface NewPlateOptions {
  /** Names of letters and digits, as in A and B, from the top on. */
  readonly rows: readonly string[];
  /** Names of letters and digits, as in 1 and 2, from the left on. */
  readonly columns: readonly string[];
  readonly name?: string | undefined;
  readonly acquisitions?:
    | readonly { readonly id: number; readonly name?: string; readonly description?: string }[]
    | undefined;
}

/** The names of what `createPlate` takes. */
export const PLATE_OPTIONS: readonly (keyof NewPlateOptions)[] = ["rows", "columns", "name", "acquisitions"];

export interface NewFieldOptions extends NewImageOptions {
  /** The `id` of an acquisition; needed where the plate has several. */
  readonly acquisition?: number | undefined;
}

/** A plate that is being written; it has the wells that have fields. */
export interface PlateWriter extends Committed {
  /**
   * Begins the next field of view of a well. Fields may be written at the same time; they are closed with the plate at
   * the latest.
   *
   * @param well a row and a column, as in `B/3`
   * @throws RangeError when the plate has no such well, or the options contradict each other
   */
  createField(well: string, image: NewFieldOptions, options?: ReadOptions): Promise<ImageWriter>;
}

interface Well {
  readonly path: string;
  readonly rowIndex: number;
  readonly columnIndex: number;
  readonly fields: { readonly path: string; readonly acquisition?: number }[];
}

/**
 * Creates an OME-Zarr 0.5 plate in a target ("plate metadata", "well metadata").
 *
 * @throws RangeError when names are not those of letters and digits, or stand twice
 * @throws UsageError for options that there are none of
 * @throws UnsupportedError when the target cannot grow
 */
export async function createPlate(
  target: StoreTarget,
  plate: NewPlateOptions,
  options?: ReadOptions,
): Promise<PlateWriter> {
  rejectUnknownOptions("a plate", plate, PLATE_OPTIONS);
  checkNames("rows", plate.rows);
  checkNames("columns", plate.columns);
  const writer = await beginHierarchy(target, options);
  const wells = new Map<string, Well>();
  const images: Promise<ImageWriter>[] = [];

  const wellAt = (path: string): Well => {
    const [row = "", column = "", ...rest] = path.split("/");
    const [rowIndex, columnIndex] = [plate.rows.indexOf(row), plate.columns.indexOf(column)];
    if (rowIndex < 0 || columnIndex < 0 || rest.length > 0) {
      throw new RangeError(
        `the plate in ${writer.name} has no well ${path}: its rows are ${plate.rows.join(", ")} and its columns ${plate.columns.join(", ")}, as in ${plate.rows[0]}/${plate.columns[0]}`,
      );
    }
    return wells.get(path) ?? { path, rowIndex, columnIndex, fields: [] };
  };

  const finish = async (closing?: ReadOptions): Promise<void> => {
    for (const image of images) await (await image).close(closing);
    const all = [...wells.values()].sort((a, b) => a.rowIndex - b.rowIndex || a.columnIndex - b.columnIndex);
    if (all.length === 0) throw new RangeError(`the plate in ${writer.name} has no field yet`);
    for (const row of new Set(all.map(({ rowIndex }) => plate.rows[rowIndex]))) {
      await writer.add(documentEntry(`/${row}`, PLAIN_GROUP), closing);
    }
    for (const { path, fields } of all) {
      const well = omeGroup({ well: { version: WRITTEN_VERSION, images: fields } });
      await writer.add(documentEntry(`/${path}`, well), closing);
    }
    await writer.add(documentEntry("/", omeGroup({ plate: describePlate(plate, all) })), closing);
  };

  return {
    async createField(path, { acquisition, ...image }, creating) {
      const well = wellAt(path);
      checkAcquisition(acquisition, plate);
      checkImageArguments(image);
      const field = String(well.fields.length);
      const placed = { ...image, path: `/${path}/${field}` as AbsolutePath };
      // Options that are refused take no place; what fails while it is written takes the plate with it.
      planPixels(writer.name, { ...placed, method: "mean" });
      well.fields.push({ path: field, ...(acquisition !== undefined && { acquisition }) });
      wells.set(path, well);
      const opening = openImageWriter(writer, placed, creating);
      images.push(opening);
      return opening;
    },
    ...committed(writer, finish),
  };
}

function describePlate({ rows, columns, name, acquisitions }: NewPlateOptions, wells: readonly Well[]) {
  return {
    version: WRITTEN_VERSION,
    ...(name !== undefined && { name }),
    rows: rows.map((row) => ({ name: row })),
    columns: columns.map((column) => ({ name: column })),
    wells: wells.map(({ path, rowIndex, columnIndex }) => ({ path, rowIndex, columnIndex })),
    field_count: wells.reduce((most, { fields }) => Math.max(most, fields.length), 0),
    ...(acquisitions && { acquisitions }),
  };
}

function checkAcquisition(id: number | undefined, { acquisitions = [] }: NewPlateOptions): void {
  const ids = acquisitions.map((acquisition) => acquisition.id);
  if (id === undefined ? ids.length <= 1 : ids.includes(id)) return;
  throw new RangeError(
    `a field needs the acquisition that it belongs to: one of ${ids.join(", ") || "none, as the plate lists none"}`,
  );
}

function checkNames(what: string, names: readonly string[]): void {
  refuseOtherList(what, names, "of names");
  const other = names.find((name) => typeof name !== "string");
  if (other !== undefined) {
    throw new RangeError(
      `${what} must be names as strings, as in "${other}", and ${JSON.stringify(other)} is none`,
    );
  }
  const wrong = names.find((name, k) => !/^[A-Za-z0-9]+$/.test(name) || names.indexOf(name) !== k);
  if (names.length > 0 && wrong === undefined) return;
  throw new RangeError(
    `${what} must be different names of letters and digits${wrong === undefined ? "" : `, and ${JSON.stringify(wrong)} is none`}`,
  );
}
