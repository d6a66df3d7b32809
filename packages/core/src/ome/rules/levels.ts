import type { Multiscale } from "../model.js";
import { LEVEL_DIMENSIONS } from "../problem.js";
import { IMAGES, rule } from "./rule.js";

/** Rules of "multiscales metadata" that need the levels' arrays. */

interface ReadLevel {
  readonly path: Multiscale["levels"][number]["path"];
  readonly array: NonNullable<Multiscale["levels"][number]["array"]>;
  readonly fitsAxes: boolean;
}

function arraysOf({ levels }: Multiscale): ReadLevel[] {
  return levels.flatMap(({ path, array, problems }) =>
    array ? [{ path, array, fitsAxes: !problems.some(({ rule }) => rule === LEVEL_DIMENSIONS.rule) }] : [],
  );
}

function countPixels(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

export const levelOrder = rule({
  rule: "ome-level-order",
  level: "MUST",
  severity: "error",
  help: "List the datasets from the largest to the smallest; readers take the first for the full resolution.",
  kinds: IMAGES,
  *check({ node }) {
    for (const multiscale of node.multiscales) {
      const levels = arraysOf(multiscale);
      for (const [index, { path, array }] of levels.entries()) {
        const before = levels[index - 1];
        if (before && countPixels(array.array.shape) > countPixels(before.array.array.shape)) {
          yield `The level ${path} (${array.array.shape.join(" × ")}) of the image ${node.path} is listed after the smaller level ${before.path} (${before.array.array.shape.join(" × ")}).`;
        }
      }
    }
  },
});

export const levelDtype = rule({
  rule: "ome-level-dtype",
  level: "MUST",
  severity: "error",
  help: "Write all levels in the data type of the first one.",
  kinds: IMAGES,
  *check({ node, metadata }) {
    for (const multiscale of node.multiscales) {
      const [first, ...others] = arraysOf(multiscale);
      for (const { path, array } of others) {
        if (!first || array.array.dtype === first.array.array.dtype) continue;
        const message = `The level ${path} is ${array.array.dtype} and the level ${first.path} is ${first.array.array.dtype}.`;
        // The sentence came with 0.6; viewers have always taken it for granted.
        yield metadata.version === "0.6" ? { message } : { message, level: "policy", severity: "warning" };
      }
    }
  },
});

export const dimensionNames = rule({
  rule: "ome-dimension-names",
  level: "MUST",
  severity: "error",
  help: "Write the names of the axes as dimension_names into the zarr.json of each level.",
  kinds: IMAGES,
  since: "0.5",
  *check({ node, metadata }) {
    for (const multiscale of node.multiscales) {
      const names = multiscale.axes.map(({ name }) => name);
      for (const { path, array, fitsAxes } of arraysOf(multiscale)) {
        const written = array.array.dimensionNames;
        if (array.zarrFormat !== 3 || !fitsAxes) continue;
        if (written && names.every((name, index) => name === written[index])) continue;
        const message = written
          ? `The dimension_names of ${path} are ${written.join(", ")} and the axes of its image are ${names.join(", ")}.`
          : `${path} has no dimension_names; the axes of its image are ${names.join(", ")}.`;
        // The text of 0.6 no longer says it, and gives axes of a coordinate system names of their own.
        yield metadata.version === "0.5" ? { message } : { message, level: "policy", severity: "warning" };
      }
    }
  },
});

export const chunkSeparator = rule({
  rule: "ome-chunk-separator",
  level: "MUST",
  severity: "warning",
  help: 'Write chunks in nested folders (dimension_separator "/").',
  kinds: IMAGES,
  since: "0.2",
  until: "0.4",
  *check({ node }) {
    for (const { path, array } of node.multiscales.flatMap(arraysOf)) {
      if (array.zarrFormat === 2 && array.array.chunkKey.separator === "." && array.array.shape.length > 1) {
        yield `The chunks of the level ${path} of the image ${node.path} are not in nested folders.`;
      }
    }
  },
});
