import { type AbsolutePath, DestinationExistsError, type ReadOptions, UsageError } from "@ozx/core";
import {
  checkKeysSafe,
  type EntryInput,
  type GeneratedEntry,
  readAhead,
  readEntry,
  type StoreTarget,
  streamEntry,
  type WriteOptions,
  writeGenerated,
} from "@ozx/core/container";
import { checkKeysDistinct, NODE_DOCUMENTS } from "@ozx/core/internal";
import {
  type BucketClient,
  BucketRefusedError,
  deleteObject,
  listObjects,
  multipartSink,
  putObject,
  writeRefused,
} from "@ozx/core/internal/node";
import type { DestinationOptions } from "./staging.js";

/** The largest entry that is sent by one request, in bytes. */
const ONE_REQUEST = 8 * 1024 * 1024;
/** How many small objects are in flight. */
const AT_ONCE = 16;
/** How long the removal of objects after a failure may take, in milliseconds. */
const REMOVAL_TIME = 60_000;

/**
 * A target that writes each entry as an object below a prefix. A bucket renames nothing, so the documents come last, the
 * one of the root at the very end: before that, nobody takes what is there for an image. When anything fails, the objects
 * that were written are removed.
 */
export function bucketFolderTarget(
  client: BucketClient,
  prefix: string,
  { overwrite = false, resume = false }: DestinationOptions,
): StoreTarget {
  const name = client.nameOf(prefix);
  if (resume)
    throw new UsageError(`a folder in a bucket cannot be resumed: write an .ozx, or leave out --resume`);
  return {
    name,
    async write(job, options = {}) {
      const { source, entries } = job;
      const keys = entries.map(({ key }) => key);
      checkKeysSafe(keys, source.name);
      checkKeysDistinct(keys, source.name);
      const written = new Set<string>();
      const writer = objectWriter(client, prefix, written);
      const { documents, others } = splitDocuments(entries);
      try {
        if (overwrite) await removeObjects(client, prefix, isDocument, options);
        const done = { entries: 0, bytes: 0 };
        const finished = (bytes: number): void => {
          done.entries++;
          done.bytes += bytes;
          options.onProgress?.({ ...done });
        };
        const copy = async (entry: EntryInput): Promise<void> => {
          if (entry.size <= ONE_REQUEST)
            await writer.put(entry.key, await readEntry(source, entry, options), options);
          else await writer.stream(entry.key, streamEntry(source, entry, options), options);
          finished(entry.size);
        };
        await drain(readAhead(others, AT_ONCE, copy));
        await writeGenerated(job, generatedWriter(writer), progressWithout(documents, options));
        await writer.settle();
        // The deepest first, and the root's after all others.
        for (const group of documents) await drain(readAhead(group, AT_ONCE, copy));
        if (overwrite) await removeObjects(client, prefix, (key) => !written.has(key), options);
      } catch (error) {
        await writer.settle().catch(() => {});
        const signal = AbortSignal.timeout(REMOVAL_TIME);
        await removeAll(client, written, { signal }).catch(() => {});
        throw error instanceof BucketRefusedError ? writeRefused(name, error.refusal) : error;
      }
    },
  };
}

/** @throws DestinationExistsError when objects are below a prefix, and may not be replaced */
export async function refusePreciousPrefix(
  client: BucketClient,
  prefix: string,
  { overwrite = false }: DestinationOptions,
): Promise<void> {
  const location = client.nameOf(prefix);
  let isUsed = false;
  for await (const _ of listObjects(client, `${prefix}/`, { most: 1 })) isUsed = true;
  if (!isUsed) return;
  if (!overwrite) {
    throw new DestinationExistsError(`${location} exists already`, { location, replaceable: true });
  }
  for (const document of NODE_DOCUMENTS) {
    for await (const { key } of listObjects(client, `${prefix}/${document}`, { most: 1 })) {
      if (key === `${prefix}/${document}`) return;
    }
  }
  throw new DestinationExistsError(
    `${location} is a folder with other things in it: name the image too, as in ${location}/image.zarr`,
    { location, replaceable: false },
  );
}

