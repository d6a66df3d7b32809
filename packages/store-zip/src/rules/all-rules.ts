import * as comment from "./comment.js";
import * as contents from "./contents.js";
import { extraWellformed } from "./extra-wellformed.js";
import * as headers from "./headers.js";
import * as hierarchy from "./hierarchy.js";
import * as methods from "./methods.js";
import * as names from "./names.js";
import * as order from "./order.js";
import type { ArchiveCheck, ArchiveRule } from "./rule.js";
import * as structure from "./structure.js";
import { zipCrc } from "./zip-crc.js";
import * as zip64 from "./zip64.js";

/** Every rule about archives, in the order in which their findings come. */
export const ARCHIVE_CHECKS: readonly ArchiveCheck[] = [
  structure.zipEocd,
  structure.notMultipart,
  structure.trailingBytes,
  structure.prefixBytes,
  structure.orphanLocal,
  structure.zipOverlap,
  headers.zipLfhMatch,
  headers.zipSizes,
  methods.zipMethod,
  methods.zipVersion,
  methods.noEncryption,
  zip64.zip64Wellformed,
  extraWellformed,
  names.nameUnsafe,
  names.nameBackslash,
  names.nameUtf8,
  names.duplicates,
  names.nameCase,
  zipCrc,
  hierarchy.rootZarrJson,
  hierarchy.rootIsOme,
  hierarchy.oneHierarchy,
  hierarchy.versionConsistent,
  hierarchy.noV2Mix,
  contents.noNestedZip,
  zip64.zip64Archive,
  zip64.zip64Entries,
  zip64.zip64Agree,
  methods.stored,
  hierarchy.sharding,
  order.rootFirstLocal,
  order.rootFirstCd,
  order.jsonBeforeData,
  order.bfsOrder,
  contents.extOzx,
  comment.commentJson,
  comment.commentVersion,
  comment.commentTolerance,
  comment.commentSize,
  comment.commentContent,
  comment.jsonFirstType,
  order.jsonFirstTrueButFalse,
  order.jsonFirstUnclaimed,
  headers.dataDescriptor,
  names.nameEncoding,
  headers.extraFields,
  contents.dirEntries,
  contents.symlink,
  hierarchy.unknownFiles,
  contents.cdSize,
];

/** Every rule about archives, to be listed, counted and explained. */
export const ARCHIVE_RULES: readonly ArchiveRule[] = ARCHIVE_CHECKS.map(({ check: _, ...rule }) => rule);
