import { InvalidMetadataError, isOzxError, UnsupportedError } from "../errors.js";
import type { Level, Multiscale } from "../ome/model.js";
import type { Store } from "../store/store.js";
import type { ChunkWorkers } from "../workers/chunk-tasks.js";
import type { ArrayNode } from "../zarr/zarr-node.js";
import { checkReadable } from "./check-readable.js";
import { codingOf } from "./coding.js";
import type { OpenLevel, PixelArray, Pixels } from "./node.js";
import { once } from "./once.js";
import { openArray } from "./open-array.js";
import { openPlainArray } from "./plain-array.js";
import { createReadQueue } from "./read-queue.js";
import { resolveSelection } from "./selection.js";
import { shareChunks } from "./share-chunks.js";
import { storedChunks } from "./stored-chunks.js";

/** A resolution level that has an array. */
export type ReadableLevel = Level & { readonly array: ArrayNode };

/** Opens one resolution level; nothing is read until pixels are asked for. */
export function openLevel(
  store: Store,
  level: ReadableLevel,
  { axes }: Multiscale,
  work?: ChunkWorkers,
): OpenLevel {
  const { path, scale, translation, array } = level;
  const { shape, chunkShape, dtype } = array.array;
  const opened = once(() => openArray(store, array));
  const shared = once(async () => shareChunks(await (openDecoded(store, array, work) ?? opened())));
  const names = axes.map(({ name }) => name);

  return {
    path,
    model: level,
    axes,
    shape,
    chunks: chunkShape,
    dtype,
    scale,
    translation,
    array: opened,
    async read(selection = {}, { signal } = {}) {
      if (shape.length !== names.length) {
        throw new InvalidMetadataError(
          `${path} in ${store.name} cannot be read by its axes: it has ${shape.length} dimensions and its image has ${names.length} axes; read it with array() instead`,
          { location: store.name, path },
        );
      }
      const { slices, keep, axes } = resolveSelection(selection, names, shape, `${path} in ${store.name}`);
      signal?.throwIfAborted();
      const [source, { get }] = await Promise.all([shared(), import("zarrita")]);
      let whole: Pixels;
      try {
        whole = {
          axes: names,
          ...(await get(source, slices, { createQueue: createReadQueue, ...(signal && { signal }) })),
        };
      } catch (error) {
        throw isOzxError(error) || !(error instanceof RangeError) ? error : tooLarge(error, store, path);
      }
      return { data: whole.data, shape: keep(whole.shape), stride: keep(whole.stride), axes };
    },
  };
}

/** The array with its chunks decoded elsewhere; undefined where that is not wanted, or where only zarrita can. */
function openDecoded(
  store: Store,
  node: ArrayNode,
  work: ChunkWorkers | undefined,
): Promise<PixelArray> | undefined {
  if (work === undefined) return undefined;
  checkReadable(node, store.name);
  const { plain } = codingOf(node);
  const chunks = storedChunks(store, node);
  return plain && chunks && openPlainArray({ store, node }, chunks, plain, work);
}

/** Typed arrays have a limit, and so has the memory. */
function tooLarge(cause: RangeError, { name: location }: Store, path: string): UnsupportedError {
  return new UnsupportedError(
    `the selection of ${path} in ${location} is too large to be read at once; read it in parts`,
    { location, path, feature: "large selection" },
    { cause },
  );
}
