import { BLOSC_COMPRESSOR, LEVELS } from "./encode-array.js";
import { intensityScale, type NumberType } from "./numbers.js";
import { STAINS } from "./paint.js";
import { PIXEL_SIZE, type SampleArray } from "./pixels.js";
import type { Sample } from "./sample-options.js";

type Json = { readonly [name: string]: unknown };

/** The metadata documents of one node, by file name. */
export type Documents = readonly (readonly [name: string, document: Json])[];

/** The documents of a group: `zarr.json`, or `.zgroup` and `.zattrs`. */
export function groupDocuments(attributes: Json, { version }: Sample): Documents {
  if (version === "0.5") return [["zarr.json", { zarr_format: 3, node_type: "group", attributes }]];
  return [
    [".zgroup", { zarr_format: 2 }],
    [".zattrs", attributes],
  ];
}

/** The documents of an array: `zarr.json`, or `.zarray` and, where it has attributes, `.zattrs`. */
export function arrayDocuments(array: SampleArray, sample: Sample): Documents {
  return sample.version === "0.5" ? arrayDocumentV3(array, sample) : arrayDocumentsV2(array, sample);
}

function arrayDocumentsV2(
  { shape, chunkShape, content, attributes }: SampleArray,
  sample: Sample,
): Documents {
  const text = content.dtype === "string";
  const document = {
    zarr_format: 2,
    shape,
    chunks: chunkShape,
    dtype: text ? "|O" : dataTypeV2(content.dtype, sample.byteOrder),
    fill_value: text ? "" : 0,
    order: sample.order,
    filters: text ? [{ id: "vlen-utf8" }] : null,
    compressor: compressorV2(sample),
    dimension_separator: sample.separator,
  };
  if (Object.keys(attributes).length === 0) return [[".zarray", document]];
  return [
    [".zarray", document],
    [".zattrs", attributes],
  ];
}

function dataTypeV2(dtype: NumberType, byteOrder: "<" | ">"): string {
  const itemSize = Number(dtype.replace(/\D+/, "")) / 8;
  return `${itemSize === 1 ? "|" : byteOrder}${dtype.charAt(0)}${itemSize}`;
}

function compressorV2({ codec }: Sample): Json | null {
  switch (codec) {
    case "none":
      return null;
    case "blosc":
      return { id: codec, cname: BLOSC_COMPRESSOR, clevel: LEVELS.blosc, shuffle: 1, blocksize: 0 };
    default:
      return { id: codec, level: LEVELS[codec] };
  }
}

function arrayDocumentV3(array: SampleArray, sample: Sample): Documents {
  const { shape, chunkShape, shardShape, content, dimensionNames, attributes } = array;
  const codecs = codecsV3(content.dtype, sample);
  const document = {
    zarr_format: 3,
    node_type: "array",
    shape,
    data_type: content.dtype,
    chunk_grid: { name: "regular", configuration: { chunk_shape: shardShape ?? chunkShape } },
    chunk_key_encoding: { name: "default", configuration: { separator: sample.separator } },
    fill_value: content.dtype === "string" ? "" : 0,
    codecs: shardShape ? [sharding(chunkShape, codecs)] : codecs,
    ...(dimensionNames && { dimension_names: dimensionNames }),
    attributes,
  };
  return [["zarr.json", document]];
}

function codecsV3(dtype: NumberType | "string", { codec, byteOrder }: Sample): Json[] {
  const endian = byteOrder === "<" ? "little" : "big";
  const bytes = { name: "bytes", ...(!dtype.endsWith("int8") && { configuration: { endian } }) };
  const first = dtype === "string" ? { name: "vlen-utf8" } : bytes;
  switch (codec) {
    case "none":
      return [first];
    case "gzip":
      return [first, { name: codec, configuration: { level: LEVELS.gzip } }];
    case "zstd":
      return [first, { name: codec, configuration: { level: LEVELS.zstd, checksum: false } }];
    case "blosc": {
      const typesize = dtype === "string" ? 1 : Number(dtype.replace(/\D+/, "")) / 8;
      const shuffle = {
        cname: BLOSC_COMPRESSOR,
        clevel: LEVELS.blosc,
        shuffle: "shuffle",
        typesize,
        blocksize: 0,
      };
      return [first, { name: codec, configuration: shuffle }];
    }
  }
}

function sharding(chunkShape: readonly number[], codecs: readonly Json[]): Json {
  const index = [{ name: "bytes", configuration: { endian: "little" } }, { name: "crc32c" }];
  return {
    name: "sharding_indexed",
    configuration: { chunk_shape: chunkShape, codecs, index_codecs: index, index_location: "end" },
  };
}

/** The attributes of every group of the sample, in its version of OME-Zarr. */
export function groupAttributes(sample: Sample): Map<`/${string}`, Json> {
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
  return new Map<`/${string}`, Json>([
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

/** 0.5 has everything below `ome`, with a single version; 0.4 repeats the version in each member. */
function ome({ version }: Sample, attributes: Json): Json {
  return version === "0.5" ? { ome: { version, ...attributes } } : attributes;
}

function versionIn(version: Sample["version"], sample: Sample): { version?: string } {
  return sample.version === version ? { version } : {};
}

function multiscale(sample: Sample, name: string, axes: readonly ("c" | "z" | "y" | "x")[]): Json {
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

function omero(sample: Sample): Json {
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
