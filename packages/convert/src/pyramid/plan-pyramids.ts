import type {
  AbsolutePath,
  ChunkWorkers,
  Finding,
  Hierarchy,
  Image,
  JsonObject,
  LabelImage,
  Store,
  StoreEntry,
} from "@ozx/core";
import type { EntryInput, EntryProducer } from "@ozx/core/container";
import { isBelow, isJsonObject, parentKey, parseJsonObject } from "@ozx/core/container";
import type { ProducerOrigin, ShardRequest } from "@ozx/core/internal";
import {
  checkReadable,
  describeArrayV3,
  imageAt,
  itemSizeOf,
  joinKey,
  omeVersionOf,
  omitMember,
  stringifyJson,
} from "@ozx/core/internal";
import type { CodecRequest } from "../chunks/codec-request.js";
import { countObjects, type NewArray, newArrayDocument } from "../chunks/encode-entries.js";
import { joinOrigins } from "../chunks/rewrite-chunks.js";
import { upgradeGroup } from "../versions/upgrade-array.js";
import { makeLevels, type PlannedLevels } from "./make-levels.js";
import {
  arrayBelow,
  type MissingLevels,
  missingLevels,
  unextendableMultiscales,
  withLevels,
} from "./missing-levels.js";

export interface PyramidOptions {
  readonly shard?: ShardRequest | undefined;
  readonly codec?: CodecRequest | undefined;
  readonly workers: ChunkWorkers;
}

export interface PyramidPlan {
  /** The entries with the levels in the images' metadata, and the metadata of the new arrays. */
  readonly entries: readonly EntryInput[];
  /** The chunks of the new levels; undefined where no image lacks any. */
  readonly generated: EntryProducer | undefined;
  /** The paths of the new levels. */
  readonly levels: readonly AbsolutePath[];
  /** Images to which none can be added. */
  readonly findings: readonly Finding[];
}

/**
 * Adds the levels that images and label images lack, those of plates and collections too. New arrays have the data
 * type of the level above, and its chunks, codecs and shards where nothing else is asked for.
 *
 * @param entries of Zarr v3, with all documents as they will be
 * @param stored what the source lists
 * @throws UnsupportedError when an image lacks levels and cannot be read
 */
export function planPyramids(
  source: Store,
  hierarchy: Hierarchy,
  { entries, stored }: { readonly entries: readonly EntryInput[]; readonly stored: readonly StoreEntry[] },
  options: PyramidOptions,
): PyramidPlan {
  const images = imagesIn(hierarchy);
  const findings = images.flatMap((image) => [...unextendableMultiscales(image)]);
  const missing = findMissing(hierarchy, images);
  if (missing.length === 0) return { entries, generated: undefined, levels: [], findings };
  const documents = createDocuments(source, hierarchy, entries);
  const bytes = bytesBelow(
    stored,
    missing.map(({ smallest }) => smallest.path),
  );
  const extend = (lack: MissingLevels): void => {
    dropConsolidated(documents, lack.image.path);
    const group = documents.get(lack.image.path);
    const attributes = isJsonObject(group["attributes"]) ? group["attributes"] : {};
    documents.set(lack.image.path, { ...group, attributes: withLevels(attributes, lack) });
  };
  const planned = missing.flatMap((lack): PlannedLevels[] => {
    extend(lack);
    if (lack.isShared) return [];
    checkReadable(lack.smallest.array, source.name);
    const arrays: NewArray[] = [];
    let above = describeArrayV3(documents.get(lack.smallest.path), {
      location: source.name,
      path: joinKey(lack.smallest.path, "zarr.json").slice(1),
    });
    let chunkBytes = meanChunk(lack, bytes.get(lack.smallest.path) ?? 0);
    for (const { path, shape } of lack.levels) {
      const names = lack.multiscale.axes.map(({ name }) => name);
      const array = arrayBelow(above, { path, shape, names, chunkBytes }, options);
      documents.set(path, newArrayDocument(array));
      for (let group = parentKey(path); group !== lack.image.path; group = parentKey(group)) {
        if (!isBelow(group, lack.image.path)) break;
        if (!hierarchy.nodes.has(group)) documents.set(group, upgradeGroup({}));
      }
      chunkBytes = (chunkBytes * volume(array.chunkShape)) / volume(above.chunkShape);
      above = { ...above, ...array, codecs: above.codecs };
      arrays.push(array);
    }
    return [{ ...lack, arrays }];
  });
  return {
    findings,
    entries: documents.entries(),
    levels: planned.flatMap(({ levels }) => levels.map(({ path }) => path)),
    generated: {
      entries: planned.flatMap(({ arrays }) => arrays).reduce((sum, array) => sum + countObjects(array), 0),
      bytes: Math.round(planned.reduce((sum, plan) => sum + expectedBytes(plan, bytes), 0)),
      largest: Math.max(...planned.map((plan) => largestObject(plan, bytes))),
      origin: joinOrigins(planned.map(originOf)),
      async *produce(making) {
        for (const plan of planned) yield* makeLevels(source, plan, options.workers, making);
      },
    },
  };
}

