/**
 * A thread that decodes and encodes chunks, one message each. It ends by being terminated.
 *
 * @module
 */
import { parentPort } from "node:worker_threads";
import { serveChunks } from "../../workers/serve-chunks.js";
import { announceReady } from "./distribute-tasks.js";
import { createPartReader } from "./file-reader.js";

const serve = serveChunks((report, transfer) => parentPort?.postMessage(report, transfer), {
  reader: createPartReader(),
});
parentPort?.on("message", serve);
announceReady();
