/** Gives out bytes that are used until it is called again. */
export type Scratch = (length: number) => Uint8Array;

/** What is larger than this is no longer worth keeping. */
const LARGEST_SCRATCH = 1024 * 1024;

/** Memory that blocking reads use again and again: making and clearing it takes longer than a small read. */
export function createScratch(): Scratch {
  let block = new Uint8Array(0);
  return (length) => {
    if (length > LARGEST_SCRATCH) return new Uint8Array(length);
    if (length > block.length) block = new Uint8Array(Math.min(LARGEST_SCRATCH, 2 * length));
    return block.subarray(0, length);
  };
}
