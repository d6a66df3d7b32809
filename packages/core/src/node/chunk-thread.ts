/**
 * A thread that decodes and encodes chunks, one message each. It ends by being terminated.
 *
 * @module
 */
import { parentPort } from "node:worker_threads";
import { packError } from "../errors.js";
import { type ChunkTask, runChunkTask } from "../zarr/codec/chunk-task.js";
import { codecPlatform } from "../zarr/codec/platform.js";
import type { ChunkOrder, ChunkReport } from "./chunk-messages.js";
import { nodeDeflate } from "./node-deflate.js";

const tasks = new Map<number, ChunkTask>();
const platform = codecPlatform(nodeDeflate);

parentPort?.on("message", async (order: ChunkOrder) => {
  const { id } = order;
  try {
    if (order.task !== undefined) tasks.set(order.taskId, order.task);
    const task = tasks.get(order.taskId);
    if (task === undefined) throw new Error(`task ${order.taskId} is not known`);
    report({ id, result: await runChunkTask(task, order.bytes, await platform) });
  } catch (error) {
    report({ id, error: packError(error) });
  }
});

function report(message: ChunkReport): void {
  // What is a view of something larger would take that with it.
  const own = message.result instanceof Uint8Array ? ownBytes(message.result) : undefined;
  if (own === undefined) parentPort?.postMessage(message);
  else parentPort?.postMessage({ ...message, result: own }, [own.buffer as ArrayBuffer]);
}

function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}
