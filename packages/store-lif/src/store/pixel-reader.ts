import type { AbsolutePath } from "@ozx/core";
import {
  type ChunkPlace,
  type ChunkReader,
  createTileIndex,
  intersection,
  type LocatedChunk,
  planeLabel,
  type Rectangle,
} from "@ozx/virtual";
import type { ImageTile } from "../images/compose-tiles.js";
import { gatheredSpan } from "../images/gather.js";
import type { LifImage } from "../images/lif-contents.js";
import { corruptPixels, type FileBlock, type LifFile } from "../read/lif-file.js";
import type { PixelArray } from "./pixel-array.js";
import { partOf, readPart, type TilePart } from "./tile-part.js";

/** Tiles that are read at once. */
const AT_ONCE = 32;

/** Reads the chunks of an image. */
export function createPixelReader(
  file: LifFile,
  { layout, element, tiles }: LifImage,
  array: PixelArray,
  path: AbsolutePath,
): ChunkReader {
  const { height, width, rows, columns, chunkChannels } = array;
  const block = file.block(element);
  const index = createTileIndex(tiles);
  const nameOf = (place: ChunkPlace): string => {
    const label = planeLabel(array, place);
    return `${label === "" ? "the plane" : `plane ${label}`} of ${path}`;
  };
  const blockOf = (place: ChunkPlace): FileBlock => {
    if (typeof block === "object") return block;
    throw corruptPixels(
      file.files.main,
      `it has no ${element.block ?? "block of pixels"}, in which ${nameOf(place)} is`,
    );
  };
  const regionOf = ({ row, column }: ChunkPlace): Rectangle => {
    const [x, y] = [column * columns, row * rows];
    return { x, y, width: Math.min(columns, width - x), height: Math.min(rows, height - y) };
  };
  /** @throws CorruptDataError where the values lie beyond their block or the file */
  const locatePart = (tile: ImageTile, shown: Rectangle, place: ChunkPlace): TilePart => {
    const { source, offset, size } = blockOf(place);
    const region = { ...shown, x: shown.x - tile.x, y: shown.y - tile.y };
    const part = partOf(layout, { start: tile.start, plane: place.plane, region });
    const end = part.offset + gatheredSpan(part);
    if (end > size) {
      throw corruptPixels(
        source,
        `${nameOf(place)} ends at byte ${end} of ${element.block ?? "its block"}, which has ${size}`,
      );
    }
    if (offset + end > source.size) {
      throw corruptPixels(source, `it ends within ${nameOf(place)} in ${element.block ?? "its block"}`);
    }
    return { ...part, offset: offset + part.offset };
  };
  const located = (place: ChunkPlace): LocatedChunk => {
    const region = regionOf(place);
    const [tile] = index.within(region);
    if (tile === undefined) return undefined;
    if (array.access === "decoded") return "decoded";
    const part = locatePart(tile, region, place);
    const run = { source: blockOf(place).source, offset: part.offset, length: gatheredSpan(part), at: 0 };
    return { size: array.chunkBytes, runs: [run] };
  };
  return {
    locate: async (place) => located(place),
    known: located,
    async decode(place, options) {
      const region = regionOf(place);
      const parts = index.within(region).map((tile) => {
        const area = intersection(tile, region);
        return { area, part: locatePart(tile, area, place) };
      });
      const [first] = parts;
      if (first === undefined) return undefined;
      const { source } = blockOf(place);
      const isWhole = first.area.width === columns && first.area.height === rows;
      if (isWhole && parts.length === 1) return readPart(source, first.part, options);
      const values = new Uint8Array(array.chunkBytes);
      for (let at = 0; at < parts.length; at += AT_ONCE) {
        const read = await Promise.all(
          parts.slice(at, at + AT_ONCE).map(async ({ area, part }) => ({
            area,
            bytes: await readPart(source, part, options),
          })),
        );
        for (const { area, bytes } of read) {
          paint(values, bytes, { ...area, x: area.x - region.x, y: area.y - region.y });
        }
      }
      return values;
    },
  };

  /** Puts values of all channels where they belong in the chunk. */
  function paint(values: Uint8Array, bytes: Uint8Array, { x, y, width, height }: Rectangle): void {
    const { itemSize } = layout;
    const rowBytes = width * itemSize;
    for (let c = 0; c < chunkChannels; c++) {
      for (let row = 0; row < height; row++) {
        const from = (c * height + row) * rowBytes;
        values.set(bytes.subarray(from, from + rowBytes), ((c * rows + y + row) * columns + x) * itemSize);
      }
    }
  }
}
