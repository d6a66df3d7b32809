import type { ArchiveCheck, ArchiveRule } from "./archive-rule.js";
import * as clashes from "./clash-rules.js";
import * as comment from "./comment-rules.js";
import * as content from "./content-rules.js";
import * as data from "./data-rules.js";
import * as headers from "./header-rules.js";
import * as hierarchy from "./hierarchy-rules.js";
import * as names from "./name-rules.js";
import * as order from "./order-rules.js";
import * as structure from "./structure-rules.js";
import * as zip64 from "./zip64-rules.js";

/** Every rule about archives, in the order of their findings. */
export const ARCHIVE_CHECKS: readonly ArchiveCheck[] = [
  structure.zipEocd,
  structure.notMultipart,
  structure.trailingBytes,
  structure.prefixBytes,
  structure.orphanLocal,
  structure.zipOverlap,
  headers.zipLfhMatch,
  headers.zipSizes,
  data.zipMethod,
  data.zipVersion,
  data.noEncryption,
  zip64.zip64Wellformed,
  headers.extraWellformed,
  names.nameUnsafe,
  names.nameBackslash,
  names.nameUtf8,
  names.duplicates,
  names.namePortable,
  clashes.nameCase,
  clashes.nameForm,
  data.zipCrc,
  hierarchy.rootZarrJson,
  hierarchy.rootIsOme,
  hierarchy.oneHierarchy,
  hierarchy.versionConsistent,
  hierarchy.noV2Mix,
  content.noNestedZip,
  zip64.zip64Archive,
  zip64.zip64Entries,
  zip64.zip64Agree,
  data.stored,
  hierarchy.sharding,
  order.rootFirstLocal,
  order.rootFirstCd,
  order.jsonBeforeData,
  order.bfsOrder,
  content.extOzx,
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
  content.dirEntries,
  content.symlink,
  hierarchy.unknownFiles,
  content.cdSize,
];

/** Every rule about archives, without its check. */
export const ARCHIVE_RULES: readonly ArchiveRule[] = ARCHIVE_CHECKS.map(({ check: _, ...rule }) => rule);
