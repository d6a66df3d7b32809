import { type ByteSink, progressCounter, type RunRange, type WriteOptions } from "@ozx/core";
import { type EntryData, writeEntries } from "./write-entries.js";

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
