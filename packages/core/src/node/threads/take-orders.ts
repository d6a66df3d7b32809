import { parentPort } from "node:worker_threads";
import { packError } from "../../errors.js";
import type { Progress } from "../../store/target.js";
import type { ThreadReport } from "./share-out.js";

/** Milliseconds between two reports of progress. */
const REPORT = 50;

/**
 * What a thread does that `shareOut` has started: it carries out one order after the other, and ends by being
 * terminated.
 */
export function takeOrders<Order>(
  carryOut: (order: Order, onProgress: (done: Progress) => void) => Promise<void>,
): void {
  let reported = performance.now();
  let finished = Promise.resolve();
  const carry = async (order: Order): Promise<void> => {
    let done: Progress = { entries: 0, bytes: 0 };
    await carryOut(order, (now) => {
      done = now;
      if (performance.now() - reported < REPORT) return;
      reported = performance.now();
      report({ kind: "progress", done });
    });
    report({ kind: "finished", done });
  };
  parentPort?.on("message", (order: Order) => {
    finished = finished
      .then(() => carry(order))
      .catch((error: unknown) => report({ kind: "failed", error: packError(error) }));
  });
}

function report(message: ThreadReport): void {
  parentPort?.postMessage(message);
}
