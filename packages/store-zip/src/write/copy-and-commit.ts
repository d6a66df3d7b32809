import { type ByteSink, progressAfter, type WriteJob, type WriteOptions } from "@ozx/core";
import { layOut, type ZipLayout } from "./layout.js";
import { openRunJournal, type RunJournal } from "./run-journal.js";
import { splitRuns } from "./split-runs.js";
import { type RunsWriter, writeRuns } from "./write-runs.js";

/** A job's entries of known sizes, which are in the sink. */
export interface CopiedEntries {
  readonly layout: ZipLayout;
  readonly crcs: Uint32Array;
  /** Is to be settled before the directory is written. */
  readonly account: RunJournal;
}

/**
 * Writes a job's entries of known sizes in their order, has what comes behind them written, and commits the sink, or
 * discards it when anything fails.
 *
 * @param end writes the rest, up to the end records
 * @param write what writes the entries of known sizes; this thread alone by default
 */
export async function copyAndCommit(
  { source, entries, made }: WriteJob,
  comment: Uint8Array,
  sink: ByteSink,
  end: (copied: CopiedEntries) => Promise<void>,
  options?: WriteOptions,
  write: RunsWriter = writeRuns,
): Promise<void> {
  let account: RunJournal | undefined;
  try {
    options?.signal?.throwIfAborted();
    const layout = layOut(
      entries.map(({ key, size }) => ({ name: key.slice(1), size })),
      comment,
    );
    const crcs = new Uint32Array(layout.count);
    const data = { layout, source, entries, crcs };
    account = await openRunJournal({ ...data, made }, splitRuns(layout), sink, options);
    // What is made comes on top: what is only guessed of it is no reason to refuse.
    await sink.reserve?.(layout.size + (made?.leastBytes ?? 0));
    await write(data, account.left, sink, {
      ...options,
      onProgress: progressAfter(account.before, options),
      onRun: account.finished,
    });
    await end({ layout, crcs, account });
    options?.signal?.throwIfAborted();
    await sink.commit(options);
  } catch (error) {
    await account?.close();
    await sink.discard();
    throw error;
  }
}
