import type { JsonObject } from "@ozx/core";
import type { AxisName, PlaneSizes } from "./virtual-image.js";

/** Encodes the chunks of an array that are not parts of its file as they are. */
export interface ChunkEncoder {
  /** Bytes of every encoded chunk. */
  readonly bytes: number;
  /** The chunk of its pixels. */
  encode(pixels: Uint8Array): Uint8Array;
}

/** An array of Zarr whose chunks are parts of planes. */
export interface VirtualArray {
  readonly axes: readonly AxisName[];
  readonly shape: readonly number[];
  readonly chunkShape: readonly number[];
  readonly dataType: string;
  readonly codecs: readonly JsonObject[];
  /** The value of missing chunks; 0 by default. */
  readonly fillValue?: number | string | undefined;
  /** The number of planes, each of which may have several channels. */
  readonly sizes: PlaneSizes;
  /** Channels of a plane. */
  readonly samples: number;
  /** Channels in a chunk: the samples of interleaved pixels. */
  readonly chunkChannels: number;
  /** Rows and columns of a chunk. */
  readonly rows: number;
  readonly columns: number;
  /** Bytes of a decoded chunk. */
  readonly chunkBytes: number;
  /** What encodes decoded chunks, where the codecs do not only say how their samples lie. */
  readonly encoder?: ChunkEncoder | undefined;
  /** How the file stores the chunks, and what becomes of them, where codecs do not say it. */
  readonly encoding?: string | undefined;
}

/** The metadata document of the array. */
export function arrayDocument(array: VirtualArray): JsonObject {
  return {
    zarr_format: 3,
    node_type: "array",
    shape: array.shape,
    data_type: array.dataType,
    chunk_grid: { name: "regular", configuration: { chunk_shape: array.chunkShape } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    fill_value: array.fillValue ?? 0,
    codecs: array.codecs,
    attributes: {},
    dimension_names: array.axes,
  };
}

/**
 * The codecs of chunks that hold samples as a file does: side by side where there are several, and in its byte order.
 *
 * @param compressor the codec that undoes the file's compression, if there is one
 */
export function storedCodecs(
  axes: readonly AxisName[],
  {
    chunkChannels,
    itemSize,
    bigEndian,
  }: {
    readonly chunkChannels: number;
    /** Bytes of a sample. */
    readonly itemSize: number;
    readonly bigEndian: boolean;
  },
  ...compressor: readonly JsonObject[]
): JsonObject[] {
  return [
    ...(chunkChannels > 1 ? [interleaved(axes)] : []),
    itemSize === 1
      ? { name: "bytes" }
      : { name: "bytes", configuration: { endian: bigEndian ? "big" : "little" } },
    ...compressor,
  ];
}

/** Puts the samples of a pixel last, as files do, where OME-Zarr asks for c before y and x. */
function interleaved(axes: readonly AxisName[]): JsonObject {
  const order = axes.map((_, axis) => axis).filter((axis) => axes[axis] !== "c");
  return { name: "transpose", configuration: { order: [...order, axes.indexOf("c")] } };
}
