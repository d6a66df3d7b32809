import type { Worker } from "node:worker_threads";
import { redactAddress } from "@ozx/core/internal";
import { startThread } from "@ozx/core/internal/node";
import { canStart } from "@ozx/core/node";
import { type EndingSignal, InterruptedError } from "../terminal/interruption.js";
import type { Output } from "../terminal/output.js";
import { exitCodeFor, messageOf } from "../terminal/report-error.js";
import type { ConvertFlags, ConvertRequest } from "./conversion-request.js";
import type { ImageOutcome } from "./run-log.js";

/** Asks a thread to convert an image, or to give up the one that it converts. */
export type ImageOrder =
  | { readonly kind: "convert"; readonly input: string; readonly output: string }
  | { readonly kind: "abort"; readonly signal: EndingSignal | undefined };

/** What a thread says of the image that it converts. */
export type ImageMessage =
  | { readonly kind: "note"; readonly text: string }
  | { readonly kind: "ended"; readonly outcome: ImageOutcome };

/** A thread that converts one image after the other. */
export interface ImageThread {
  /** @returns what became of it, also where it failed or was aborted */
  convert(request: ConvertRequest, out: Output, signal: AbortSignal): Promise<ImageOutcome>;
  close(): Promise<void>;
}

/** In the same folder of the built command. */
const THREAD = new URL("./image-thread.js", import.meta.url);

/** How long an image may take to be given up, in milliseconds, until its thread is ended. */
const GIVING_UP = 5_000;

/** Whether images can be converted in threads: they are built. */
export function hasImageThreads(): boolean {
  return canStart(THREAD);
}

/**
 * A thread for images. It is started for the first one, and again where it has ended early, which fails the image alone.
 *
 * @param flags of all conversions; `jobs` are the threads of one
 */
export function imageThread(flags: ConvertFlags): ImageThread {
  let worker: Worker | undefined;
  let onMessage: (message: ImageMessage) => void = () => {};
  let onEnd: (error: unknown) => void = () => {};
  const start = (): Worker =>
    startThread<ImageMessage>(
      THREAD,
      { ...flags, quiet: true },
      {
        onMessage: (message) => onMessage(message),
        onEnd(error) {
          worker = undefined;
          onEnd(error);
        },
      },
    );
  return {
    async convert({ input, output }, out, signal) {
      const started = performance.now();
      const name = redactAddress(input);
      let timer: NodeJS.Timeout | undefined;
      const abort = (): void => {
        const reason: unknown = signal.reason;
        const order: ImageOrder = {
          kind: "abort",
          signal: reason instanceof InterruptedError ? reason.signal : undefined,
        };
        worker?.postMessage(order);
        timer = setTimeout(() => worker?.terminate(), GIVING_UP);
      };
      try {
        return await new Promise<ImageOutcome>((resolve, reject) => {
          onMessage = (message) => {
            if (message.kind === "note") out.note(`${name}: ${message.text}`);
            else resolve(message.outcome);
          };
          onEnd = reject;
          worker ??= start();
          const order: ImageOrder = { kind: "convert", input, output };
          worker.postMessage(order);
          signal.addEventListener("abort", abort, { once: true });
        });
      } catch (cause) {
        const error: unknown = signal.aborted ? signal.reason : cause;
        return {
          ...{ input: name, output, state: "failed", bytes: 0 },
          seconds: (performance.now() - started) / 1000,
          exitCode: exitCodeFor(error),
          message: messageOf(error),
        };
      } finally {
        clearTimeout(timer);
        signal.removeEventListener("abort", abort);
      }
    },
    async close() {
      onEnd = () => {};
      await worker?.terminate();
    },
  };
}
