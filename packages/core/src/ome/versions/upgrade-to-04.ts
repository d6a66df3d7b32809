import type { AbsolutePath } from "../../store/store.js";
import { isJsonObject, type JsonObject } from "../../zarr/json.js";
import { storedPath } from "../../zarr/stored-path.js";
import type { GroupNode, Hierarchy } from "../../zarr/zarr-node.js";
import type { OmeVersion } from "../model.js";
import { asCount, member, omeMetadataOf, resolvePath } from "../ome-metadata.js";
import { CONVENTION, listOf, scaleByShapes, TYPES_BY_NAME } from "../read-multiscale.js";

/**
 * The attributes of a group of OME-Zarr 0.1 to 0.3 as 0.4 has them. Axes become objects with the types that their names
 * stand for; each level gets the scale that follows from the shapes, as ome-zarr-py writes it, because these versions
 * have no pixel sizes; and wells get the indices of their row and column. Other groups stay unchanged.
 *
 * @returns the attributes, or why they cannot be upgraded without guessing, as a clause about the group
 */
export function upgradeTo04(node: GroupNode, hierarchy: Hierarchy): JsonObject | string {
  const metadata = omeMetadataOf(node);
  if (metadata === undefined || metadata.namespaced || metadata.version >= "0.4") return node.attributes;
  const upgraded: [string, unknown][] = [];
  for (const [name, value] of Object.entries(node.attributes)) {
    if (name === "multiscales" && Array.isArray(value)) {
      const images = value.map((one: unknown) =>
        isJsonObject(one) ? upgradeMultiscale(one, metadata.version, node.path, hierarchy) : one,
      );
      const fault = images.find((one) => typeof one === "string");
      if (typeof fault === "string") return fault;
      upgraded.push([name, images]);
    } else upgraded.push([name, name === "plate" && isJsonObject(value) ? upgradePlate(value) : value]);
  }
  return Object.fromEntries(upgraded);
}

function upgradeMultiscale(
  multiscale: JsonObject,
  version: OmeVersion,
  image: AbsolutePath,
  hierarchy: Hierarchy,
): JsonObject | string {
  const datasets = listOf(multiscale, "datasets");
  const shapes = datasets.map((dataset) => shapeOf(dataset, image, hierarchy));
  const known = shapes.find((shape) => shape !== undefined);
  const axes = upgradeAxes(member(multiscale, "axes"), version, known?.length);
  if (typeof axes === "string") return axes;
  const first = shapes[0];
  const scaled: JsonObject[] = [];
  for (const [index, dataset] of datasets.entries()) {
    const shape = shapes[index];
    if (Object.hasOwn(dataset, "coordinateTransformations")) scaled.push(dataset);
    else if (first === undefined || shape === undefined) {
      return `the scale of its level ${String(dataset["path"])} follows from the shapes of its arrays, and one of them is missing`;
    } else {
      const scale = { type: "scale", scale: scaleByShapes(first, shape) };
      scaled.push({ ...dataset, coordinateTransformations: [scale] });
    }
  }
  return { ...multiscale, axes, datasets: scaled };
}

function shapeOf(
  dataset: JsonObject,
  image: AbsolutePath,
  { nodes }: Hierarchy,
): readonly number[] | undefined {
  const path = dataset["path"];
  const resolved = typeof path === "string" ? resolvePath(image, path) : undefined;
  const node = resolved === undefined ? undefined : nodes.get(storedPath(nodes, resolved));
  return node?.kind === "array" ? node.array.shape : undefined;
}

/** 0.3 names its axes; the arrays of 0.1 and 0.2 have five dimensions, t, c, z, y, x. */
function upgradeAxes(
  written: unknown,
  version: OmeVersion,
  dimensions: number | undefined,
): JsonObject[] | string {
  if (Array.isArray(written) && written.length > 0) {
    return written.map((axis: unknown) => (isJsonObject(axis) ? axis : axisOf(String(axis))));
  }
  if (version === "0.3") return "it does not name its axes";
  if (dimensions === CONVENTION.length) return CONVENTION.map(axisOf);
  return `images of ${version} have the five axes ${CONVENTION.join(", ")}, and its arrays have ${dimensions ?? "no"} dimensions`;
}

function axisOf(name: string): JsonObject {
  const type = TYPES_BY_NAME.get(name);
  return { name, ...(type !== undefined && { type }) };
}

/** The path of a well has the names of its row and column. */
function upgradePlate(plate: JsonObject): JsonObject {
  const wells = plate["wells"];
  if (!Array.isArray(wells)) return plate;
  const [rows, columns] = (["rows", "columns"] as const).map((list) =>
    listOf(plate, list).map(({ name }) => name),
  );
  const indexed = wells.map((well: unknown) => {
    const path = isJsonObject(well) ? member(well, "path") : undefined;
    if (!isJsonObject(well) || typeof path !== "string") return well;
    const [row, column] = path.split("/");
    const rowIndex = asCount(well["rowIndex"]) ?? rows?.indexOf(row) ?? -1;
    const columnIndex = asCount(well["columnIndex"]) ?? columns?.indexOf(column) ?? -1;
    return rowIndex < 0 || columnIndex < 0 ? well : { ...well, rowIndex, columnIndex };
  });
  return { ...plate, wells: indexed };
}
