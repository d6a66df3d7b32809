import { isOzxError } from "../errors.js";
import type { AbsolutePath } from "../store/store.js";
import { isJsonObject, type JsonObject } from "../zarr/json.js";
import type { Hierarchy } from "../zarr/zarr-node.js";
import type { Acquisition, Field, Plate, PlateWell, Well } from "./model.js";
import { asCount, asName, asString, formatValue, member } from "./ome-metadata.js";
import { type ReadContext, readContext, readPath, UNREADABLE_PART, unreadable } from "./read-context.js";
import { listOf } from "./read-multiscale.js";

/**
 * Reads a group with `plate` ("plate metadata"). Wells without a valid path or position are ignored.
 *
 * @returns the steps of reading, since there may be a million wells; see `readOmeInSlices`
 * @throws InvalidMetadataError when it has no list of wells
 */
export function* plateSteps(context: ReadContext): Generator<undefined, Plate> {
  const { path, version, problems, attributes } = context;
  const plate = member(attributes, "plate");
  const wells = isJsonObject(plate) ? member(plate, "wells") : undefined;
  if (!isJsonObject(plate) || !Array.isArray(wells)) {
    throw unreadable(context, "the plate has no list of wells.");
  }
  const rows = namesOf(plate, "rows", context);
  const columns = namesOf(plate, "columns", context);
  return {
    kind: "plate",
    path,
    version,
    problems,
    name: asName(member(plate, "name")),
    rows,
    columns,
    wells: yield* plateWellSteps(wells, rows, columns, context),
    acquisitions: readAcquisitions(plate, context),
    fieldCount: asCount(member(plate, "field_count")),
  };
}

function namesOf(plate: JsonObject, key: "rows" | "columns", { path, report }: ReadContext): string[] {
  const list = member(plate, key);
  if (!Array.isArray(list)) {
    report(UNREADABLE_PART, `The plate ${path} has no list of ${key}.`);
    return [];
  }
  return list.map((entry: unknown, index) => {
    const name = isJsonObject(entry) ? asName(member(entry, "name")) : undefined;
    if (name === undefined) {
      report(UNREADABLE_PART, `One of the ${key} of ${path} has no name: ${formatValue(entry)}.`);
    }
    return name ?? String(index + 1);
  });
}

/** Each well once, however often it is listed: its fields are read with it. */
function* plateWellSteps(
  list: readonly unknown[],
  rows: readonly string[],
  columns: readonly string[],
  context: ReadContext,
): Generator<undefined, PlateWell[]> {
  const wells: PlateWell[] = [];
  const known = new Set<AbsolutePath>();
  const [rowAt, columnAt] = [indexByName(rows), indexByName(columns)];
  for (const [index, value] of list.entries()) {
    if (index % WELLS_IN_STEP === 0) yield;
    const well = readPlateWell(value, { rowAt, columnAt }, known, context);
    if (well === undefined) continue;
    known.add(well.path);
    wells.push(well);
  }
  return wells;
}

/** Reading so many wells takes well below a millisecond. */
const WELLS_IN_STEP = 256;

/** The first index of each name. */
function indexByName(names: readonly string[]): Map<string, number> {
  return new Map([...names.entries()].reverse().map(([index, name]) => [name, index]));
}

interface PlateAxes {
  readonly rowAt: ReadonlyMap<string, number>;
  readonly columnAt: ReadonlyMap<string, number>;
}

/** A well has indices since 0.4; without them, its path has the names of its row and column. */
function readPlateWell(
  value: unknown,
  { rowAt, columnAt }: PlateAxes,
  known: ReadonlySet<AbsolutePath>,
  context: ReadContext,
): PlateWell | undefined {
  const { hierarchy, path, report } = context;
  const name = isJsonObject(value) ? member(value, "path") : undefined;
  const resolved = readPath(name, () => `A well of the plate ${path}`, context);
  if (!isJsonObject(value) || typeof name !== "string" || resolved === undefined) return undefined;
  if (known.has(resolved)) return undefined;
  const row = asCount(member(value, "rowIndex")) ?? rowAt.get(segmentOf(name, 0)) ?? -1;
  const column = asCount(member(value, "columnIndex")) ?? columnAt.get(segmentOf(name, 1)) ?? -1;
  if (row < 0 || column < 0) {
    report(UNREADABLE_PART, `The well "${name}" of the plate ${path} is in no row and column of the plate.`);
    return undefined;
  }
  return { path: resolved, row, column, fields: fieldsOf(hierarchy, resolved) };
}

function segmentOf(path: string, index: number): string {
  return path.split("/")[index] ?? "";
}

/** The fields of the well at a path; undefined where there is no readable well. */
function fieldsOf(hierarchy: Hierarchy, path: AbsolutePath): readonly Field[] | undefined {
  const node = hierarchy.nodes.get(path);
  if (node?.kind !== "group") return undefined;
  try {
    const context = readContext(hierarchy, node);
    return context && Object.hasOwn(context.attributes, "well") ? readWell(context).fields : undefined;
  } catch (error) {
    if (isOzxError(error)) return undefined;
    throw error;
  }
}

function readAcquisitions(plate: JsonObject, { path, report }: ReadContext): Acquisition[] {
  return listOf(plate, "acquisitions").flatMap((acquisition) => {
    const id = asCount(member(acquisition, "id"));
    if (id === undefined) {
      report(UNREADABLE_PART, `An acquisition of the plate ${path} has no id: ${formatValue(acquisition)}.`);
      return [];
    }
    return [
      {
        id,
        name: asName(member(acquisition, "name")),
        description: asString(member(acquisition, "description")),
        maximumFieldCount: asCount(member(acquisition, "maximumfieldcount")),
        startTime: asCount(member(acquisition, "starttime")),
        endTime: asCount(member(acquisition, "endtime")),
      },
    ];
  });
}

/**
 * Reads a group with `well` ("well metadata"): its fields of view, each once.
 *
 * @throws InvalidMetadataError when it has no list of images
 */
export function readWell(context: ReadContext): Well {
  const { path, version, problems, attributes } = context;
  const well = member(attributes, "well");
  const images = isJsonObject(well) ? member(well, "images") : undefined;
  if (!Array.isArray(images)) throw unreadable(context, "the well has no list of images.");
  const seen = new Set<AbsolutePath>();
  const fields = images.flatMap((image: unknown): Field[] => {
    const name = isJsonObject(image) ? member(image, "path") : undefined;
    const resolved = readPath(name, () => `An image of the well ${path}`, context);
    if (!isJsonObject(image) || resolved === undefined || seen.has(resolved)) return [];
    seen.add(resolved);
    return [{ path: resolved, acquisition: asCount(member(image, "acquisition")) }];
  });
  return { kind: "well", path, version, problems, fields };
}
