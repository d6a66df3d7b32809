import type { ByteSink, EntryWriter } from "@ozx/core";
import { growingArchive } from "../write/growing-archive.js";
import { formatComment } from "./comment.js";
import { addOzxEntries, namesInOrder, noRoot } from "./ozx-entries.js";

/**
 * Writes entry after entry into a conforming `.ozx`. In the file they lie in the order of the calls; the central
 * directory has RFC-9's order, whatever that was, so that its `jsonFirst`, which speaks of the directory alone,
 * is true.
 */
export function ozxWriter(sink: ByteSink): EntryWriter {
  const archive = growingArchive(sink);
  let version: string | undefined;
  return {
    name: sink.name,
    add: addOzxEntries(archive, sink.name, (said) => {
      version = said;
    }),
    async commit(options) {
      if (version === undefined) throw noRoot(sink.name);
      await archive.end(namesInOrder, formatComment(version), options);
      options?.signal?.throwIfAborted();
      await sink.commit(options);
    },
    async discard() {
      await archive.stop();
      await sink.discard();
    },
  };
}
