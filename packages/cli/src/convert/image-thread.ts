/**
 * A thread that carries out conversions, one after the other, while other threads carry out others.
 *
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import { announceReady } from "@ozx/core/internal/node";
import { InterruptedError } from "../terminal/interruption.js";
import type { Output } from "../terminal/output.js";
import { type ConvertFlags, requestFor } from "./conversion-request.js";
import { convertOne } from "./convert-one.js";
import type { ImageMessage, ImageOrder } from "./image-threads.js";

const flags = workerData as ConvertFlags;
let controller = new AbortController();

function send(message: ImageMessage): void {
  parentPort?.postMessage(message);
}

const note = (text: string): void => send({ kind: "note", text });
const out: Output = { data: note, note, summary: note, error: note };

parentPort?.on("message", (order: ImageOrder) => {
  if (order.kind === "abort") {
    const { signal } = order;
    controller.abort(signal === undefined ? undefined : new InterruptedError(signal));
    return;
  }
  controller = new AbortController();
  convertOne(requestFor(order.input, order.output, flags), out, controller.signal).then(
    (outcome) => send({ kind: "ended", outcome }),
    // Nothing that is thrown here is about the image: the thread ends, and that is said.
    (error: unknown) => {
      throw error;
    },
  );
});
announceReady();
