import { availableParallelism } from "node:os";
import { loadCodecs } from "../../codecs/codecs.js";
import { type ChunkThread, type ChunkThreadEvents, createChunkPool } from "../../workers/chunk-pool.js";
import { type ChunkWorkers, inlineWorkers } from "../../workers/chunk-tasks.js";
import { type AsyncPartReader, placeFileChunks, placeFileChunksHere } from "../../workers/file-chunks.js";
import type { ChunkTaskResult } from "../../workers/serve-chunks.js";
import { canStart, startThread } from "./distribute-tasks.js";
import { createAsyncPartReader, createPartReader } from "./file-reader.js";

/** Built next to this file. */
const THREAD = new URL("./chunk-thread.js", import.meta.url);

export interface ChunkWorkersOptions {
  /** The number of threads; by default, one for each processor. */
  readonly workers?: number | undefined;
}

/**
 * Decodes and encodes chunks in threads, which are started when they are needed and ended by `close`. With one worker,
 * and where threads cannot be started, in the calling thread.
 */
export function createChunkWorkers({
  workers = availableParallelism(),
}: ChunkWorkersOptions = {}): ChunkWorkers {
  if (workers < 2 || !canStart(THREAD)) return callerWorkers();
  return createChunkPool({ ...OF_FILES, workers, start: startHere });
}

/** What threads of Node can do. */
const OF_FILES = { sharesMemory: true, readsFiles: true } as const;

/** Reads of fewer decoded bytes are not faster in threads. */
const LEAST_BYTES = 4 * 1024 * 1024;

const shared = new Map<number, ChunkWorkers>();

/**
 * The workers with which all images of this process are read. Their threads are started by the first read that is worth
 * it, do not keep the process from ending, and are not closed.
 *
 * @param workers the number of threads; with fewer than two, the calling thread decodes
 */
export function sharedChunkWorkers(workers = availableParallelism()): ChunkWorkers {
  const known = shared.get(workers);
  if (known !== undefined) return known;
  const isPool = workers >= 2 && canStart(THREAD);
  const made = isPool
    ? createChunkPool({ ...OF_FILES, workers, start: startHere, leastBytes: LEAST_BYTES })
    : callerWorkers();
  const kept = { ...made, ...(isPool && { here: callerWorkers() }), close: async () => {} };
  shared.set(workers, kept);
  return kept;
}

/** Workers that are the calling thread, and read files into memory that is used again. */
function callerWorkers(): ChunkWorkers {
  const free: AsyncPartReader[] = [];
  const blocking = createPartReader();
  return {
    ...inlineWorkers(),
    async placeFiles(task, files, target, options) {
      const codecs = await loadCodecs();
      options?.signal?.throwIfAborted();
      if (files.chunks[0]?.part.blocking) {
        return placeFileChunks(task, files, target, { reader: blocking, codecs });
      }
      const reader = free.pop() ?? createAsyncPartReader();
      try {
        return await placeFileChunksHere(task, files, target, { reader, codecs, signal: options?.signal });
      } finally {
        if (free.length < MOST_FREE) free.push(reader);
      }
    },
  };
}

/** As many readers are kept as work at once for one block. */
const MOST_FREE = 4;

function startHere(events: ChunkThreadEvents): ChunkThread {
  return startChunkThread(THREAD, events);
}

/**
 * Starts a thread that keeps the process from ending only while it works.
 *
 * @param thread a file that runs `serveChunks`
 */
export function startChunkThread(thread: URL, { onResult, onEnd }: ChunkThreadEvents): ChunkThread {
  let unfinished = 0;
  let isEnding = false;
  const onMessage = (result: ChunkTaskResult): void => {
    // A result that comes late must not let the process end while it waits for the thread to end.
    if (--unfinished === 0 && !isEnding) worker.unref();
    onResult(result);
  };
  const worker = startThread(thread, undefined, { onMessage, onEnd });
  worker.unref();
  return {
    send(request, transfer) {
      if (unfinished++ === 0) worker.ref();
      worker.postMessage(request, transfer);
    },
    end() {
      isEnding = true;
      return worker.terminate();
    },
  };
}
