import type { SampleArray } from "./arrays.js";
import { BLOSC_COMPRESSOR, LEVELS } from "./compress.js";
import type { Sample } from "./options.js";
import type { NumberType } from "./values.js";

type Json = { readonly [name: string]: unknown };

/** The metadata documents of one node by file name. */
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
