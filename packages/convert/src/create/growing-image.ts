import { type PixelValues, type ReadOptions, UsageError } from "@ozx/core";
import { concatBytes, type EntryStep, type StepWriter, type WholeEntry } from "@ozx/core/container";
import { countElements, type Disposer, inlineWorkers } from "@ozx/core/internal";
import { createChunkFeed } from "../chunks/chunk-feed.js";
import { documentEntry } from "../chunks/document-entries.js";
import { createStoredObjects, encodeEntries, newArrayDocument } from "../chunks/encode-entries.js";
import { checkImageArguments } from "./check-arguments.js";
import { type NewImageOptions, resolveAxes } from "./image-options.js";
import { checkData, planPixels } from "./image-writer.js";

/** A new image of unknown length. */
export interface GrowingImageOptions extends Omit<NewImageOptions, "shape"> {
  /** In pixels, one size per axis; undefined for the first one, along which pixels are appended. */
  readonly shape: readonly [undefined, ...number[]];
}

/**
 * An image that is appended to, and visible all the while. With `await using` it is closed; what was appended stays, also
 * if the process is killed.
 */
export interface GrowingImageWriter extends Disposer {
  /** The number of levels. */
  readonly levels: number;
  /** How many positions along the first axis are durable. */
  readonly length: number;
  /**
   * Appends the pixels of the next position along the first axis, such as a time point, or of several. When the promise
   * resolves they are durable, and every reader that opens the image finds them. Calls may overlap: those that wait become
   * durable together, in the order of the calls.
   *
   * @param data in C order, in a typed array of the image's data type; must not change until the promise is resolved
   * @returns the first of the positions
   * @throws RangeError if the data is not of whole positions
   * @throws WriteFailedError if the destination cannot be written; all later calls fail too
   */
  append(data: PixelValues, options?: ReadOptions): Promise<number>;
  /**
   * Ends the image, as it is after the last call of `append`.
   *
   * @throws UsageError if nothing was appended: there is no image then
   */
  close(): Promise<void>;
}

/**
 * Begins an image of unknown length. Before the first `append`, nothing is at the destination.
 *
 * @param begin opens the destination, once the options are known to be right
 * @param location its name
 * @throws RangeError if options contradict each other, or a chunk would have several positions along the first axis
 * @throws UsageError for unknown options
 */
export async function createGrowingImage(
  begin: () => Promise<StepWriter>,
  location: string,
  options: GrowingImageOptions,
): Promise<GrowingImageWriter> {
  const frame = { ...options, shape: options.shape.map((size, axis) => (axis === 0 ? 1 : size)) as number[] };
  checkGrowing(options, frame);
  const { levels, arrays, document } = planPixels(location, { ...frame, path: "/", method: "mean" });
  const workers = options.workers ?? inlineWorkers();
  const writer = await begin();
  const pixels = countElements(frame.shape);

  /** The entries of the pixels of one position. */
  const encode = async (data: PixelValues, at: number, writing?: ReadOptions): Promise<WholeEntry[]> => {
    const feedLevels = arrays.map((array, k) => ({
      ...array,
      factors: levels[k + 1]?.factors,
      isWritten: true,
    }));
    const feed = createChunkFeed(feedLevels, "mean", workers);
    const open = arrays.map((array) => ({ array, objects: createStoredObjects(array) }));
    const entries: WholeEntry[] = [];
    const place = { origin: frame.shape.map(() => 0), block: { data, shape: frame.shape } };
    for (const chunks of [feed.put(place, writing), feed.flush(writing)]) {
      for await (const entry of encodeEntries(chunks, open, workers, writing))
        entries.push(await wholeEntry(entry));
    }
    for (const { objects } of open)
      for (const entry of objects.flush()) entries.push(await wholeEntry(entry));
    return entries.map(({ key, bytes }) => ({ key: movedKey(key, at), bytes }));
  };
  /** From the smallest level to the largest, so that the last one of them shows what is complete. */
  const documentsFor = (length: number): EntryStep["documents"] => {
    const own = arrays.map((array) =>
      documentEntry(array.path, newArrayDocument({ ...array, shape: [length, ...array.shape.slice(1)] })),
    );
    return [...(durable === 0 ? [{ ...documentEntry("/", document), fixed: true }] : []), ...own.reverse()];
  };

  let durable = 0;
  let taken = 0;
  let waiting: Waiting[] = [];
  let isRunning = false;
  let running: Promise<void> = Promise.resolve();
  let failure: unknown;
  let ended: Promise<void> | undefined;

  /** Writes the calls that are encoded, as one step. */
  const commit = async (): Promise<void> => {
    await waiting[0]?.encoded;
    // Those that are encoded by now become durable with the first one.
    const waits = waiting.findIndex(({ isEncoded }) => !isEncoded());
    const batch = waiting.slice(0, waits < 0 ? waiting.length : waits);
    const entries = (await Promise.all(batch.map(({ encoded }) => encoded))).flat();
    const length = durable + batch.reduce((sum, { count }) => sum + count, 0);
    await writer.step({ entries, documents: documentsFor(length) });
    durable = length;
    waiting = waiting.slice(batch.length);
    for (const { resolve } of batch) resolve();
  };
  /** Commits what waits, as long as there is something; one at a time. */
  const run = async (): Promise<void> => {
    isRunning = true;
    try {
      while (waiting.length > 0) await commit();
    } catch (error) {
      failure = error;
      for (const { reject } of waiting) reject(error);
      waiting = [];
    }
    // Nothing is awaited since it was seen that nothing waits.
    isRunning = false;
  };
  const end = async (): Promise<void> => {
    await running;
    if (failure === undefined) await writer.close();
    else await writer.discard();
  };
  return {
    levels: levels.length,
    get length() {
      return durable;
    },
    async append(data, writing) {
      const what = `the image ${location}`;
      if (ended !== undefined) throw new RangeError(`${what} is closed`);
      if (failure !== undefined) throw failure;
      const count = data.length / pixels;
      const extent = [Number.isInteger(count) && count > 0 ? count : 1, ...frame.shape.slice(1)];
      checkData(data, extent, options.dtype, what);
      const first = taken;
      taken += count;
      await new Promise<void>((resolve, reject) => {
        waiting.push(
          encodeAll(data, { first, count, pixels }, (part, at) => encode(part, at, writing), {
            resolve,
            reject,
          }),
        );
        if (!isRunning) running = run();
      });
      return first;
    },
    close() {
      ended ??= end();
      return ended;
    },
    async [Symbol.asyncDispose]() {
      ended ??= durable === 0 && !isRunning ? writer.discard() : end();
      await ended.catch((error: unknown) => {
        if (!(error instanceof UsageError)) throw error;
      });
    },
  };
}

