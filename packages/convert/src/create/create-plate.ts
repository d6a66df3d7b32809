import type { AbsolutePath, ReadOptions } from "@ozx/core";
import type { StoreTarget } from "@ozx/core/container";
import { rejectUnknownOptions } from "@ozx/core/internal";
import { documentEntry } from "../chunks/document-entries.js";
import { checkImageArguments, requireArray } from "./check-arguments.js";
import {
  beginHierarchy,
  type Committed,
  committed,
  type ImageWriter,
  openImageWriter,
} from "./create-image.js";
import type { NewImageOptions } from "./image-options.js";
import { type Closed, omeGroup, PLAIN_GROUP, planPixels, WRITTEN_VERSION } from "./image-writer.js";

/** A new plate. */
export interface NewPlateOptions {
  /** Names of letters and digits, such as A and B, from top to bottom. */
  readonly rows: readonly string[];
  /** Names of letters and digits, such as 1 and 2, from left to right. */
  readonly columns: readonly string[];
  /** The plate's own name. */
  readonly name?: string | undefined;
  /** The acquisitions that fields can belong to. */
  readonly acquisitions?:
    | readonly { readonly id: number; readonly name?: string; readonly description?: string }[]
    | undefined;
}

/** The names of the options of `createPlate`. */
export const PLATE_OPTIONS: readonly (keyof NewPlateOptions)[] = ["rows", "columns", "name", "acquisitions"];

/** A new field of view. */
export interface NewFieldOptions extends NewImageOptions {
  /** The `id` of an acquisition; required if the plate has several. */
  readonly acquisition?: number | undefined;
}

/** A plate that is being written. It gets those wells that have fields. */
export interface PlateWriter extends Committed {
  /**
   * Begins the next field of view of a well. Fields may be written at the same time. They are closed with the plate at
   * the latest.
   *
   * @param well its row and column, as in `B/3`
   * @throws RangeError if the plate has no such well, or options contradict each other
   * @throws UsageError for unknown options
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
 * Creates an OME-Zarr 0.5 plate in a target ("plate metadata" and "well metadata" of 0.5).
 *
 * @throws RangeError if names do not consist of letters and digits, or are repeated
 * @throws UsageError for unknown options
 * @throws UnsupportedError if the target cannot be written entry by entry
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

  const finish = async (closing?: ReadOptions): Promise<Closed> => {
    const closed: Closed[] = [];
    for (const image of images) closed.push(await (await image).close(closing));
    const all = [...wells.values()].sort((a, b) => a.rowIndex - b.rowIndex || a.columnIndex - b.columnIndex);
    if (all.length === 0)
      throw new RangeError(`the plate in ${writer.name} has no field yet: create one, or discard the plate`);
    for (const row of new Set(all.map(({ rowIndex }) => plate.rows[rowIndex]))) {
      await writer.add(documentEntry(`/${row}`, PLAIN_GROUP), closing);
    }
    for (const { path, fields } of all) {
      const well = omeGroup({ well: { version: WRITTEN_VERSION, images: fields } });
      await writer.add(documentEntry(`/${path}`, well), closing);
    }
    await writer.add(documentEntry("/", omeGroup({ plate: describePlate(plate, all) })), closing);
    return { unwritten: closed.flatMap(({ unwritten }) => unwritten) };
  };

  return {
    async createField(path, { acquisition, ...image }, creating) {
      const well = wellAt(path);
      checkAcquisition(acquisition, plate);
      checkImageArguments(image);
      const field = String(well.fields.length);
      const placed = { ...image, path: `/${path}/${field}` as AbsolutePath };
      // Invalid options are refused before the field is counted. A later failure also fails the plate.
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
    ids.length > 0
      ? `a field needs the id of its acquisition: one of ${ids.join(", ")}`
      : `the plate has no acquisition ${id}: it lists none`,
  );
}

function checkNames(what: string, names: readonly string[]): void {
  requireArray(what, names, "of names");
  if (names.length === 0) throw new RangeError(`${what} must have at least one name`);
  const other = names.find((name) => typeof name !== "string");
  if (other !== undefined) {
    throw new RangeError(
      `${what} must be names as strings, such as "${other}", not ${JSON.stringify(other)}`,
    );
  }
  const wrong = names.find((name) => !/^[A-Za-z0-9]+$/.test(name));
  if (wrong !== undefined) {
    throw new RangeError(`${what} must be names of letters and digits, not ${JSON.stringify(wrong)}`);
  }
  const repeated = names.find((name, k) => names.indexOf(name) !== k);
  if (repeated !== undefined)
    throw new RangeError(`${what} must be different, and "${repeated}" is repeated`);
}
