import {
  type ByteSink,
  type EntryInput,
  type EntryMaker,
  readEntry,
  type StoreTarget,
  type WriteJob,
  type WriteOptions,
} from "@ozx/core";
import { writeArchive } from "../write/write-archive.js";
import { writeGrowingArchive } from "../write/write-growing.js";
import type { RunsWriter } from "../write/write-runs.js";
import { formatComment } from "./comment.js";
import { rfc9Order } from "./entry-order.js";
import { checkOzxKey, namesInOrder, noRoot, omeVersionIn, ROOT } from "./ozx-entries.js";
import { ozxWriter } from "./ozx-writer.js";

/**
 * A target that writes a conforming `.ozx` into a sink.
 *
 * @param write what writes the entries; this thread alone by default
 */
export function ozxTarget(sink: ByteSink, write?: RunsWriter): StoreTarget {
  return {
    name: sink.name,
    async write(job, options) {
      let entries: EntryInput[];
      let comment: Uint8Array;
      try {
        for (const { key } of job.entries) checkOzxKey(key, job.source.name);
        comment = formatComment(await omeVersion(job, options));
        entries = rfc9Order(job.entries);
      } catch (error) {
        await sink.discard();
        throw error;
      }
      if (job.made === undefined) await writeArchive(job.source, entries, comment, sink, options, write);
      else {
        const made = withCheckedKeys(job.made, job.source.name);
        await writeGrowingArchive({ ...job, entries, made }, namesInOrder, comment, sink, options, write);
      }
    },
    begin: async () => ozxWriter(sink),
  };
}

/** The version that the comment repeats. */
async function omeVersion(job: WriteJob, options?: WriteOptions): Promise<string> {
  const root = job.entries.find(({ key }) => key === ROOT);
  if (root === undefined) throw noRoot(job.source.name);
  return omeVersionIn(await readEntry(job.source, root, options), job.source.name);
}

function withCheckedKeys(maker: EntryMaker, location: string): EntryMaker {
  return {
    ...maker,
    async *make(options) {
      for await (const entry of maker.make(options)) {
        checkOzxKey(entry.key, location);
        yield entry;
      }
    },
  };
}
