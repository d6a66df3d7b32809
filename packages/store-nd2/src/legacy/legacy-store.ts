import type { AbsolutePath, ByteSource, ReadOptions, StoreOptions } from "@ozx/core";
import {
  type AxisName,
  buildHierarchy,
  type ChunkPlace,
  type ChunkReader,
  oneFile,
  planeLabel,
  storedCodecs,
  virtualStore,
} from "@ozx/virtual";
import type { FrameDecoder } from "../decode/decode-frame.js";
import { corruptFrame, nameFrame } from "../read/nd2-file.js";
import type { FrameArray } from "../store/frame-array.js";
import { METADATA, type Nd2Store } from "../store/opened-store.js";
import { type LegacyContents, readLegacyContents } from "./legacy-contents.js";
import { type LegacyFile, openLegacyFile } from "./legacy-file.js";

interface PictureArray extends FrameArray {
  readonly position: number;
}

/** The largest picture of JPEG 2000, beside four times the bytes of its pixels. */
const MOST_BESIDES = 1024 * 1024;

/** Opens the store over an ND2 of before version 2.1: a chunk is a picture, which is decoded. */
export async function openLegacyStore(
  source: ByteSource,
  options: StoreOptions,
  decode: FrameDecoder,
): Promise<Nd2Store> {
  const file = await openLegacyFile(source, options);
  const contents = await readLegacyContents(file, options);
  const { images, about, metadata, findings } = contents;
  const documents = new Map([[METADATA, new TextEncoder().encode(JSON.stringify(metadata))]]);
  const hierarchy = buildHierarchy({ images, attributes: about, documents }, ({ image }, axes) => ({
    ...pictureArray(contents, axes),
    position: image,
  }));
  const described = source.descriptor?.();
  const store = virtualStore<PictureArray>({
    name: source.name,
    format: "nd2",
    ...hierarchy,
    readerOf: (array, path) => createPictureReader(file, contents, array, path, decode),
    // Of everything but pixels there is little.
    storedBytesOf: async () => Math.round(source.size / images.length),
    files: oneFile(source),
    canBlock: false,
    findings,
    allowMissing: options.allowMissing,
    descriptor: described && { format: "nd2", ...described },
  });
  return { ...store, arrays: hierarchy.arrays };
}

function pictureArray({ grid, planes, header }: LegacyContents, axes: readonly AxisName[]): FrameArray {
  const { width, height, components, precision } = header;
  const itemSize = precision <= 8 ? 1 : 2;
  const extents = { t: grid.t, z: grid.z, c: planes * components, y: height, x: width };
  const chunk = { t: 1, c: components, z: 1, y: height, x: width };
  return {
    axes,
    shape: axes.map((axis) => extents[axis]),
    chunkShape: axes.map((axis) => chunk[axis]),
    dataType: `uint${8 * itemSize}`,
    codecs: storedCodecs(axes, { chunkChannels: components, itemSize, bigEndian: false }),
    sizes: { t: grid.t, c: planes, z: grid.z },
    samples: components,
    chunkChannels: components,
    rows: height,
    columns: width,
    chunkBytes: height * width * components * itemSize,
    encoding: "JPEG 2000 pictures, decoded when read",
    access: "decoded",
  };
}

function createPictureReader(
  file: LegacyFile,
  { grid, planes, header }: LegacyContents,
  array: PictureArray,
  path: AbsolutePath,
  decode: FrameDecoder,
): ChunkReader {
  const { source, pictures } = file;
  const indexOf = ({ plane }: ChunkPlace): number => {
    const [z, c, t] = [
      plane % grid.z,
      Math.floor(plane / grid.z) % planes,
      Math.floor(plane / grid.z / planes),
    ];
    return grid.frameAt({ t, z, position: array.position }) * planes + c;
  };
  const known = (place: ChunkPlace): "decoded" | undefined =>
    indexOf(place) < pictures.length ? "decoded" : undefined;
  return {
    known,
    locate: async (place) => known(place),
    async decode(place, options?: ReadOptions) {
      const index = indexOf(place);
      if (index >= pictures.length) return undefined;
      const label = planeLabel(array, place);
      const what = `${label === "" ? "the plane" : `plane ${label}`} of ${path}, picture ${index},`;
      const { offset, length } = await file.picture(index, options);
      if (length > 4 * array.chunkBytes + MOST_BESIDES) {
        throw corruptFrame(source, `${what} has ${length} bytes, far more than its pixels need`);
      }
      const { width, height, components, precision } = header;
      const bytes = await source.read(offset, length, options);
      const picture = { width, height, components, precision };
      const layout = { ...PLAIN, chunkRows: height, pixelRow: array.chunkBytes / height, picture };
      try {
        return await decode(bytes, layout, options);
      } catch (error) {
        throw nameFrame(error, source, what);
      }
    },
  };
}

/** What a picture knows itself. */
const PLAIN = { zlib: false, rows: 0, rowBytes: 0, itemSize: 1 } as const;
