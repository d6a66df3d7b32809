import {
  type AbsolutePath,
  type ByteSink,
  checkKeysSafe,
  type EntryInput,
  type EntryProducer,
  type EntryWriter,
  InvalidMetadataError,
  isJsonObject,
  parseJsonObject,
  readEntry,
  type StoreTarget,
  UnsupportedError,
  type WriteJob,
  type WriteOptions,
} from "@ozx/core";
import { formatComment } from "../rfc9/archive-comment.js";
import { rfc9Order } from "../rfc9/document-order.js";
import { type GrowingArchive, gatherBlocks, growingArchive } from "../write/growing-archive.js";
import { writeArchive, writeGrowingArchive } from "../write/write-archive.js";
import type { RunsWriter } from "../write/write-entries.js";

/**
 * A target that writes a conforming `.ozx` into a sink.
 *
 * @param write what writes the entries; this thread alone by default
 */
export function ozxTarget(sink: ByteSink, write?: RunsWriter): StoreTarget {
  return {
    name: sink.name,
    async write(job, options) {
      let entries: EntryInput[];
      let comment: Uint8Array;
      try {
        for (const { key } of job.entries) checkOzxKey(key, job.source.name);
        comment = formatComment(await omeVersion(job, options));
        entries = rfc9Order(job.entries);
      } catch (error) {
        await sink.discard();
        throw error;
      }
      if (job.generated === undefined) await writeArchive(job.source, entries, comment, sink, options, write);
      else {
        const made = withCheckedKeys(job.generated, job.source.name);
        await writeGrowingArchive(
          { ...job, entries, generated: made },
          namesInOrder,
          comment,
          sink,
          options,
          write,
        );
      }
    },
    begin: async () => ozxWriter(sink),
  };
}

/** The version that the comment repeats. */
async function omeVersion(job: WriteJob, options?: WriteOptions): Promise<string> {
  const root = job.entries.find(({ key }) => key === ROOT);
  if (root === undefined) throw noRoot(job.source.name);
  return omeVersionIn(await readEntry(job.source, root, options), job.source.name);
}

function withCheckedKeys(maker: EntryProducer, location: string): EntryProducer {
  return {
    ...maker,
    async *produce(options) {
      for await (const entry of maker.produce(options)) {
        checkOzxKey(entry.key, location);
        yield entry;
      }
    },
  };
}

/**
 * Writes entry after entry into a conforming `.ozx`. In the file they lie in the order of the calls; the central
 * directory has RFC-9's order, whatever that was, so that its `jsonFirst`, which speaks of the directory alone,
 * is true.
 */
export function ozxWriter(sink: ByteSink): EntryWriter {
  const archive = growingArchive(sink);
  let version: string | undefined;
  return {
    name: sink.name,
    add: addOzxEntries(archive, sink.name, (said) => {
      version = said;
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

/** RFC-9 demands that the root `zarr.json` lies at the root of the archive. */
export const ROOT: AbsolutePath = "/zarr.json";

/**
 * Adds entries that an `.ozx` may have to an archive.
 *
 * @param onVersion is told the version in the `zarr.json` of the root, before that is added
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
 * Throws for a key that no entry of an `.ozx` may have: RFC-9 forbids an archive inside an archive, and readers
 * refuse what would leave the folder it is unpacked to.
 */
export function checkOzxKey(key: AbsolutePath, location: string): void {
  checkKeysSafe([key], location);
  if (!key.toLowerCase().endsWith(".ozx")) return;
  throw new UnsupportedError(
    `${location} holds another archive, ${key.slice(1)}, and RFC-9 does not allow an .ozx inside an .ozx: move it out of the image first`,
    { location, path: key, feature: "nested .ozx" },
  );
}

/** RFC-9's order of the central directory, for names. */
export function namesInOrder(names: readonly string[]): string[] {
  const entries = names.map((name) => ({ key: `/${name}` as AbsolutePath }));
  return rfc9Order(entries).map(({ key }) => key.slice(1));
}

/** The version that the comment repeats, from the `zarr.json` of the root. */
export function omeVersionIn(document: Uint8Array, location: string): string {
  const attributes = parseJsonObject(document, { location, path: "zarr.json" })["attributes"];
  const ome = isJsonObject(attributes) ? attributes["ome"] : undefined;
  const version = isJsonObject(ome) ? ome["version"] : undefined;
  if (typeof version === "string") return version;
  throw new InvalidMetadataError(
    `zarr.json at the root of ${location} does not say which version of OME-Zarr it is (attributes.ome.version), so it is no OME-Zarr 0.5 or later`,
    { location, path: "zarr.json" },
  );
}

export function noRoot(location: string): InvalidMetadataError {
  return new InvalidMetadataError(`${location} has no zarr.json at its root, which every .ozx must have`, {
    location,
  });
}
