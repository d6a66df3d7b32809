import { type AbsolutePath, InvalidMetadataError, type ReadOptions, UnsupportedError } from "@ozx/core";
import {
  type ByteSink,
  checkKeysSafe,
  type EntryProducer,
  type EntryWriter,
  forEachInSlices,
  parseJsonObject,
  readEntry,
  type StoreTarget,
  type WriteJob,
  type WriteOptions,
} from "@ozx/core/container";
import { formatComment, objectIn } from "../rfc9/archive-comment.js";
import { ROOT_DOCUMENT, rfc9Order } from "../rfc9/document-order.js";
import { type GrowingArchive, gatherBlocks, growingArchive } from "../write/growing-archive.js";
import { type ArchiveJob, writeArchive } from "../write/write-archive.js";
import type { RunsWriter } from "../write/write-entries.js";

/**
 * A target that writes a conforming `.ozx` into a sink.
 *
 * @param write writes the entries of known sizes; by default, the calling thread does
 */
export function ozxTarget(sink: ByteSink, write?: RunsWriter): StoreTarget {
  return {
    name: sink.name,
    async write(job, options) {
      let archive: ArchiveJob;
      try {
        archive = await archiveJob(job, options);
      } catch (error) {
        await sink.discard();
        throw error;
      }
      await writeArchive(archive, sink, { ...options, write });
    },
    begin: async () => ozxWriter(sink),
  };
}

/** A job with its entries checked and in RFC-9's order, and with RFC-9's comment, which only an image has. */
export async function archiveJob(job: WriteJob, options?: WriteOptions): Promise<ArchiveJob> {
  const { source, documents, generated, isPlain = false } = job;
  const checkKey = isPlain ? (key: AbsolutePath) => checkKeysSafe([key], source.name) : checkOzxKey;
  await forEachInSlices(job.entries, ({ key }) => checkKey(key, source.name), options);
  return {
    source,
    entries: await rfc9Order(job.entries, options),
    documents,
    generated: generated && withCheckedKeys(generated, source.name),
    comment: isPlain ? new Uint8Array(0) : formatComment(await rootVersion(job, options)),
    order: namesInOrder,
  };
}

async function rootVersion(job: WriteJob, options?: WriteOptions): Promise<string> {
  const root = job.entries.find(({ key }) => key === ROOT);
  if (root === undefined) throw noRoot(job.source.name);
  return omeVersionIn(await readEntry(job.source, root, options), job.source.name);
}

function withCheckedKeys(producer: EntryProducer, location: string): EntryProducer {
  return {
    ...producer,
    async *produce(options) {
      for await (const entry of producer.produce(options)) {
        checkOzxKey(entry.key, location);
        yield entry;
      }
    },
  };
}

/**
 * Writes a conforming `.ozx` entry by entry. In the file the entries are in the order of the calls; the central
 * directory is in RFC-9's order, so that `jsonFirst`, which is only about the directory, is true.
 */
function ozxWriter(sink: ByteSink): EntryWriter {
  const archive = growingArchive(sink);
  let version: string | undefined;
  return {
    name: sink.name,
    add: addOzxEntries(archive, sink.name, (written) => {
      version = written;
    }),
    async commit(options) {
      if (version === undefined) throw noRoot(sink.name);
      await archive.end(namesInOrder, formatComment(version), options);
      options?.signal?.throwIfAborted();
      await sink.commit(options);
    },
    async discard() {
      await archive.stop();
      await sink.discard();
    },
  };
}

/** The key of the root's `zarr.json`, which RFC-9 requires. */
export const ROOT: AbsolutePath = "/zarr.json";

/**
 * Adds entries to an archive after checking that an `.ozx` may have them.
 *
 * @param location the name of the archive in errors
 * @param onVersion called with the OME-Zarr version in the root's `zarr.json`, before that is added
 */
export function addOzxEntries(
  archive: GrowingArchive,
  location: string,
  onVersion: (version: string) => void,
): EntryWriter["add"] {
  return async ({ key, bytes }, options) => {
    checkOzxKey(key, location);
    if (key !== ROOT) return archive.add(key.slice(1), bytes, options);
    const document = bytes instanceof Uint8Array ? bytes : await gatherBlocks(bytes, options);
    onVersion(omeVersionIn(document, location));
    return archive.add(key.slice(1), document, options);
  };
}

/**
 * Checks that an entry of an `.ozx` may have this key.
 *
 * @throws UnsupportedError for a nested `.ozx`, which RFC-9 forbids
 * @throws what `checkKeysSafe` throws for a key that would leave the folder it is unpacked to
 */
function checkOzxKey(key: AbsolutePath, location: string): void {
  checkKeysSafe([key], location);
  if (!key.toLowerCase().endsWith(".ozx")) return;
  throw new UnsupportedError(
    `${location} contains the archive ${key.slice(1)}, and RFC-9 does not allow an .ozx inside an .ozx: move it out of the image first`,
    { location, path: key, feature: "nested .ozx" },
  );
}

/** Sorts names of entries in RFC-9's order. */
export async function namesInOrder(names: readonly string[], options?: ReadOptions): Promise<string[]> {
  const entries = names.map((name) => ({ key: `/${name}` as AbsolutePath }));
  return (await rfc9Order(entries, options)).map(({ key }) => key.slice(1));
}

/** The OME-Zarr version in the root's `zarr.json`, which the comment repeats. */
function omeVersionIn(document: Uint8Array, location: string): string {
  const root = parseJsonObject(document, { location, path: ROOT_DOCUMENT });
  const version = objectIn(objectIn(root, "attributes"), "ome")?.["version"];
  if (typeof version === "string") return version;
  throw new InvalidMetadataError(
    `zarr.json at the root of ${location} has no attributes.ome.version, so it is not OME-Zarr 0.5 or later`,
    { location, path: ROOT_DOCUMENT },
  );
}

function noRoot(location: string): InvalidMetadataError {
  return new InvalidMetadataError(`${location} has no zarr.json at its root, which every .ozx must have`, {
    location,
  });
}
