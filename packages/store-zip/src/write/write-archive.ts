import type { ByteSink, EntryInput, Store, WriteOptions } from "@ozx/core";
import { type CopiedEntries, copyAndCommit } from "./copy-and-commit.js";
import { laidOutDirectory, writeDirectory } from "./write-directory.js";
import type { RunsWriter } from "./write-runs.js";

/**
 * Writes a whole archive into a sink and commits it, or discards it when anything fails. All entries are
 * stored, in the order given, with ZIP64 records everywhere; timestamps are fixed, so that the same input
 * gives the same bytes.
 *
 * @param write what writes the entries, before the directory; this thread alone by default
 */
export async function writeArchive(
  source: Store,
  entries: readonly EntryInput[],
  comment: Uint8Array,
  sink: ByteSink,
  options?: WriteOptions,
  write?: RunsWriter,
): Promise<void> {
  const end = async ({ layout, crcs, account }: CopiedEntries): Promise<void> => {
    await account.settle();
    await writeDirectory(laidOutDirectory(layout, crcs), sink, options);
  };
  await copyAndCommit({ source, entries }, comment, sink, end, options, write);
}
