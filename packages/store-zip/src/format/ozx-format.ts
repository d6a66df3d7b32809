import type { StoreFormat } from "@ozx/core";
import type { ByteSink, StoreTarget } from "@ozx/core/container";
import { ARCHIVE_RULES } from "../rules/archive-rules.js";
import { checkArchive } from "../rules/check-archive.js";
import { ozxReader } from "./ozx-reader.js";
import { ozxTarget } from "./ozx-target.js";
import { partedArchive, writePartedIndex } from "./parted-archive.js";

/** A format that writes and checks as well as reads. */
export interface OzxFormat extends StoreFormat {
  /** What RFC-9 and ZIP ask for. */
  readonly rules: NonNullable<StoreFormat["rules"]>;
  /** As in `StoreFormat`: checks those rules. */
  check: NonNullable<StoreFormat["check"]>;
  /** A target that writes a new archive into a sink. */
  target(sink: ByteSink): StoreTarget;
}

/**
 * RFC-9 `.ozx` archives, and plain zips of OME-Zarr by other tools. Reading is tolerant (Zarr v2, an image in a
 * sub-folder, deflated entries), writing is strict: images follow RFC-9, whatever the suffix. A `.zip` also takes a
 * hierarchy whose root is not OME-Zarr, which is stored as it is.
 */
export const ozxFormat: OzxFormat = {
  ...ozxReader,
  plainExtensions: [".zip"],
  // RFC-9 requires a zarr.json at the root.
  zarrFormat: 3,
  // Larger entries need ZIP64 fields, which tensorstore does not understand: it finds no such entry and reads nothing.
  largestEntry: 0xffff_ffff,
  target: (sink) => ozxTarget(sink),
  parts: partedArchive,
  writeIndex: writePartedIndex,
  rules: ARCHIVE_RULES,
  check: checkArchive,
};
