import type * as zarr from "zarrita";
import { shareByKey } from "../bytes/concurrency.js";
import type { PixelArray } from "./node.js";

type Chunk = Awaited<ReturnType<PixelArray["getChunk"]>>;

/**
 * An array whose chunks are fetched and decoded once for all who want one at the same time, as for the channels
 * that lie in it together. The work ends when the last of them has aborted. What is given is theirs together, and
 * must not be written to.
 */
export async function shareChunks(array: PixelArray): Promise<PixelArray> {
  const { defineArrayExtension } = await import("zarrita");
  const share = shareByKey<string, Chunk>();
  return defineArrayExtension((inner: PixelArray) => ({
    getChunk: (position: number[], options?: zarr.GetOptions): Promise<Chunk> =>
      share(position.join(), ({ signal }) => inner.getChunk(position, { signal }), options),
  }))(array);
}