function originOf({ image, smallest, levels, arrays }: PlannedLevels): ProducerOrigin {
  const { path, array } = smallest;
  const { shape, chunkShape } = array.array;
  return {
    recipe: JSON.stringify({ kind: image.kind, path, shape, chunkShape, levels, arrays }),
    // The chunks of the level above are written too, so the job reads them anyway.
    *reads() {},
    // A run that resumes makes all levels again: they depend on one another, and what is copied takes longer.
    owns: () => false,
  };
}

function imagesIn(hierarchy: Hierarchy): (Image | LabelImage)[] {
  return [...hierarchy.nodes.values()].flatMap((node) => {
    if (node.kind !== "group" || omeVersionOf(node) === undefined) return [];
    return imageAt(hierarchy, node.path) ?? [];
  });
}

function findMissing(hierarchy: Hierarchy, images: readonly (Image | LabelImage)[]): MissingLevels[] {
  const taken = new Set<AbsolutePath>(hierarchy.nodes.keys());
  return images.flatMap((image) => {
    const missing = missingLevels(image, (path) => taken.has(path));
    for (const { path } of missing.flatMap(({ levels }) => levels)) taken.add(path);
    return missing;
  });
}

/** The documents among entries, of which some are replaced and some are added. */
function createDocuments(source: Store, { nodes }: Hierarchy, entries: readonly EntryInput[]) {
  const byKey = new Map(entries.map((entry) => [entry.key, entry]));
  const changed = new Map<AbsolutePath, JsonObject>();
  return {
    get(path: AbsolutePath): JsonObject {
      const known = changed.get(path);
      if (known !== undefined) return known;
      const content = byKey.get(joinKey(path, "zarr.json"))?.content;
      if (content instanceof Uint8Array) {
        return parseJsonObject(content, { location: source.name, path: joinKey(path, "zarr.json").slice(1) });
      }
      return nodes.get(path)?.document ?? {};
    },
    set: (path: AbsolutePath, document: JsonObject) => changed.set(path, document),
    entries(): EntryInput[] {
      const written = new Map(
        [...changed].map(([path, document]) => {
          const content = stringifyJson(document);
          const key = joinKey(path, "zarr.json");
          return [key, { key, size: content.length, content }] as const;
        }),
      );
      const added = [...written.values()].filter(({ key }) => !byKey.has(key));
      return [...entries.map((entry) => written.get(entry.key) ?? entry), ...added];
    },
  };
}

/** Copies of metadata in the groups above, which would not tell of the new levels. */
function dropConsolidated(documents: ReturnType<typeof createDocuments>, image: AbsolutePath): void {
  for (let path = image; ; path = parentKey(path)) {
    const document = documents.get(path);
    if (Object.hasOwn(document, "consolidated_metadata")) {
      documents.set(path, omitMember(document, "consolidated_metadata"));
    }
    if (path === "/") return;
  }
}

/** Stored bytes of arrays, in one pass over all entries. */
function bytesBelow(
  stored: readonly StoreEntry[],
  paths: readonly AbsolutePath[],
): ReadonlyMap<AbsolutePath, number> {
  const bytes = new Map(paths.map((path) => [path, 0]));
  for (const { key, size } of stored) {
    for (let path = parentKey(key); path !== "/"; path = parentKey(path)) {
      const known = bytes.get(path);
      if (known === undefined) continue;
      bytes.set(path, known + size);
      break;
    }
  }
  return bytes;
}

function meanChunk({ smallest: { array } }: MissingLevels, bytes: number): number {
  const { shape, chunkShape } = array.array;
  const chunks = shape.reduce(
    (product, extent, axis) => product * Math.ceil(extent / (chunkShape[axis] ?? 1)),
    1,
  );
  return bytes / Math.max(1, chunks);
}

function expectedBytes(plan: PlannedLevels, stored: ReadonlyMap<AbsolutePath, number>): number {
  return plan.arrays.reduce(
    (sum, array) => sum + volume(array.shape) * bytesPerPixel(plan, array, stored),
    0,
  );
}

/** Of the shards and chunks of all levels. */
function largestObject(plan: PlannedLevels, stored: ReadonlyMap<AbsolutePath, number>): number {
  const sizes = plan.arrays.map((array) => {
    const { shape, shardShape, chunkShape } = array;
    const extent = (shardShape ?? chunkShape).map((size, axis) => Math.min(size, shape[axis] ?? 1));
    return volume(extent) * bytesPerPixel(plan, array, stored);
  });
  return Math.max(...sizes);
}

/** About; as if every level compressed like the one above the first. */
function bytesPerPixel(
  { smallest: { path, array } }: PlannedLevels,
  { dtype, codecs }: NewArray,
  stored: ReadonlyMap<AbsolutePath, number>,
): number {
  const size = itemSizeOf(dtype) ?? 1;
  const ratio = (stored.get(path) ?? 0) / Math.max(1, volume(array.array.shape) * size);
  return codecs.length === 0 ? size : size * Math.min(1, ratio || 1);
}

function volume(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
