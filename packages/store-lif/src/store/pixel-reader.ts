import type { AbsolutePath, ReadOptions } from "@ozx/core";
import { type ChunkPlace, type ChunkReader, planeLabel, type StoredChunk } from "@ozx/virtual";
import { type GatherLayout, gather, gatheredSpan } from "../images/gather.js";
import type { LifImage } from "../images/lif-contents.js";
import { corruptPixels, type FileBlock, type LifFile } from "../read/lif-file.js";
import type { PixelArray } from "./pixel-array.js";

/** Rows are read one by one where more than so many times their bytes lies between them. */
const LARGEST_GAP = 4;
/** Bytes that are read at once, at most, unless they are those of one row. */
const MOST_AT_ONCE = 64 * 1024 * 1024;

/** Where the values of a chunk are. */
interface Part extends GatherLayout {
  /** Of the first value, in the file. */
  readonly offset: number;
}

/** Reads the chunks of an image. */
export function createPixelReader(
  file: LifFile,
  { layout, element, start }: LifImage,
  array: PixelArray,
  path: AbsolutePath,
): ChunkReader {
  const { source } = file;
  const { steps, sizes, channels, height, width, itemSize, isInterleaved } = layout;
  const block = file.block(element.block);
  const nameOf = (place: ChunkPlace): string => {
    const label = planeLabel(array, place);
    return `${label === "" ? "the plane" : `plane ${label}`} of ${path}`;
  };
  const blockOf = (place: ChunkPlace): FileBlock => {
    if (block !== undefined) return block;
    throw corruptPixels(
      source,
      `it has no ${element.block ?? "block of pixels"}, in which ${nameOf(place)} is`,
    );
  };

  /** @throws CorruptDataError where the values lie beyond their block or the file */
  const partOf = (place: ChunkPlace): Part => {
    const { offset, size } = blockOf(place);
    const z = place.plane % sizes.z;
    const channelAndTime = Math.floor(place.plane / sizes.z);
    const c = isInterleaved ? 0 : channelAndTime % sizes.c;
    const t = Math.floor(channelAndTime / (isInterleaved ? 1 : sizes.c));
    const top = place.row * array.rows;
    const own = isInterleaved ? [...channels] : [channels[c] ?? 0];
    const least = Math.min(...own);
    const first = start + t * steps.t + z * steps.z + top * steps.y + least;
    const part = {
      offset: offset + first,
      channels: own.map((channel) => channel - least),
      rows: Math.min(array.rows, height - top),
      columns: width,
      rowStep: steps.y,
      columnStep: steps.x,
      itemSize,
      chunkRows: array.rows,
    };
    const end = first + gatheredSpan(part);
    if (end > size) {
      throw corruptPixels(
        source,
        `${nameOf(place)} ends at byte ${end} of ${element.block ?? "its block"}, which has ${size}`,
      );
    }
    if (offset + end > source.size) {
      throw corruptPixels(source, `it ends within ${nameOf(place)} in ${element.block ?? "its block"}`);
    }
    return part;
  };
  const located = (place: ChunkPlace): StoredChunk | "decoded" => {
    const part = partOf(place);
    if (array.access === "decoded") return "decoded";
    const { offset } = part;
    return { size: array.chunkBytes, runs: [{ source, offset, length: gatheredSpan(part), at: 0 }] };
  };
  return {
    locate: async (place) => located(place),
    known: located,
    async decode(place, options) {
      const part = partOf(place);
      const span = gatheredSpan(part);
      const rowSpan = gatheredSpan({ ...part, rows: 1 });
      if (span <= MOST_AT_ONCE && part.rowStep <= LARGEST_GAP * rowSpan) {
        return gather(await source.read(part.offset, span, options), part);
      }
      return gatherRows(part, rowSpan, options);
    },
  };

  async function gatherRows(part: Part, rowSpan: number, options?: ReadOptions): Promise<Uint8Array> {
    const values = new Uint8Array(array.chunkBytes);
    const rowSize = part.columns * part.itemSize;
    for (let y = 0; y < part.rows; y++) {
      const bytes = await source.read(part.offset + y * part.rowStep, rowSpan, options);
      const row = gather(bytes, { ...part, rows: 1, chunkRows: 1 });
      for (const c of part.channels.keys()) {
        values.set(row.subarray(c * rowSize, (c + 1) * rowSize), (c * part.chunkRows + y) * rowSize);
      }
    }
    return values;
  }
}
