import type {
  AbsolutePath,
  ArrayDescription,
  ChunkWorkers,
  Finding,
  Hierarchy,
  Image,
  JsonObject,
  LabelImage,
  ReadOptions,
  Store,
  StoreEntry,
} from "@ozx/core";
import {
  createThrottle,
  type EntryInput,
  type EntryProducer,
  isBelow,
  isJsonObject,
  keyName,
  parentKey,
  parseJsonObject,
} from "@ozx/core/container";
import {
  checkDecodable,
  countElements,
  type DownsampleMethod,
  describeArrayV3,
  gridShape,
  imageAt,
  joinKey,
  omeVersionOf,
  omitMember,
  type ProducerOrigin,
  type ShardRequest,
} from "@ozx/core/internal";
import type { CodecRequest } from "../chunks/codec-request.js";
import { documentInput } from "../chunks/document-entries.js";
import { type NewArray, newArrayDocument } from "../chunks/encode-entries.js";
import { joinOrigins } from "../chunks/rewrite-chunks.js";
import { collectStoredPositions, possiblePositions } from "../chunks/stored-positions.js";
import { upgradeGroup } from "../versions/upgrade-array.js";
import { makeLevels, type PlannedLevels } from "./make-levels.js";
import {
  arrayBelow,
  type MissingLevels,
  missingLevels,
  unextendableMultiscales,
  withLevels,
} from "./missing-levels.js";
import {
  bytesBelow,
  type CountedLevels,
  countObjects,
  expectedBytes,
  largestObject,
} from "./pyramid-sizes.js";

/** How the pixels of images can be downsampled, as the command line spells it. */
export type PyramidMethod = Exclude<DownsampleMethod, "nearest">;

/** All of them; the first is the usual one. */
export const PYRAMID_METHODS: readonly PyramidMethod[] = ["mean", "median", "mode", "min", "max", "stride"];

/** How the arrays of new levels are stored. */
interface PyramidOptions extends ReadOptions {
  /** By default as the level above. */
  readonly shard?: ShardRequest | undefined;
  /** By default as the level above. */
  readonly codec?: CodecRequest | undefined;
  /** How the pixels of images are downsampled, and where it is `mode`, those of label images; by default `mean`. */
  readonly method?: PyramidMethod | undefined;
  /** Only these images and label images get levels; all by default. */
  readonly only?: ReadonlySet<AbsolutePath> | undefined;
  /** Where pixels are downsampled, and chunks decoded and encoded. */
  readonly workers: ChunkWorkers;
}

/** A hierarchy with the levels that its images lacked. */
interface PyramidPlan {
  /** The entries, with the new levels in the metadata of the images, and with the metadata of the new arrays. */
  readonly entries: readonly EntryInput[];
  /** The chunks of the new levels; undefined if no image lacks any. */
  readonly generated: EntryProducer | undefined;
  /** The paths of the new levels. */
  readonly levels: readonly AbsolutePath[];
  /** Reports the images to which no levels can be added. */
  readonly findings: readonly Finding[];
}

/**
 * Adds the levels that images and label images lack, also those in plates and collections. New arrays have the data type
 * of the level above, and its chunks, codecs and shards unless others are requested.
 *
 * @param files.entries the entries that are written, in Zarr v3
 * @param files.stored what the source lists
 * @throws UnsupportedError if an image lacks levels and its pixels cannot be decoded
 */
export async function planPyramids(
  source: Store,
  hierarchy: Hierarchy,
  { entries, stored }: { readonly entries: readonly EntryInput[]; readonly stored: readonly StoreEntry[] },
  options: PyramidOptions,
): Promise<PyramidPlan> {
  const { only } = options;
  const images = (await imagesIn(hierarchy, options)).filter(({ path }) => only?.has(path) ?? true);
  const findings = images.flatMap((image) => [...unextendableMultiscales(image)]);
  const missing = findMissing(hierarchy, images);
  if (missing.length === 0) return { entries, generated: undefined, levels: [], findings };
  const documents = createDocuments(source, hierarchy, entries);
  const bytes = bytesBelow(
    stored,
    missing.map(({ smallest }) => smallest.path),
  );
  const positions = await collectStoredPositions(
    stored,
    hierarchy,
    missing.map(({ smallest }) => smallest.array),
  );
  const planned: CountedLevels[] = [];
  const pause = createThrottle(options);
  for (const levels of missing) {
    await pause();
    const method = methodFor(levels.image, options.method);
    listLevels(documents, levels, method);
    if (levels.isShared) continue;
    const { path, array } = levels.smallest;
    checkDecodable(array, source.name);
    const arrays = planArrays(documents, levels, bytes.get(path) ?? 0, options);
    const plan = { ...levels, arrays, method, stored: positions.get(path) ?? possiblePositions(array) };
    planned.push({ ...plan, objects: await countObjects(plan, options) });
  }
  return {
    findings,
    entries: documents.entries(),
    levels: planned.flatMap(({ levels }) => levels.map(({ path }) => path)),
    generated: levelProducer(source, planned, bytes, options.workers),
  };
}

/** @param bytes the stored bytes of arrays */
function levelProducer(
  source: Store,
  planned: readonly CountedLevels[],
  bytes: ReadonlyMap<AbsolutePath, number>,
  workers: ChunkWorkers,
): EntryProducer {
  return {
    entries: planned.reduce((sum, { objects }) => sum + objects.reduce((a, b) => a + b, 0), 0),
    bytes: Math.round(planned.reduce((sum, plan) => sum + expectedBytes(plan, bytes), 0)),
    largest: Math.max(...planned.map((plan) => largestObject(plan, bytes))),
    origin: joinOrigins(planned.map(originOf)),
    parts: () => planned.map((plan) => levelProducer(source, [plan], bytes, workers)),
    async *produce(producing) {
      for (const plan of planned) yield* makeLevels(source, plan, workers, producing);
    },
  };
}

