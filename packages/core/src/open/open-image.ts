import { memoize } from "../bytes/concurrency.js";
import { InvalidMetadataError, type OzxError } from "../errors.js";
import type { Image, LabelImage, Level, OmeNode, PlateWell } from "../ome/model.js";
import { omeMetadataOf } from "../ome/ome-metadata.js";
import { readOme } from "../ome/read-ome.js";
import type { AbsolutePath, Store } from "../store/store.js";
import type { ChunkWorkers } from "../workers/chunk-tasks.js";
import { brokenNodeAt, childrenOf, type Hierarchy } from "../zarr/zarr-node.js";
import { openLevel, type ReadableLevel, unreadableLevel } from "./open-level.js";
import type { OpenImage, OpenLevel } from "./open-node.js";

/**
 * Opens the image at a path. Its metadata is parsed at the first access.
 *
 * @param workers decode chunks; by default, the calling thread does
 */
export function openImage(
  store: Store,
  hierarchy: Hierarchy,
  path: AbsolutePath,
  workers?: ChunkWorkers,
): OpenImage {
  const model = memoize(() => readImageAt(hierarchy, path));
  const levels = memoize(() => {
    const [multiscale] = model().multiscales;
    return multiscale.levels.map((level) =>
      hasArray(level)
        ? openLevel(store, level, multiscale, workers)
        : unreadableLevel(level, multiscale, errorOf(level, hierarchy)),
    );
  });
  const labels = memoize(() => model().labels.map((label) => openImage(store, hierarchy, label, workers)));
  return {
    path,
    get model() {
      return model();
    },
    get name() {
      return model().name;
    },
    get axes() {
      return model().multiscales[0].axes;
    },
    get channels() {
      return model().channels;
    },
    get levels() {
      return levels();
    },
    get labels() {
      return labels();
    },
    level(index) {
      const level = levels()[index];
      if (level === undefined || !levels().some(isReadable)) throw noSuchLevel(index, model(), store);
      return level;
    },
  };
}

function readImageAt(hierarchy: Hierarchy, path: AbsolutePath): Image | LabelImage {
  const node = readOme(hierarchy, path);
  if (node.kind === "image" || node.kind === "label-image") return node;
  throw new InvalidMetadataError(
    `${path} in ${hierarchy.location} should be an image, but its metadata has no multiscales`,
    { location: hierarchy.location, path },
  );
}

function hasArray(level: Level): level is ReadableLevel {
  return level.array !== undefined;
}

function isReadable({ model }: OpenLevel): boolean {
  return hasArray(model);
}

/** Why a level has no array: its document's own error, or that there is none. */
function errorOf({ path, problems }: Level, hierarchy: Hierarchy): OzxError {
  const { location } = hierarchy;
  const [problem] = problems;
  const reason = problem?.message ?? "there is no array";
  return (
    brokenNodeAt(hierarchy, path)?.error ??
    new InvalidMetadataError(`the level ${path} in ${location} cannot be read: ${reason}`, { location, path })
  );
}

function noSuchLevel(
  index: number,
  { path, multiscales: [{ levels }] }: Image | LabelImage,
  store: Store,
): RangeError | InvalidMetadataError {
  const what = `the image ${path} in ${store.name}`;
  if (!levels.some(hasArray)) {
    const [problem] = levels[0]?.problems ?? [];
    return new InvalidMetadataError(`${what} has no readable level: ${problem?.message ?? "it lists none"}`, {
      location: store.name,
      path,
    });
  }
  return new RangeError(`${what} has levels 0 to ${levels.length - 1}, but not ${index}`);
}

/** The paths of a node's images, in the node's order. They need not exist, or be readable. */
export function imagePathsOf(hierarchy: Hierarchy, node: OmeNode): readonly AbsolutePath[] {
  switch (node.kind) {
    case "image":
    case "label-image":
      return [node.path];
    case "plate":
      return [...new Set(node.wells.flatMap(fieldPathsOf))];
    case "well":
      return node.fields.map(({ path }) => path);
    case "bioformats2raw":
    case "scene":
      return node.images;
    case "labels":
      return node.labels;
    case "group":
      return childrenOf(hierarchy, node.path).filter((path) => isImage(hierarchy, path));
    case "array":
      return [];
  }
}

/** The paths of the fields of a well. */
export function fieldPathsOf({ fields = [] }: PlateWell): AbsolutePath[] {
  return fields.map(({ path }) => path);
}

function isImage(hierarchy: Hierarchy, path: AbsolutePath): boolean {
  const node = hierarchy.nodes.get(path);
  const attributes = node && omeMetadataOf(node)?.attributes;
  return attributes !== undefined && Object.hasOwn(attributes, "multiscales");
}
