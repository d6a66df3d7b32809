import type * as zarr from "zarrita";
import type { GetOptions, Slice } from "zarrita";
import { memoize, shareByKey } from "../bytes/concurrency.js";
import { InvalidMetadataError, isOzxError, type OzxError, UnsupportedError } from "../errors.js";
import type { Level, Multiscale } from "../ome/model.js";
import type { Store } from "../store/store.js";
import type { ChunkWorkers } from "../workers/chunk-tasks.js";
import { loadZarrita } from "../zarr/codec/load-zarrita.js";
import type { ArrayNode } from "../zarr/zarr-node.js";
import { codingOf } from "./chunk-coding.js";
import { openDecodedArray, storedChunks } from "./decoded-array.js";
import { decodedView, type StoredArray } from "./decoded-view.js";
import { emptyPixels } from "./empty-pixels.js";
import { checkReadable, openArray } from "./open-array.js";
import type { OpenLevel, PixelArray, Pixels, Selection } from "./open-node.js";

/** A resolution level that has an array. */
export type ReadableLevel = Level & { readonly array: ArrayNode };

/**
 * Opens one resolution level; nothing is read until pixels are needed.
 *
 * @param workers decode chunks; by default, the calling thread does
 */
export function openLevel(
  store: Store,
  level: ReadableLevel,
  { axes }: Multiscale,
  workers?: ChunkWorkers,
): OpenLevel {
  const { path, scale, translation, array } = level;
  const { shape, chunkShape, dtype } = array.array;
  const view = memoize(() => decodedView({ store, node: array }, workers));
  const opened = memoize(async () => openArray(view().store, view().node));
  const shared = memoize(async () => shareChunks(await (openWithWorkers(view(), workers) ?? opened())));
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
          `${path} in ${store.name} cannot be read by axes: it has ${shape.length} dimensions, but its image has ${names.length} axes; use array() instead`,
          { location: store.name, path },
        );
      }
      const { slices, keep, axes } = resolveSelection(selection, names, shape, `${path} in ${store.name}`);
      signal?.throwIfAborted();
      if (slices.some(({ start, stop }) => start === stop)) {
        const lengths = slices.map(({ start, stop }) => Number(stop) - Number(start));
        checkReadable(view().node, store.name);
        const { data, shape, stride } = await emptyPixels(store, view().node, lengths);
        return { data, shape: keep(shape), stride: keep(stride), axes };
      }
      const [source, { get }] = await Promise.all([shared(), loadZarrita()]);
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

/** A level that keeps its number and its place, and throws the reason for which its array cannot be read. */
export function unreadableLevel(level: Level, { axes }: Multiscale, error: OzxError): OpenLevel {
  const { path, scale, translation } = level;
  const refuse = (): never => {
    throw error;
  };
  return {
    ...{ path, model: level, axes, scale, translation },
    get shape() {
      return refuse();
    },
    get chunks() {
      return refuse();
    },
    get dtype() {
      return refuse();
    },
    array: async () => refuse(),
    read: async () => refuse(),
  };
}

/** The array with its chunks decoded by workers; undefined without workers, and where only zarrita can decode them. */
function openWithWorkers(
  { store, node }: StoredArray,
  workers: ChunkWorkers | undefined,
): Promise<PixelArray> | undefined {
  if (workers === undefined) return undefined;
  checkReadable(node, store.name);
  const { plain } = codingOf(node);
  const chunks = storedChunks(store, node);
  return plain && chunks && openDecodedArray({ store, node }, chunks, plain, workers);
}

/** The error for a selection that exceeds the size of a typed array, or the memory. */
function tooLarge(cause: RangeError, { name: location }: Store, path: string): UnsupportedError {
  return new UnsupportedError(
    `the selection of ${path} in ${location} is too large for one read: read it in parts`,
    { location, path, feature: "large selection" },
    { cause },
  );
}

/** A selection in zarrita's terms, and how to convert the result. */
export interface ResolvedSelection {
  /** One slice per axis. */
  readonly slices: Slice[];
  /** Removes the values of axes with a single position from a shape or stride. */
  keep(values: readonly number[]): number[];
  /** The names of the remaining axes. */
  readonly axes: Pixels["axes"];
}

