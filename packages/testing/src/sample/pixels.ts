import { intensityScale, type NumberArray, type NumberType, numberArray } from "./numbers.js";
import { paintLabels, paintPlane } from "./paint.js";
import type { Sample } from "./sample-options.js";
import { growTissue } from "./tissue.js";

/** One array of the sample, with its values. */
export interface SampleArray {
  /** As in `/0` and `/labels/cells/0`. */
  readonly path: `/${string}`;
  readonly shape: readonly number[];
  readonly chunkShape: readonly number[];
  /** The shape of a shard; undefined where the array is not sharded. */
  readonly shardShape: readonly number[] | undefined;
  readonly dimensionNames: readonly string[] | undefined;
  readonly content:
    | { readonly dtype: NumberType; readonly values: NumberArray }
    | { readonly dtype: "string"; readonly values: readonly string[] };
  readonly attributes: { readonly [name: string]: unknown };
}

/** Pixel size of the largest level, in micrometres. */
export const PIXEL_SIZE = { z: 1.5, y: 0.325, x: 0.325 } as const;

/** Computes every array of the sample. Nobody changes the values: the next one who asks gets them again. */
export function computeArrays(sample: Sample): SampleArray[] {
  const { dtype } = sample;
  const { intensities, labels, tables } = pixelsOf(sample);
  return [
    ...intensities.map((level, i) => levelArray(sample, { path: `/${i}`, level, dtype })),
    ...labels.map((level, i) => levelArray(sample, { path: `/labels/cells/${i}`, level, dtype: "uint32" })),
    ...tables,
  ];
}

/** The levels of the image and of its labels, and the table. */
interface Pixels {
  readonly intensities: readonly Level[];
  readonly labels: readonly Level[];
  readonly tables: readonly SampleArray[];
}

/** Tests ask for the same few images again and again, in many forms. */
const REMEMBERED = 4;
const remembered = new Map<string, Pixels>();

function pixelsOf({ size, levels, dtype, seed }: Sample): Pixels {
  const name = JSON.stringify([size.c, size.z, size.y, size.x, levels, dtype, seed]);
  const pixels = remembered.get(name) ?? computePixels({ size, levels, dtype, seed });
  // Behind the others: the first one is the one that nobody has asked for the longest.
  remembered.delete(name);
  remembered.set(name, pixels);
  for (const oldest of remembered.keys()) if (remembered.size > REMEMBERED) remembered.delete(oldest);
  return pixels;
}

function computePixels(sample: Pick<Sample, "size" | "levels" | "dtype" | "seed">): Pixels {
  const { c, z, y, x } = sample.size;
  const tissue = growTissue({ height: y, width: x, seed: sample.seed });
  const heights = Array.from({ length: z }, (_, i) => (z === 1 ? 0 : (2 * i) / (z - 1) - 1));
  const { toValue } = intensityScale(sample.dtype);
  const image = numberArray(sample.dtype, c * z * y * x);
  const labels = numberArray("uint32", z * y * x);
  heights.forEach((height, plane) => {
    labels.set(paintLabels(tissue, height), plane * y * x);
    for (let channel = 0; channel < c; channel++) {
      const light = paintPlane(tissue, { channel, height, seed: sample.seed });
      image.set(light.map(toValue), (channel * z + plane) * y * x);
    }
  });
  const { levels, dtype } = sample;
  return {
    intensities: buildPyramid({ shape: [c, z, y, x], values: image }, { levels, dtype, reduction: "mean" }),
    labels: buildPyramid(
      { shape: [z, y, x], values: labels },
      { levels, dtype: "uint32", reduction: "nearest" },
    ),
    tables: measurements(labels, tissue.cells.length),
  };
}

function levelArray(
  { shards, chunk }: Sample,
  { path, level, dtype }: { path: `/${string}`; level: Level; dtype: NumberType },
): SampleArray {
  const [height = 1, width = 1] = level.shape.slice(-2);
  const outer = level.shape.slice(0, -2);
  const chunkShape = [...outer.map(() => 1), Math.min(chunk, height), Math.min(chunk, width)];
  // Two chunks in z, y and x: at an edge, some chunks of a shard are outside the array.
  const shardShape = chunkShape.map((extent, axis) => (axis < outer.length - 1 ? extent : 2 * extent));
  return {
    path,
    shape: level.shape,
    chunkShape,
    shardShape: shards ? shardShape : undefined,
    dimensionNames: ["c", "z", "y", "x"].slice(-level.shape.length),
    content: { dtype, values: level.values },
    attributes: {},
  };
}

/** A table, which OME-Zarr does not define: it must be preserved by every operation on the image. */
function measurements(labels: NumberArray, cells: number): SampleArray[] {
  const area = new Float64Array(cells);
  for (const label of labels) if (label > 0) area[label - 1] = (area[label - 1] ?? 0) + 1;
  const voxel = PIXEL_SIZE.z * PIXEL_SIZE.y * PIXEL_SIZE.x;
  const shared = {
    shape: [cells],
    chunkShape: [Math.ceil(cells / 2)],
    shardShape: undefined,
    dimensionNames: undefined,
  };
  return [
    {
      ...shared,
      path: "/tables/measurements/volume",
      content: { dtype: "float64", values: area.map((count) => count * voxel) },
      attributes: { "encoding-type": "array", unit: "cubic micrometer" },
    },
    {
      ...shared,
      path: "/tables/measurements/name",
      content: { dtype: "string", values: Array.from(area, (_, i) => `cell ${i + 1} ${"αβγ"[i % 3]}`) },
      attributes: { "encoding-type": "string-array" },
    },
  ];
}

/** The planes of one level, one after another; the last two extents of `shape` are y and x. */
interface Level {
  readonly shape: readonly number[];
  readonly values: NumberArray;
}

/** How a level is downsampled: mean for intensities, nearest for labels. */
type Reduction = "mean" | "nearest";

/** The level itself and lower-resolution ones, each half as high and wide as the previous one, rounded up. */
function buildPyramid(
  base: Level,
  { levels, dtype, reduction }: { levels: number; dtype: NumberType; reduction: Reduction },
): Level[] {
  const pyramid = [base];
  for (let last = base; pyramid.length < levels; pyramid.push(last)) last = halve(last, dtype, reduction);
  return pyramid;
}

function halve({ shape, values }: Level, dtype: NumberType, reduction: Reduction): Level {
  const [height = 1, width = 1] = shape.slice(-2);
  const planes = values.length / (height * width);
  const rows = Math.ceil(height / 2);
  const columns = Math.ceil(width / 2);
  const out = numberArray(dtype, planes * rows * columns);
  const round = dtype.startsWith("float") ? (mean: number) => mean : (mean: number) => Math.floor(mean + 0.5);
  let at = 0;
  for (let plane = 0; plane < planes; plane++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const top = (plane * height + 2 * row) * width;
        const left = 2 * column;
        if (reduction === "nearest") {
          out[at++] = values[top + left] ?? 0;
          continue;
        }
        // At an odd edge, the last row or column is repeated.
        const bottom = 2 * row + 1 < height ? top + width : top;
        const right = left + 1 < width ? left + 1 : left;
        const sum =
          (values[top + left] ?? 0) +
          (values[top + right] ?? 0) +
          (values[bottom + left] ?? 0) +
          (values[bottom + right] ?? 0);
        out[at++] = round(sum / 4);
      }
    }
  }
  return { shape: [...shape.slice(0, -2), rows, columns], values: out };
}
