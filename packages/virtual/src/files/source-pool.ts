import type { ByteSource } from "@ozx/core";
import { checkByteRange } from "@ozx/core/container";

/** Keeps some of many files open: a folder has more of them than a system lets a program open. */
export interface SourcePool {
  /** A source that opens its file when it is read, and may close it afterwards. */
  add(opened: ByteSource, reopen: () => Promise<ByteSource>): ByteSource;
  /** Closes all files; reading afterwards is an error. */
  close(): Promise<void>;
}

interface PooledFile {
  source: Promise<ByteSource> | undefined;
  users: number;
}

/** @param most how many files stay open while they are not read */
export function createSourcePool(most: number): SourcePool {
  /** The files that are open, the one that was used last at the end. */
  const open = new Set<PooledFile>();
  let closed = false;
  const trim = (): void => {
    for (const file of open) {
      if (open.size <= most) return;
      if (file.users > 0) continue;
      open.delete(file);
      const { source } = file;
      file.source = undefined;
      // What cannot be closed is of no use to anybody any more.
      void source?.then((one) => one.close()).catch(() => {});
    }
  };
  return {
    add(opened, reopen) {
      const { name, size } = opened;
      const file: PooledFile = { source: Promise.resolve(opened), users: 0 };
      const use = async <T>(work: (source: ByteSource) => Promise<T>): Promise<T> => {
        if (closed) throw new TypeError(`${name} has been closed`);
        file.users++;
        open.delete(file);
        open.add(file);
        try {
          file.source ??= reopen();
          return await work(await file.source);
        } catch (error) {
          // What could not be opened is tried again by the next read.
          if (file.users === 1 && !closed) await file.source?.catch(() => (file.source = undefined));
          throw error;
        } finally {
          file.users--;
          trim();
        }
      };
      open.add(file);
      trim();
      return {
        name,
        size,
        async read(offset, length, options) {
          checkByteRange({ name, size }, offset, length);
          return use((source) => source.read(offset, length, options));
        },
        // Others may read it still: the pool closes it.
        async close() {},
      };
    },
    async close() {
      closed = true;
      const sources = await Promise.allSettled([...open].map(({ source }) => source));
      await Promise.all(sources.map((one) => (one.status === "fulfilled" ? one.value?.close() : undefined)));
    },
  };
}
