import { InvalidMetadataError } from "../errors.js";
import type { Image, LabelImage, Level } from "../ome/model.js";
import { readOme } from "../ome/read-ome.js";
import type { AbsolutePath, Store } from "../store/store.js";
import type { ChunkWorkers } from "../workers/chunk-tasks.js";
import type { Hierarchy } from "../zarr/zarr-node.js";
import type { OpenImage } from "./node.js";
import { once } from "./once.js";
import { openLevel, type ReadableLevel } from "./open-level.js";

/**
 * Opens the image at a path; its metadata is looked at when it is first asked for.
 *
 * @param work where chunks are decoded; in the calling thread by default
 */
export function openImage(
  store: Store,
  hierarchy: Hierarchy,
  path: AbsolutePath,
  work?: ChunkWorkers,
): OpenImage {
  const model = once(() => readImageAt(hierarchy, path));
  const levels = once(() => {
    const [multiscale] = model().multiscales;
    return multiscale.levels.filter(hasArray).map((level) => openLevel(store, level, multiscale, work));
  });
  const labels = once(() => model().labels.map((label) => openImage(store, hierarchy, label, work)));
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
      if (level === undefined) throw noSuchLevel(index, model(), levels().length, store);
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

function noSuchLevel(
  index: number,
  { path, multiscales: [{ levels }] }: Image | LabelImage,
  readable: number,
  store: Store,
): RangeError | InvalidMetadataError {
  const what = `the image ${path} in ${store.name}`;
  const [problem] = levels.find((level) => !hasArray(level))?.problems ?? [];
  if (readable === 0) {
    return new InvalidMetadataError(
      `${what} has no level that can be read: ${problem?.message ?? "it lists none"}`,
      { location: store.name, path },
    );
  }
  const missing = problem === undefined ? "" : ` (${problem.message})`;
  return new RangeError(`${what} has levels 0 to ${readable - 1}; ${index} is none of them${missing}`);
}
