import type { AbsolutePath } from "../store/store.js";
import { isBelow, nameBelow, parentKey } from "../store/store-keys.js";
import { isJsonObject, type JsonObject } from "../zarr/json.js";
import { type Nodes, storedPath } from "../zarr/stored-path.js";
import { member, resolvePath } from "./ome-metadata.js";
import { listOf } from "./read-multiscale.js";

/** Where OME-Zarr metadata names nodes below its own; `*` is every member of a list. */
const NAMES: readonly (readonly string[])[] = [
  ["labels", "*"],
  ["multiscales", "*", "datasets", "*", "path"],
  ["plate", "wells", "*", "path"],
  ["well", "images", "*", "path"],
  ["scene", "coordinateTransformations", "*", "input", "path"],
  ["scene", "coordinateTransformations", "*", "output", "path"],
];

/**
 * The OME-Zarr metadata of a node with the names of other nodes as these are stored, where it has them in another normal
 * form of Unicode; the same object where it has none.
 *
 * @param path of the node
 */
export function withStoredNames(nodes: Nodes, path: AbsolutePath, written: JsonObject): JsonObject {
  const storedBelow =
    (base: AbsolutePath) =>
    (name: unknown): unknown => {
      const listed = typeof name === "string" && NOT_ASCII.test(name) ? resolvePath(base, name) : undefined;
      const stored = listed && storedPath(nodes, listed);
      const isOther = stored !== undefined && stored !== listed && isBelow(stored, base);
      return isOther ? nameBelow(base, stored) : name;
    };
  const own = storedBelow(path);
  const named = NAMES.reduce<unknown>((value, steps) => replaceAt(value, steps, own), written);
  // The group `OME` lists images beside it.
  const ome = replaceAt(named, ["series", "*"], storedBelow(parentKey(path))) as JsonObject;
  return isSamePlate(ome, written) ? ome : withNamesOfWells(ome);
}

function isSamePlate(one: JsonObject, other: JsonObject): boolean {
  return member(one, "plate") === member(other, "plate");
}

/** The rows and columns of a plate are named as in the paths of its wells. */
function withNamesOfWells(ome: JsonObject): JsonObject {
  const plate = member(ome, "plate");
  const wells = isJsonObject(plate) ? listOf(plate, "wells") : [];
  const names = new Map<string, string>();
  for (const { path } of wells) {
    for (const name of typeof path === "string" ? path.split("/") : [])
      names.set(name.normalize("NFC"), name);
  }
  const ofWells = (name: unknown): unknown =>
    typeof name === "string" ? (names.get(name.normalize("NFC")) ?? name) : name;
  return ["rows", "columns"].reduce<unknown>(
    (value, list) => replaceAt(value, ["plate", list, "*", "name"], ofWells),
    ome,
  ) as JsonObject;
}

const NOT_ASCII = /[^\0-\x7f]/;

/** A value with what stands at some steps below it replaced; the same value where nothing changes. */
function replaceAt(
  value: unknown,
  [step, ...steps]: readonly string[],
  replace: (value: unknown) => unknown,
): unknown {
  if (step === undefined) return replace(value);
  if (step === "*") {
    if (!Array.isArray(value)) return value;
    const items = value.map((item: unknown) => replaceAt(item, steps, replace));
    return items.every((item, at) => item === value[at]) ? value : items;
  }
  const before = isJsonObject(value) ? member(value, step) : undefined;
  const after = before === undefined ? before : replaceAt(before, steps, replace);
  return isJsonObject(value) && after !== before ? { ...value, [step]: after } : value;
}