interface ObjectWriter {
  put(key: AbsolutePath, bytes: Uint8Array, options?: ReadOptions): Promise<void>;
  /** Writes a large value from blocks, each valid until the next one is requested. */
  stream(key: AbsolutePath, blocks: AsyncIterable<Uint8Array>, options?: ReadOptions): Promise<void>;
  /** Starts to put a value; waits where many are in flight. Throws when an earlier one failed. */
  start(key: AbsolutePath, bytes: Uint8Array, options?: ReadOptions): Promise<void>;
  settle(): Promise<void>;
}

function objectWriter(client: BucketClient, prefix: string, written: Set<string>): ObjectWriter {
  const inFlight = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  const throwFailure = (): void => {
    if (failure !== undefined) throw failure.error;
  };
  const put: ObjectWriter["put"] = async (key, bytes, options) => {
    const at = `${prefix}${key}`;
    written.add(at);
    const type = isDocument(key) ? "application/json" : "application/octet-stream";
    await putObject(client, at, bytes, { type, signal: options?.signal });
  };
  return {
    put,
    async stream(key, blocks, options) {
      const at = `${prefix}${key}`;
      written.add(at);
      const sink = multipartSink(client, at, { overwrite: true });
      try {
        let position = 0;
        for await (const block of blocks) {
          await sink.write(position, block, options);
          position += block.length;
        }
        await sink.commit(options);
      } catch (error) {
        await sink.discard();
        throw error;
      }
    },
    async start(key, bytes, options) {
      throwFailure();
      const done = put(key, bytes, options)
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => inFlight.delete(done));
      inFlight.add(done);
      while (inFlight.size >= AT_ONCE) await Promise.race(inFlight);
    },
    async settle() {
      await Promise.all(inFlight);
      throwFailure();
    },
  };
}

function generatedWriter(writer: ObjectWriter) {
  return {
    add: ({ key, bytes }: GeneratedEntry, options?: ReadOptions): Promise<void> =>
      bytes instanceof Uint8Array ? writer.start(key, bytes, options) : writer.stream(key, bytes, options),
  };
}

/** Generated entries are counted after all others, of which the documents are still to come. */
function progressWithout(documents: readonly (readonly EntryInput[])[], options: WriteOptions): WriteOptions {
  const { onProgress } = options;
  if (onProgress === undefined) return options;
  const later = documents.flat();
  const bytes = later.reduce((sum, { size }) => sum + size, 0);
  return {
    ...options,
    onProgress: (done) => onProgress({ entries: done.entries - later.length, bytes: done.bytes - bytes }),
  };
}

function isDocument(key: string): boolean {
  return NODE_DOCUMENTS.includes(key.slice(key.lastIndexOf("/") + 1));
}

/** The documents by depth, the deepest first, and all other entries. */
function splitDocuments(entries: readonly EntryInput[]): {
  readonly documents: readonly (readonly EntryInput[])[];
  readonly others: readonly EntryInput[];
} {
  const byDepth = new Map<number, EntryInput[]>();
  const others: EntryInput[] = [];
  for (const entry of entries) {
    if (!isDocument(entry.key)) {
      others.push(entry);
      continue;
    }
    const depth = entry.key.split("/").length;
    const list = byDepth.get(depth) ?? [];
    list.push(entry);
    byDepth.set(depth, list);
  }
  const documents = [...byDepth].sort(([a], [b]) => b - a).map(([, list]) => list);
  return { documents, others };
}

async function drain(work: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of work);
}

async function removeObjects(
  client: BucketClient,
  prefix: string,
  isWanted: (key: string) => boolean,
  { signal }: ReadOptions,
): Promise<void> {
  const keys: string[] = [];
  for await (const { key } of listObjects(client, `${prefix}/`, { signal }))
    if (isWanted(key)) keys.push(key);
  await removeAll(client, keys, { signal });
}

async function removeAll(client: BucketClient, keys: Iterable<string>, options: ReadOptions): Promise<void> {
  await drain(readAhead(keys, AT_ONCE, (key) => deleteObject(client, key, options)));
}