/** A call of `append` that is not durable yet. */
interface Waiting {
  readonly count: number;
  readonly encoded: Promise<WholeEntry[]>;
  isEncoded(): boolean;
  resolve(): void;
  reject(error: unknown): void;
}

/** Encodes the positions of a call, one after the other; calls are encoded at the same time. */
function encodeAll(
  data: PixelValues,
  { first, count, pixels }: { readonly first: number; readonly count: number; readonly pixels: number },
  encode: (part: PixelValues, at: number) => Promise<WholeEntry[]>,
  ending: Pick<Waiting, "resolve" | "reject">,
): Waiting {
  let isEncoded = false;
  const all = async (): Promise<WholeEntry[]> => {
    const entries: WholeEntry[] = [];
    for (let k = 0; k < count; k++) {
      entries.push(...(await encode(data.subarray(k * pixels, (k + 1) * pixels), first + k)));
    }
    isEncoded = true;
    return entries;
  };
  const encoded = all();
  encoded.catch(() => {});
  return { count, encoded, isEncoded: () => isEncoded, ...ending };
}

function checkGrowing({ shape }: GrowingImageOptions, frame: NewImageOptions): void {
  checkImageArguments(frame);
  if (shape.slice(1).some((size) => size === undefined)) {
    throw new RangeError(
      "only the first size of shape can be undefined: an image grows along its first axis",
    );
  }
  const [axis] = resolveAxes(frame);
  if (axis?.type === "channel" || frame.shape.length < 3) {
    throw new RangeError(
      `an image cannot grow along ${axis?.name}: give it an axis of time, or z, as its first`,
    );
  }
  for (const [what, list] of Object.entries({ chunks: frame.chunks, shards: frame.shards })) {
    if (list === undefined || list[0] === 1) continue;
    throw new RangeError(
      `${what} must have the size 1 along ${axis?.name}: each position is stored when it is appended`,
    );
  }
}

async function wholeEntry({
  key,
  bytes,
}: {
  readonly key: WholeEntry["key"];
  readonly bytes: Uint8Array | AsyncIterable<Uint8Array>;
}): Promise<WholeEntry> {
  if (bytes instanceof Uint8Array) return { key, bytes };
  const blocks: Uint8Array[] = [];
  for await (const block of bytes) blocks.push(block.slice());
  return { key, bytes: concatBytes(blocks) };
}

/** The key of a chunk at the first position along the first axis, at another one: `/0/c/0/1` becomes `/0/c/7/1`. */
function movedKey(key: WholeEntry["key"], at: number): WholeEntry["key"] {
  return key.replace(/^(\/[^/]+\/c\/)0/, `$1${at}`) as WholeEntry["key"];
}
