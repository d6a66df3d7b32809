import type { AbsolutePath, ReadOptions } from "@ozx/core";
import { type ChunkPlace, type ChunkReader, createCache, planeLabel, type StoredChunk } from "@ozx/virtual";
import type { FrameDecoder } from "../decode/decode-frame.js";
import type { Nd2Contents } from "../images/nd2-contents.js";
import { corruptFrame, type FrameBytes, type Nd2File, nameFrame } from "../read/nd2-file.js";
import type { FrameArray } from "./frame-array.js";

/** Frames whose places are at hand. */
const KNOWN_FRAMES = 4096;

/** Reads the chunks of a position. */
export function createFrameReader(
  file: Nd2File,
  { attributes, grid, channels }: Pick<Nd2Contents, "attributes" | "grid" | "channels">,
  array: FrameArray,
  position: number,
  path: AbsolutePath,
  decode: FrameDecoder,
): ChunkReader {
  const { source, map } = file;
  const { rowBytes, width, height, components, bits, compression } = attributes;
  const isZlib = compression === "zlib";
  const itemSize = bits / 8;
  const pixelRow = width * components * itemSize;
  const frames = createCache<number, FrameBytes>(KNOWN_FRAMES);

  const frameOf = ({ plane }: ChunkPlace): number =>
    grid.frameAt({ t: Math.floor(plane / grid.z), z: plane % grid.z, position });
  const nameOf = (place: ChunkPlace): string => {
    const label = planeLabel(array, place);
    return `${label === "" ? "the plane" : `plane ${label}`} of ${path}, ImageDataSeq|${frameOf(place)},`;
  };
  const load = async (place: ChunkPlace, options?: ReadOptions): Promise<FrameBytes | undefined> => {
    const frame = frameOf(place);
    const found = frames.get(frame) ?? (await file.frame(frame, options));
    if (found !== undefined) frames.set(frame, found);
    return found;
  };
  /** The rows of the frame that a chunk has. */
  const rowsOf = ({ row }: ChunkPlace): { readonly top: number; readonly count: number } => {
    const top = row * array.rows;
    return { top, count: Math.min(array.rows, height - top) };
  };
  /** The part of the frame's bytes with the rows of a chunk. @throws CorruptDataError where the frame is too short */
  const partOf = (frame: FrameBytes, place: ChunkPlace): FrameBytes => {
    if (isZlib) return frame;
    const { top, count } = rowsOf(place);
    const needed = (top + count - 1) * rowBytes + pixelRow;
    if (frame.length < needed) {
      throw corruptFrame(source, `${nameOf(place)} has ${frame.length} bytes, which needs ${needed}`);
    }
    return { offset: frame.offset + top * rowBytes, length: (count - 1) * rowBytes + pixelRow };
  };
  const located = (frame: FrameBytes, place: ChunkPlace): StoredChunk | "decoded" => {
    if (array.access === "decoded") return "decoded";
    const { offset, length } = partOf(frame, place);
    const size = array.access === "stored" ? length : array.chunkBytes;
    return { size, runs: [{ source, offset, length, at: 0 }] };
  };
  return {
    async locate(place, options) {
      const frame = await load(place, options);
      return frame && located(frame, place);
    },
    known(place) {
      const number = frameOf(place);
      if (!map.frames.has(number)) return undefined;
      const frame = frames.get(number);
      return frame === undefined ? "unknown" : located(frame, place);
    },
    async decode(place, options) {
      const frame = await load(place, options);
      if (frame === undefined) return undefined;
      const { offset, length } = partOf(frame, place);
      const layout = {
        zlib: isZlib,
        rows: isZlib ? height : rowsOf(place).count,
        rowBytes,
        pixelRow,
        chunkRows: array.rows,
        itemSize,
        order: channels.order,
      };
      try {
        return await decode(await source.read(offset, length, options), layout, options);
      } catch (error) {
        throw nameFrame(error, source, nameOf(place));
      }
    },
  };
}
