import type { ByteSink, Progress, WriteOptions } from "@ozx/core";
import { type EntryData, type RunRange, writeEntries } from "./write-entries.js";

export interface WriteRunsOptions extends WriteOptions {
  /** Called when a run is written, and its CRCs are in their places. */
  readonly onRun?: ((run: RunRange) => void) | undefined;
}

/** What writes runs of entries into a sink, as {@link writeRuns} does. */
export type RunsWriter = (
  data: EntryData,
  runs: readonly RunRange[],
  sink: ByteSink,
  options?: WriteRunsOptions,
) => Promise<void>;

/** Writes runs one after the other. */
export async function writeRuns(
  data: EntryData,
  runs: readonly RunRange[],
  sink: ByteSink,
  options: WriteRunsOptions = {},
): Promise<void> {
  const count = progressCounter(options);
  for (const run of runs) {
    await writeEntries({ ...data, ...run }, sink, { ...options, onProgress: count.within() });
    options.onRun?.(run);
  }
}

/** Adds up what parts of the work report, each from its own start. */
export function progressCounter({ onProgress }: WriteOptions): { within(): (done: Progress) => void } {
  const total = { entries: 0, bytes: 0 };
  return {
    within() {
      let before: Progress = { entries: 0, bytes: 0 };
      return (done) => {
        total.entries += done.entries - before.entries;
        total.bytes += done.bytes - before.bytes;
        before = done;
        onProgress?.({ ...total });
      };
    },
  };
}