/**
 * Converts a selection by axis names into slices in the order of the axes. Single positions become slices of one, so
 * that the result has strides even for a single value.
 *
 * @param names of all axes
 * @param what the name of the array in messages
 * @throws RangeError when an axis is unknown or a position is outside
 */
export function resolveSelection(
  selection: Selection,
  names: readonly string[],
  shape: readonly number[],
  what: string,
): ResolvedSelection {
  for (const name of Object.keys(selection)) {
    if (!names.includes(name)) {
      throw new RangeError(`${what} has no axis "${name}"; its axes are ${names.join(", ")}`);
    }
  }
  const slices: Slice[] = [];
  const kept: number[] = [];
  for (const [axis, name] of names.entries()) {
    // An axis may have the name of something that every object has.
    const wanted = Object.hasOwn(selection, name) ? selection[name] : undefined;
    const [start, stop] = bounds(wanted, { name, size: shape[axis] ?? 0, what });
    slices.push({ start, stop, step: 1 });
    if (typeof wanted !== "number") kept.push(axis);
  }
  return {
    slices,
    keep: (values) => kept.map((axis) => values[axis] ?? 0),
    axes: kept.map((axis) => names[axis] ?? ""),
  };
}

interface AxisExtent {
  readonly name: string;
  readonly size: number;
  readonly what: string;
}

function bounds(wanted: Selection[string], axis: AxisExtent): readonly [number, number] {
  if (wanted === undefined) return [0, axis.size];
  const [start, stop] = typeof wanted === "number" ? [wanted, wanted + 1] : wanted;
  if (Number.isInteger(start) && Number.isInteger(stop) && 0 <= start && start < stop && stop <= axis.size) {
    return [start, stop];
  }
  // All of an axis without positions is nothing.
  if (axis.size === 0 && start === 0 && stop === 0) return [0, 0];
  throw outside(wanted, axis);
}

function outside(wanted: number | readonly [number, number], { name, size, what }: AxisExtent): RangeError {
  const last = size - 1;
  if (size === 0) return new RangeError(`${what} has no positions on its axis "${name}"`);
  if (typeof wanted === "number") {
    return new RangeError(
      `${what} has positions 0 to ${last} on its axis "${name}"; ${wanted} is not one of them`,
    );
  }
  return new RangeError(
    `${what} has positions 0 to ${last} on its axis "${name}"; [${wanted.join(", ")}] must be a start and a larger stop, from 0 to ${size}`,
  );
}

type Chunk = Awaited<ReturnType<PixelArray["getChunk"]>>;

/**
 * An array whose chunks are fetched and decoded once for concurrent reads, such as those of several channels in the same
 * chunk. A read is cancelled when all of its callers have aborted. The callers share the decoded chunk, and must not
 * write to it.
 */
export async function shareChunks(array: PixelArray): Promise<PixelArray> {
  const { defineArrayExtension } = await loadZarrita();
  const share = shareByKey<string, Chunk>();
  return defineArrayExtension((inner: PixelArray) => ({
    getChunk: (position: number[], options?: zarr.GetOptions): Promise<Chunk> =>
      share(position.join(), ({ signal }) => inner.getChunk(position, { signal }), options),
  }))(array);
}

type ChunkQueue = ReturnType<NonNullable<GetOptions["createQueue"]>>;

/** Enough to keep a disk, or a distant server, busy, without filling the memory. */
const CONCURRENT_CHUNKS = 16;

/** A queue for zarrita's `get` that limits concurrent reads, and starts no more after one has failed. */
export function createReadQueue(): ChunkQueue {
  const waiting: (() => Promise<void>)[] = [];
  return {
    add: (read) => waiting.push(read),
    async onIdle() {
      let next = 0;
      const lane = async (): Promise<void> => {
        try {
          for (let read = waiting[next++]; read !== undefined; read = waiting[next++]) await read();
        } catch (error) {
          next = waiting.length;
          throw error;
        }
      };
      return Promise.all(Array.from({ length: Math.min(CONCURRENT_CHUNKS, waiting.length) }, lane));
    },
  };
}
