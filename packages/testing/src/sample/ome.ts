import { PIXEL_SIZE } from "./arrays.js";
import type { Sample } from "./options.js";
import { STAINS } from "./paint.js";
import { intensityScale } from "./values.js";

type Attributes = { readonly [name: string]: unknown };

/** Each group of the sample and its attributes, in the wording of the sample's OME-Zarr version. */
export function groupAttributes(sample: Sample): Map<`/${string}`, Attributes> {
  const image = {
    multiscales: [multiscale(sample, "cells in a dish", ["c", "z", "y", "x"])],
    omero: omero(sample),
  };
  const labels = { labels: ["cells"] };
  const cells = {
    multiscales: [multiscale(sample, "cells", ["z", "y", "x"])],
    "image-label": {
      ...versionIn("0.4", sample),
      colors: [
        { "label-value": 1, rgba: [255, 128, 0, 255] },
        { "label-value": 2, rgba: [0, 200, 120, 255] },
      ],
      source: { image: "../../" },
    },
  };
  return new Map<`/${string}`, Attributes>([
    ["/", ome(sample, image)],
    ["/labels", ome(sample, labels)],
    ["/labels/cells", ome(sample, cells)],
    ["/tables", { tables: ["measurements"] }],
    [
      "/tables/measurements",
      { type: "feature_table", region: { path: "../labels/cells" }, "column-order": ["volume", "name"] },
    ],
  ]);
}

/** 0.5 puts everything below `ome`, together with the version that 0.4 repeats in each member. */
function ome({ version }: Sample, attributes: Attributes): Attributes {
  return version === "0.5" ? { ome: { version, ...attributes } } : attributes;
}

function versionIn(version: Sample["version"], sample: Sample): { version?: string } {
  return sample.version === version ? { version } : {};
}

function multiscale(sample: Sample, name: string, axes: readonly ("c" | "z" | "y" | "x")[]): Attributes {
  return {
    ...versionIn("0.4", sample),
    name,
    axes: axes.map((axis) =>
      axis === "c" ? { name: axis, type: "channel" } : { name: axis, type: "space", unit: "micrometer" },
    ),
    datasets: Array.from({ length: sample.levels }, (_, level) => ({
      path: String(level),
      coordinateTransformations: [{ type: "scale", scale: axes.map((axis) => pixelSize(axis, level)) }],
    })),
  };
}

function pixelSize(axis: "c" | "z" | "y" | "x", level: number): number {
  if (axis === "c") return 1;
  return axis === "z" ? PIXEL_SIZE.z : PIXEL_SIZE[axis] * 2 ** level;
}

function omero(sample: Sample): Attributes {
  const { toValue, max } = intensityScale(sample.dtype);
  return {
    ...versionIn("0.4", sample),
    channels: Array.from({ length: sample.size.c }, (_, channel) => ({
      ...STAINS[channel % STAINS.length],
      active: true,
      window: { min: 0, max, start: toValue(0.04), end: toValue(0.85) },
    })),
    rdefs: { defaultZ: Math.floor(sample.size.z / 2), model: "color" },
  };
}
