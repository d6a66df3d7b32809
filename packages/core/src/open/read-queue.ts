import type { GetOptions } from "zarrita";

type ChunkQueue = ReturnType<NonNullable<GetOptions["createQueue"]>>;

/** Enough to keep a disk, or a server far away, busy; a hundred thousand chunks at once would fill the memory. */
const CONCURRENT_CHUNKS = 16;

/** A queue for zarrita's `get` that reads some chunks at a time, and no more once one has failed. */
export function createReadQueue(): ChunkQueue {
  const waiting: (() => Promise<void>)[] = [];
  return {
    add: (read) => waiting.push(read),
    async onIdle() {
      let next = 0;
      const lane = async (): Promise<void> => {
        try {
          for (let read = waiting[next++]; read !== undefined; read = waiting[next++]) await read();
        } catch (error) {
          next = waiting.length;
          throw error;
        }
      };
      return Promise.all(Array.from({ length: Math.min(CONCURRENT_CHUNKS, waiting.length) }, lane));
    },
  };
}
