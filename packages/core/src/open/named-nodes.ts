import { member } from "../ome/values.js";
import { omeMetadataOf } from "../ome/version.js";
import { joinKey } from "../store/keys.js";
import type { AbsolutePath } from "../store/store.js";
import { isJsonObject, type JsonObject } from "../zarr/json.js";
import type { ZarrNode } from "../zarr/node.js";

/** Where the metadata of a node says that there are others, and where there may be. */
export interface NamedNodes {
  readonly named: readonly AbsolutePath[];
  /** Not named, and there by convention: `labels` below an image, `OME` below a collection. */
  readonly likely: readonly AbsolutePath[];
}

/** The nodes that a reader of OME-Zarr goes on to from one, as no server says what is in a folder. */
export function namedNodes(node: ZarrNode): NamedNodes {
  const ome = omeMetadataOf(node)?.attributes;
  if (ome === undefined) return { named: [], likely: [] };
  const below = (paths: readonly unknown[]): AbsolutePath[] =>
    paths.flatMap((path) => (typeof path === "string" && isPlain(path) ? [joinKey(node.path, path)] : []));
  const levels = objects(member(ome, "multiscales")).flatMap((image) => objects(member(image, "datasets")));
  const plate = member(ome, "plate");
  const well = member(ome, "well");
  const named = [
    ...below(levels.map((level) => member(level, "path"))),
    ...below(list(member(ome, "labels"))),
    ...below(objects(isJsonObject(plate) ? member(plate, "wells") : []).map((one) => member(one, "path"))),
    ...below(objects(isJsonObject(well) ? member(well, "images") : []).map((one) => member(one, "path"))),
    ...seriesOf(node, list(member(ome, "series"))),
  ];
  const likely = [
    ...(levels.length > 0 && !Object.hasOwn(ome, "image-label") ? [joinKey(node.path, "labels")] : []),
    ...(Object.hasOwn(ome, "bioformats2raw.layout")
      ? [joinKey(node.path, "OME"), joinKey(node.path, "0")]
      : []),
  ];
  return { named, likely };
}

/** The series of a collection are listed in its group `OME`, and lie beside that. */
function seriesOf({ path }: ZarrNode, series: readonly unknown[]): AbsolutePath[] {
  const collection = path.slice(0, -"/OME".length);
  if (!path.endsWith("/OME")) return [];
  return series.flatMap((one) =>
    typeof one === "string" && isPlain(one) ? [`${collection}/${one}` as AbsolutePath] : [],
  );
}

/** A path that leads further down, and nowhere else. */
function isPlain(path: string): boolean {
  return (
    path !== "" && path.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..")
  );
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function objects(value: unknown): JsonObject[] {
  return list(value).filter(isJsonObject);
}
