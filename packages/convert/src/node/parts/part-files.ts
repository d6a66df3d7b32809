import { type FileHandle, open } from "node:fs/promises";
import type { ByteSink } from "@ozx/core/container";
import { writeAll, writeFailure } from "@ozx/core/internal/node";

/**
 * A sink into a file that other processes write into at the same time, each its own bytes. `commit` makes the bytes
 * durable; `discard` only closes the file.
 *
 * @param name the output, for messages
 * @param flags `r+` for a file that is there
 */
export async function sharedFileSink(path: string, name: string, flags: "r+" | "w+"): Promise<ByteSink> {
  const wrap = (error: unknown): never => {
    throw writeFailure(error, name);
  };
  const file: FileHandle = await open(path, flags).catch(wrap);
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    await file.close();
  };
  return {
    name,
    forwardOnly: false,
    share: () => ({ name, path }),
    async write(position, bytes, options) {
      options?.signal?.throwIfAborted();
      await writeAll(file.fd, bytes, position).catch(wrap);
    },
    async commit() {
      try {
        await file.sync();
        await close();
      } catch (error) {
        wrap(error);
      }
    },
    async discard() {
      await close().catch(() => {});
    },
  };
}

/** Bytes of one read and write, in which a segment is copied. */
const COPY_BLOCK = 4 * 1024 * 1024;

/** Appends a whole file to a sink at a position. One block is read while another one is written. */
export async function copyInto(
  path: string,
  sink: ByteSink,
  position: number,
  {
    signal,
    onBytes,
  }: { readonly signal?: AbortSignal | undefined; readonly onBytes?: ((bytes: number) => void) | undefined },
): Promise<number> {
  const file = await open(path, "r");
  let at = 0;
  let writing = Promise.resolve();
  try {
    let [block, other] = [Buffer.allocUnsafe(COPY_BLOCK), Buffer.allocUnsafe(COPY_BLOCK)];
    for (;;) {
      const { bytesRead } = await file.read(block, 0, block.length, at);
      await writing;
      if (bytesRead === 0) return at;
      writing = sink.write(position + at, block.subarray(0, bytesRead), { signal });
      writing.catch(() => {});
      onBytes?.(bytesRead);
      at += bytesRead;
      [block, other] = [other, block];
    }
  } finally {
    await writing.catch(() => {});
    await file.close();
  }
}
