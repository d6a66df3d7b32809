/**
 * Hands blocks to `write` one after the other, and asks for the next block while one is being written: so a
 * block must stay as it is until the next but one is asked for, which two buffers in turn make sure of.
 */
export async function writeBehind<Block>(
  blocks: AsyncIterable<Block>,
  write: (block: Block) => Promise<void>,
): Promise<void> {
  let writing = Promise.resolve();
  try {
    for await (const block of blocks) {
      await writing;
      writing = write(block);
      // Its failure is seen where it is waited for, and must not count as unhandled until then.
      writing.catch(() => {});
    }
  } finally {
    // Also after a failure: nobody may close a file that is still being written.
    await writing;
  }
}
