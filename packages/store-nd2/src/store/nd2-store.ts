import type { ByteSource, ReadOptions, StoreOptions } from "@ozx/core";
import { createThrottle } from "@ozx/core/container";
import { buildHierarchy, oneFile, virtualStore } from "@ozx/virtual";
import type { FrameDecoder } from "../decode/decode-frame.js";
import { type Nd2Contents, readContents } from "../images/nd2-contents.js";
import { type Nd2File, openNd2File } from "../read/nd2-file.js";
import { type FrameArray, frameArray } from "./frame-array.js";
import { createFrameReader } from "./frame-reader.js";
import { METADATA, type Nd2Store } from "./opened-store.js";

/** An array of a position. */
interface PositionArray extends FrameArray {
  readonly position: number;
}

/**
 * Opens the store over an ND2 of version 2.1 or later.
 *
 * @param source is closed with the store, and stays open when it cannot be opened
 * @param start the first bytes of the file, a header of a chunk
 * @param decode where frames are decoded
 * @throws as `openNd2` does
 */
export async function openNd2Store(
  source: ByteSource,
  start: Uint8Array,
  options: StoreOptions,
  decode: FrameDecoder,
): Promise<Nd2Store> {
  const file = await openNd2File(source, start, options);
  const contents = await readContents(file, options);
  const { attributes, grid, channels, images, plate, about, metadata, findings } = contents;
  const documents = new Map([[METADATA, new TextEncoder().encode(JSON.stringify(metadata))]]);
  const hierarchy = buildHierarchy(
    { images, plate, attributes: about, documents },
    ({ image: position }, axes): PositionArray => ({
      ...frameArray(attributes, channels, grid, axes),
      position,
    }),
  );
  const described = source.descriptor?.();
  const store = virtualStore<PositionArray>({
    name: source.name,
    format: "nd2",
    ...hierarchy,
    readerOf: (array, path) => createFrameReader(file, contents, array, array.position, path, decode),
    storedBytesOf: (array, options) => storedBytes(file, contents, array, options),
    files: oneFile(source),
    hasSizesWithPixels: true,
    canBlock: [...hierarchy.arrays.values()].every(({ access }) => access !== "decoded"),
    findings,
    allowMissing: options.allowMissing,
    descriptor: described && { format: "nd2", ...described },
  });
  return { ...store, arrays: hierarchy.arrays };
}

/** The bytes of the frames of a position; undefined where its chunks are parts of the file. */
async function storedBytes(
  file: Nd2File,
  { attributes, grid }: Nd2Contents,
  { access, position }: PositionArray,
  options?: ReadOptions,
): Promise<number | undefined> {
  if (access !== "decoded") return undefined;
  const pause = createThrottle(options);
  const { compression, rowBytes, height } = attributes;
  let sum = 0;
  for (const frame of file.map.frames.keys()) {
    if (grid.placeOf(frame).position !== position) continue;
    sum += compression === "zlib" ? ((await file.frame(frame, options))?.length ?? 0) : rowBytes * height;
    const rest = pause();
    if (rest !== undefined) await rest;
  }
  return sum;
}
