import { concatenate, type ReadOptions } from "@ozx/core";

/** Blocks, each of which is valid until the next is asked for, as one. */
export async function gatherBlocks(
  blocks: AsyncIterable<Uint8Array>,
  options?: ReadOptions,
): Promise<Uint8Array> {
  const kept: Uint8Array[] = [];
  for await (const block of blocks) {
    options?.signal?.throwIfAborted();
    kept.push(block.slice());
  }
  return concatenate(kept);
}
