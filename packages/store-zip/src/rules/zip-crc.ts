import { isOzxError } from "@ozx/core";
import { entryAt, MARK_OVERLAPS, MARK_SYMLINK } from "../directory/central-directory.js";
import { streamEntryData } from "../read/entry-stream.js";
import { isEncrypted, METHOD_DEFLATE, METHOD_STORED } from "../records/flags.js";
import {
  LOCAL_CRC,
  LOCAL_DAMAGED,
  LOCAL_METHOD,
  LOCAL_MISSING,
  LOCAL_NAME,
  LOCAL_OUTSIDE,
  LOCAL_SIZES,
} from "./inspect-local.js";
import type { ArchiveCheck } from "./rule.js";

/** What another rule has told already, and what keeps data from being read at all. */
const UNREADABLE =
  LOCAL_CRC | LOCAL_DAMAGED | LOCAL_METHOD | LOCAL_MISSING | LOCAL_NAME | LOCAL_OUTSIDE | LOCAL_SIZES;

export const zipCrc: ArchiveCheck = {
  id: "zip-crc",
  level: "policy",
  severity: "error",
  title: "data that is what its checksum promises",
  help: "Copy or download the file again; if it stays so, the data was damaged before it was sent.",
  set: "zip",
  async *check({ archive, local, options }) {
    if (options.deep !== true) return;
    const { directory } = archive;
    let bytes = 0;
    for (let k = 0; k < directory.count; k++) {
      const entry = entryAt(directory, local.order[k] as number);
      const { method, size, compressedSize, marks, name } = entry;
      const isReadable =
        ((local.bits[entry.index] as number) & UNREADABLE) === 0 &&
        (marks & (MARK_OVERLAPS | MARK_SYMLINK)) === 0 &&
        (method === METHOD_DEFLATE || (method === METHOD_STORED && size === compressedSize)) &&
        !isEncrypted(entry);
      if (!isReadable) continue;
      try {
        for await (const piece of streamEntryData(archive, entry, options)) {
          bytes += piece.length;
          options.onProgress?.({ entries: k, bytes });
        }
      } catch (error) {
        if (!isOzxError(error, "CorruptData") && !isOzxError(error, "InvalidArchive")) throw error;
        yield {
          where: `/${name}`,
          message: `${name} is corrupt: its data is not what its CRC and size promise.`,
        };
      }
      options.onProgress?.({ entries: k + 1, bytes });
    }
  },
};
