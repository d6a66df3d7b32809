import { packError } from "../errors.js";
import type { Deflate } from "../zarr/codec/deflate.js";
import { codecPlatform } from "../zarr/codec/platform.js";
import type { ChunkOrder, ChunkReport } from "./chunk-messages.js";
import { type ChunkTask, runChunkTask } from "./chunk-task.js";
import { wholeBuffer } from "./whole-buffer.js";

/**
 * The side of a thread that works on chunks for a pool: carries out each order that it is given, and sends what came
 * of it.
 *
 * @param send `postMessage` to whoever started the thread
 * @param deflate what gzip and zlib are done with; the platform's streams by default
 */
export function serveChunks(
  send: (report: ChunkReport, transfer: ArrayBuffer[]) => void,
  deflate?: Deflate,
): (order: ChunkOrder) => Promise<void> {
  const tasks = new Map<number, ChunkTask>();
  // Loaded while the first order is on its way.
  const platform = codecPlatform(deflate);
  platform.catch(() => {});
  return async ({ id, taskId, task: sent, bytes }) => {
    try {
      if (sent !== undefined) tasks.set(taskId, sent);
      const task = tasks.get(taskId);
      if (task === undefined) throw new Error(`task ${taskId} is not known`);
      const result = await runChunkTask(task, bytes, await platform);
      if (typeof result === "string") return send({ id, result }, []);
      // What is a view of something larger would take that with it.
      const own = wholeBuffer(result) ?? result.slice();
      send({ id, result: own }, [own.buffer]);
    } catch (error) {
      send({ id, error: packError(error) }, []);
    }
  };
}
