import { blobSource } from "../../bytes/blob.js";
import type { ByteSource, ReadOptions } from "../../bytes/byte-source.js";
import { resolveRange } from "../range.js";
import type { AbsolutePath, Store } from "../store.js";

/** How a store of a browser's files finds one. */
export interface FileFinder {
  /** What to call the folder in messages. */
  readonly name: string;
  /** The file of a key; undefined where there is none. */
  find(key: AbsolutePath, options?: ReadOptions): Promise<File | undefined>;
  list: Store["list"];
}

/** A `Store` over files that a browser lets a page read. A file is read as far as is asked for, and never kept. */
export function fileStore({ name, find, list }: FileFinder): Store {
  const open = async (key: AbsolutePath, options?: ReadOptions): Promise<ByteSource | undefined> => {
    options?.signal?.throwIfAborted();
    const file = await find(key, options);
    return file && blobSource(file, `${name}${key}`);
  };
  return {
    name,
    format: "directory",
    findings: [],
    async get(key, options) {
      const source = await open(key, options);
      return source?.read(0, source.size, options);
    },
    async getRange(key, range, options) {
      const source = await open(key, options);
      if (source === undefined) return undefined;
      const { offset, length } = resolveRange(range, source.size);
      return source.read(offset, length, options);
    },
    async stream(key, options) {
      const source = await open(key, options);
      return source && streamSource(source, options);
    },
    list,
    async close() {},
  };
}

/** How much a stream reads at once. */
const BLOCK = 256 * 1024;

function streamSource(source: ByteSource, options?: ReadOptions): ReadableStream<Uint8Array> {
  let position = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        const length = Math.min(BLOCK, source.size - position);
        if (length === 0) return controller.close();
        controller.enqueue(await source.read(position, length, options));
        position += length;
      },
    },
    { highWaterMark: 0 },
  );
}
