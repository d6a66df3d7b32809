import type { Axis, ChunkWorkers, Image, OpenImage, OpenNode } from "@ozx/core";
import { openLevel } from "@ozx/core/internal";

/** What the dimensions of an array without names usually are, from the last one on. */
const USUAL = ["t", "c", "z", "y", "x"];

/**
 * A Zarr array without OME-Zarr metadata as an image of one level, whose axes are its dimension names, or the usual ones.
 * Undefined for other nodes, and for arrays that have no plane to show.
 */
export function plainImage({ hierarchy, store }: OpenNode, workers: ChunkWorkers): OpenImage | undefined {
  const node = hierarchy.nodes.get("/");
  if (node?.kind !== "array") return undefined;
  const { shape, dimensionNames } = node.array;
  const axes = axesOf(shape.length, dimensionNames ?? []);
  if (axes === undefined) return undefined;
  const [scale, translation] = [shape.map(() => 1), shape.map(() => 0)];
  const level = { path: node.path, scale, translation, array: node, problems: [] };
  const multiscale = { name: undefined, type: undefined, axes, levels: [level], coordinateSystem: undefined };
  const model: Image = {
    ...{ kind: "image", path: node.path, version: "0.5", problems: [], name: undefined, labels: [] },
    ...{
      multiscales: [multiscale],
      channels: [],
      defaults: { t: undefined, z: undefined, model: undefined },
    },
  };
  const only = openLevel(store, level, multiscale, workers);
  return {
    ...{ path: node.path, model, name: undefined, axes, channels: [], levels: [only], labels: [] },
    level(index) {
      if (index !== 0) throw new RangeError(`an array has one level, and none of number ${index}`);
      return only;
    },
  };
}

/** Undefined for fewer than two dimensions, and for more than have usual names. */
function axesOf(rank: number, names: readonly (string | null | undefined)[]): Axis[] | undefined {
  const known = names.filter((name) => typeof name === "string" && name !== "");
  const hasNames = known.length === rank && new Set(known).size === rank;
  if (rank < 2 || (!hasNames && rank > USUAL.length)) return undefined;
  const chosen = hasNames ? (known as string[]) : USUAL.slice(-rank);
  return chosen.map((name) => ({ name, type: typeOf(name), unit: undefined }));
}

function typeOf(name: string): string {
  return { t: "time", c: "channel" }[name.toLowerCase()] ?? "space";
}
