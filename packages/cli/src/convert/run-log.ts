import { appendFileSync } from "node:fs";
import { writeFailure } from "@ozx/core/internal/node";

/** What became of one input. */
export interface ImageOutcome {
  readonly input: string;
  readonly output: string;
  /** `exists` where a complete output was there before. */
  readonly state: "written" | "exists" | "failed";
  /** What was written, in bytes of all entries. */
  readonly bytes: number;
  readonly seconds: number;
  /** The exit code that this conversion alone would have. */
  readonly exitCode: number;
  /** What a person is told. */
  readonly message: string;
}

/** Takes a line for each input as soon as it is known what became of it. */
export type RunLog = (outcome: ImageOutcome) => void;

/**
 * Appends a JSON line for each outcome to a file, or to none. An empty line tells nothing, so the file is opened first:
 * one that cannot be written is an error before anything is converted.
 *
 * @throws WriteFailedError when the file cannot be written
 */
export function openRunLog(path: string | undefined): RunLog {
  if (path === undefined) return () => {};
  const append = (text: string): void => {
    try {
      appendFileSync(path, text);
    } catch (error) {
      throw writeFailure(error, path);
    }
  };
  append("");
  return ({ input, output, state, bytes, seconds, exitCode, message }) => {
    const rounded = Math.round(seconds * 1000) / 1000;
    append(`${JSON.stringify({ input, output, state, bytes, seconds: rounded, exitCode, message })}\n`);
  };
}
