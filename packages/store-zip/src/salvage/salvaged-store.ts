import type { AbsolutePath, ByteSource, ReadOptions, Store } from "@ozx/core";
import { CorruptDataError } from "@ozx/core";
import { isListed, refuseTooLong, resolveRange } from "@ozx/core/container";
import { crc32 } from "../crc32/crc32.js";
import { inflateEntry } from "../read/entry-stream.js";
import { METHOD_STORED } from "../records/fields.js";
import type { SoundEntry } from "./entry-data.js";

/** What the store over salvaged entries is made of. */
export interface SalvagedParts {
  /** The entries by name. */
  readonly entries: ReadonlyMap<string, SoundEntry>;
  /** Documents that are not in the archive, but known from other ones, by key. */
  readonly documents: ReadonlyMap<AbsolutePath, Uint8Array>;
  /** The folder of the archive that is the store's root: empty, or ending with a slash. */
  readonly root: string;
}

/** Bytes of one read of a stream. */
const READ_BLOCK = 1024 * 1024;

/**
 * The store over the entries that were found in a damaged archive. It reads their data where it was found, whatever the
 * archive's own headers say, and checks CRCs again; closing it closes the source.
 */
export function salvagedStore(source: ByteSource, { entries, documents, root }: SalvagedParts): Store {
  const find = (key: AbsolutePath): SoundEntry | undefined => entries.get(root + key.slice(1));
  const readWhole = async (entry: SoundEntry, options?: ReadOptions): Promise<Uint8Array> => {
    const data = await source.read(entry.dataOffset, entry.compressedSize, options);
    const value = entry.method === METHOD_STORED ? data : inflateEntry({ source }, entry, data);
    checkCrc(source, entry, crc32(value));
    return value.byteLength === value.buffer.byteLength ? value : value.slice();
  };
  const locate = source.locate?.bind(source);
  return {
    name: source.name,
    format: "zip",
    findings: [],
    async get(key, options) {
      options?.signal?.throwIfAborted();
      const document = documents.get(key);
      const size = document?.length ?? find(key)?.size;
      if (size !== undefined) refuseTooLong(source.name, key, size, options);
      if (document !== undefined) return document.slice();
      const entry = find(key);
      return entry && readWhole(entry, options);
    },
    async getRange(key, range, options) {
      options?.signal?.throwIfAborted();
      const entry = find(key);
      const whole =
        documents.get(key) ?? (entry?.method === METHOD_STORED ? undefined : await this.get(key, options));
      const size = whole?.length ?? entry?.size;
      if (size === undefined) return undefined;
      const { offset, length } = resolveRange(range, size);
      if (whole !== undefined) return whole.slice(offset, offset + length);
      return length === 0 || entry === undefined
        ? new Uint8Array(0)
        : (await source.read(entry.dataOffset + offset, length, options)).slice();
    },
    async stream(key, options) {
      const entry = find(key);
      if (entry === undefined || documents.has(key) || entry.method !== METHOD_STORED) {
        const value = await this.get(key, options);
        return value && new Blob([value as Uint8Array<ArrayBuffer>]).stream();
      }
      return streamStored(source, entry, options);
    },
    async *list(options) {
      for (const [key, document] of documents) {
        if (isListed(key, options)) yield { key, size: document.length };
      }
      for (const [name, { size }] of entries) {
        if (!name.startsWith(root)) continue;
        const key: AbsolutePath = `/${name.slice(root.length)}`;
        if (isListed(key, options) && !documents.has(key)) yield { key, size };
      }
    },
    ...(locate && {
      locate: (key, range) => {
        const entry = documents.has(key) ? undefined : find(key);
        if (entry?.method !== METHOD_STORED) return undefined;
        const { offset, length } = range ?? { offset: 0, length: entry.size };
        if (offset < 0 || length < 0 || offset + length > entry.size) return undefined;
        const part = locate({ offset: entry.dataOffset + offset, length });
        return range === undefined ? { ...part, crc32: entry.crc } : part;
      },
    }),
    checkUnchanged: async () => source.checkUnchanged?.(),
    close: () => source.close(),
  };
}

function streamStored(
  source: ByteSource,
  entry: SoundEntry,
  options?: ReadOptions,
): ReadableStream<Uint8Array> {
  let at = 0;
  let crc = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const length = Math.min(READ_BLOCK, entry.size - at);
        if (length > 0) {
          const block = await source.read(entry.dataOffset + at, length, options);
          crc = crc32(block, crc);
          at += length;
          controller.enqueue(block);
        }
        if (at < entry.size) return;
        checkCrc(source, entry, crc);
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

function checkCrc(source: ByteSource, { name, crc }: SoundEntry, found: number): void {
  if (found === crc) return;
  source.checkUnchanged?.();
  throw new CorruptDataError(`${name} in ${source.name} has become corrupt while it was read`, {
    location: source.name,
    path: name,
  });
}
