import type { ReadOptions } from "@ozx/core";

/** Blocks, each of which is valid until the next is asked for, as one. */
export async function gatherBlocks(
  blocks: AsyncIterable<Uint8Array>,
  options?: ReadOptions,
): Promise<Uint8Array> {
  const kept: Uint8Array[] = [];
  let size = 0;
  for await (const block of blocks) {
    options?.signal?.throwIfAborted();
    kept.push(block.slice());
    size += block.length;
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const block of kept) {
    whole.set(block, at);
    at += block.length;
  }
  return whole;
}
