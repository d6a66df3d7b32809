import {
  type AbsolutePath,
  type ReadOptions,
  type Store,
  type StoreDescriptor,
  UnsupportedError,
} from "@ozx/core";
import { readAhead } from "@ozx/core/container";
import { buildHierarchy, oneFile, type VirtualImage, virtualStore } from "@ozx/virtual";
import type { RegionDecoder } from "../decode/region-layout.js";
import { parseZstd1 } from "../decode/zstd1.js";
import type { CziImage, Layout, Tile } from "../layout/layout.js";
import { COMPRESSION } from "../parse/pixel-types.js";
import type { CziFile } from "../read/czi-file.js";
import { type ArrayPlan, packedTile, planArray } from "./array-plan.js";
import { createChunkReader } from "./read-chunk.js";
import { createTileReader, type TileReader } from "./tile-reader.js";

/** A `Store` over a CZI. */
export interface CziStore extends Store {
  /** What the file holds. */
  readonly layout: Layout;
  /** How the levels are stored in the file, by the paths of their arrays. */
  readonly arrays: ReadonlyMap<AbsolutePath, ArrayPlan>;
}

/** What a store is made of. */
export interface CziStoreParts {
  /** Is closed with the store. */
  readonly file: CziFile;
  readonly layout: Layout;
  /** Decodes tiles. */
  readonly decode: RegionDecoder;
  /** Whether what cannot be read is missing, and reported as findings; errors by default. */
  readonly allowMissing?: boolean | undefined;
  /** How the store is opened again; undefined where it cannot be. */
  readonly descriptor?: StoreDescriptor | undefined;
}

/** The key of the XML, as it is in the file. */
export const METADATA_KEY = "/OME/METADATA.czi.xml";

/** Tiles whose headers are read at once. */
const AT_ONCE = 32;
/** A grid of chunks may have so many more than there are tiles. */
const MOST_EMPTY = 1_000_000;
const MOST_TIMES_EMPTY = 4096;

/**
 * The store over a CZI: metadata documents are made of its directory and XML, and chunks are parts of the file, or painted
 * from its tiles.
 *
 * @throws UnsupportedError, CorruptDataError
 */
export async function cziStore(parts: CziStoreParts, options?: ReadOptions): Promise<CziStore> {
  const { file, layout, decode, descriptor, allowMissing } = parts;
  const { name, source, xml } = file;
  const reader = createTileReader(source, decode);
  const packing = await findPacking(layout.images, reader, options);
  const { documents, arrays } = buildHierarchy(
    {
      images: layout.images.map(describe),
      plate: layout.plate,
      attributes: layout.attributes,
      ...(xml !== undefined && { documents: new Map([[METADATA_KEY, xml]]) }),
    },
    ({ image, level, path }, axes) => {
      const found = layout.images[image];
      const at = found?.levels[level];
      if (found === undefined || at === undefined) throw new TypeError(`there is no level ${path}`);
      const plan = planArray(at, found, axes, packing);
      checkGrid(plan, name);
      return plan;
    },
  );
  const store = virtualStore({
    name,
    format: "czi",
    documents,
    arrays,
    readerOf: (plan, path) => createChunkReader(plan, path, reader),
    storedBytesOf: (plan, readOptions) => storedBytes(plan, reader, readOptions),
    files: oneFile(source),
    hasSizesWithPixels: true,
    canBlock: [...arrays.values()].every(({ access }) => access !== "decoded"),
    findings: layout.findings,
    allowMissing,
    descriptor,
  });
  return { ...store, layout, arrays };
}

function describe({ form, levels, ...metadata }: CziImage): VirtualImage {
  return {
    ...metadata,
    levels: levels.map(({ width, height, factor }) => ({ width, height, factor: { x: factor, y: factor } })),
    samples: form.samples,
    kind: form.kind,
    bits: form.itemSize * 8,
    isRgb: form.samples >= 3,
  };
}

/** Whether the first frame that may become a chunk is packed. Those that are not like it are decoded. */
async function findPacking(
  images: readonly CziImage[],
  reader: TileReader,
  options?: ReadOptions,
): Promise<boolean | undefined> {
  for (const image of images) {
    const tile = packedTile(image);
    if (tile === undefined) continue;
    const { head } = await reader.parts(tile, () => `subblock ${tile.index}`, options);
    return parseZstd1(head)?.isHighLow;
  }
  return undefined;
}

/** @throws UnsupportedError where tiles lie so far apart that listing what is between them would not end */
function checkGrid({ shape, chunkShape, level }: ArrayPlan, name: string): void {
  const chunks = shape.reduce(
    (product, size, axis) => product * Math.ceil(size / (chunkShape[axis] ?? 1)),
    1,
  );
  let tiles = 0;
  for (const list of level.planes.values()) tiles += list.length;
  if (chunks <= MOST_EMPTY + tiles * MOST_TIMES_EMPTY) return;
  const feature = `${tiles} tiles in ${level.width} × ${level.height} pixels, which are too far apart`;
  throw new UnsupportedError(
    `${name} cannot be read: it has ${feature}; save its scenes as files of their own with ZEN`,
    {
      location: name,
      feature,
    },
  );
}

/** Bytes that the pixels of an array have in the file; undefined where its chunks are parts of it. */
async function storedBytes(
  plan: ArrayPlan,
  reader: TileReader,
  options?: ReadOptions,
): Promise<number | undefined> {
  if (plan.access !== "decoded") return undefined;
  const tiles: Tile[] = [...plan.level.planes.values()].flat();
  let total = 0;
  const { samples, itemSize } = plan.form;
  const bytesIn = async (tile: Tile): Promise<number> => {
    if (tile.compression === COMPRESSION.none) return tile.width * tile.height * samples * itemSize;
    return (await reader.parts(tile, () => `subblock ${tile.index}`, options)).pixelBytes;
  };
  for await (const bytes of readAhead(tiles, AT_ONCE, bytesIn)) total += bytes;
  return total;
}