/** Adds new levels to the metadata of their image. */
function listLevels(documents: Documents, levels: MissingLevels, method: DownsampleMethod): void {
  const { path } = levels.image;
  dropConsolidated(documents, path);
  const group = documents.get(path);
  const attributes = isJsonObject(group["attributes"]) ? group["attributes"] : {};
  documents.set(path, { ...group, attributes: withLevels(attributes, levels, method) });
}

/**
 * Plans the arrays of new levels, and adds their documents.
 *
 * @param size the stored bytes of the smallest level
 */
function planArrays(
  documents: Documents,
  { image, multiscale, smallest, levels }: MissingLevels,
  size: number,
  options: PyramidOptions,
): NewArray[] {
  const names = multiscale.axes.map(({ name }) => name);
  const { shape, chunkShape } = smallest.array.array;
  let above = documents.array(smallest.path);
  let chunkBytes = size / Math.max(1, countElements(gridShape(shape, chunkShape)));
  return levels.map((level) => {
    const array = arrayBelow(above, { path: level.path, shape: level.shape, names, chunkBytes }, options);
    documents.set(level.path, newArrayDocument(array));
    for (let group = parentKey(level.path); isBelow(group, image.path); group = parentKey(group)) {
      if (group === image.path) break;
      if (!documents.has(group)) documents.set(group, upgradeGroup({}));
    }
    chunkBytes = (chunkBytes * countElements(array.chunkShape)) / countElements(above.chunkShape);
    above = { ...above, ...array, codecs: above.codecs };
    return array;
  });
}

function originOf({ image, method, smallest, levels, arrays }: PlannedLevels): ProducerOrigin {
  const { path, array } = smallest;
  const { shape, chunkShape } = array.array;
  return {
    recipe: JSON.stringify({ kind: image.kind, method, path, shape, chunkShape, levels, arrays }),
    // The level above is copied by the same job, so its chunks are read anyway.
    *reads() {},
    // Resuming generates all levels again: each depends on the one above, and copying takes longer.
    owns: () => false,
  };
}

/** Values of labels are never mixed, and by default not counted either. */
function methodFor({ kind }: Image | LabelImage, method: PyramidMethod = "mean"): DownsampleMethod {
  return kind === "label-image" && method !== "mode" ? "nearest" : method;
}

async function imagesIn(hierarchy: Hierarchy, options: ReadOptions): Promise<(Image | LabelImage)[]> {
  const images: (Image | LabelImage)[] = [];
  const pause = createThrottle(options);
  for (const node of hierarchy.nodes.values()) {
    if (node.kind !== "group" || omeVersionOf(node) === undefined) continue;
    await pause();
    const image = imageAt(hierarchy, node.path);
    if (image !== undefined) images.push(image);
  }
  return images;
}

function findMissing(hierarchy: Hierarchy, images: readonly (Image | LabelImage)[]): MissingLevels[] {
  const taken = new Set<AbsolutePath>(hierarchy.nodes.keys());
  return images.flatMap((image) => {
    const missing = missingLevels(image, (path) => taken.has(path));
    for (const { path } of missing.flatMap(({ levels }) => levels)) taken.add(path);
    return missing;
  });
}

/** The `zarr.json` of nodes, by their paths. */
interface Documents {
  has(path: AbsolutePath): boolean;
  get(path: AbsolutePath): JsonObject;
  /** The array that a document describes. */
  array(path: AbsolutePath): ArrayDescription;
  set(path: AbsolutePath, document: JsonObject): void;
  /** All entries, with the documents that were set. */
  entries(): EntryInput[];
}

function createDocuments(source: Store, { nodes }: Hierarchy, entries: readonly EntryInput[]): Documents {
  const byKey = new Map<AbsolutePath, EntryInput>();
  for (const entry of entries) if (keyName(entry.key) === "zarr.json") byKey.set(entry.key, entry);
  const changed = new Map<AbsolutePath, JsonObject>();
  const whereOf = (path: AbsolutePath) => ({
    location: source.name,
    path: joinKey(path, "zarr.json").slice(1),
  });
  const get = (path: AbsolutePath): JsonObject => {
    const known = changed.get(path);
    if (known !== undefined) return known;
    const content = byKey.get(joinKey(path, "zarr.json"))?.content;
    if (content instanceof Uint8Array) return parseJsonObject(content, whereOf(path));
    return nodes.get(path)?.document ?? {};
  };
  return {
    has: (path) => nodes.has(path) || changed.has(path),
    get,
    array: (path) => describeArrayV3(get(path), whereOf(path)),
    set(path, document) {
      changed.set(path, document);
    },
    entries(): EntryInput[] {
      const written = new Map(
        [...changed].map(([path, document]) => {
          const key = joinKey(path, "zarr.json");
          return [key, documentInput(key, document)] as const;
        }),
      );
      const added = [...written.values()].filter(({ key }) => !byKey.has(key));
      return [...entries.map((entry) => written.get(entry.key) ?? entry), ...added];
    },
  };
}

/** Removes the copies of metadata (`consolidated_metadata`) from an image and the groups above: they lack the new levels. */
function dropConsolidated(documents: Documents, image: AbsolutePath): void {
  for (let path = image; ; path = parentKey(path)) {
    const document = documents.get(path);
    if (Object.hasOwn(document, "consolidated_metadata")) {
      documents.set(path, omitMember(document, "consolidated_metadata"));
    }
    if (path === "/") return;
  }
}
