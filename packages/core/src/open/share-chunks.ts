import type * as zarr from "zarrita";
import type { PixelArray } from "./node.js";

type Chunk = Awaited<ReturnType<PixelArray["getChunk"]>>;

interface SharedChunk {
  readonly chunk: Promise<Chunk>;
  readonly controller: AbortController;
  waiting: number;
}

/**
 * An array whose chunks are fetched and decoded once for all who want one at the same time, as for the channels
 * that lie in it together. The work ends when the last of them has aborted. What is given is theirs together, and
 * must not be written to.
 */
export async function shareChunks(array: PixelArray): Promise<PixelArray> {
  const { defineArrayExtension } = await import("zarrita");
  const running = new Map<string, SharedChunk>();

  const start = (inner: PixelArray, position: number[], key: string): SharedChunk => {
    const controller = new AbortController();
    const chunk = inner.getChunk(position, { signal: controller.signal });
    const shared = { chunk, controller, waiting: 0 };
    running.set(key, shared);
    const forget = (): void => {
      if (running.get(key) === shared) running.delete(key);
    };
    chunk.then(forget, forget);
    return shared;
  };

  const leave = (shared: SharedChunk, key: string): void => {
    shared.waiting--;
    if (shared.waiting > 0 || running.get(key) !== shared) return;
    // Nobody who comes later may get what is being given up.
    running.delete(key);
    shared.controller.abort();
  };

  return defineArrayExtension((inner: PixelArray) => ({
    async getChunk(position: number[], options?: zarr.GetOptions): Promise<Chunk> {
      const { signal } = options ?? {};
      signal?.throwIfAborted();
      const key = position.join();
      const shared = running.get(key) ?? start(inner, position, key);
      shared.waiting++;
      let stop = (): void => {};
      const aborted = new Promise<never>((_, reject) => {
        stop = () => reject(signal?.reason);
        signal?.addEventListener("abort", stop, { once: true });
      });
      try {
        return await Promise.race([shared.chunk, aborted]);
      } finally {
        signal?.removeEventListener("abort", stop);
        leave(shared, key);
      }
    },
  }))(array);
}
