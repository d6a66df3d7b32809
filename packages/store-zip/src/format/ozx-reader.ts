import type { ByteSource, ReadOptions, StoreFormat } from "@ozx/core";
import { cacheTail } from "../read/source-parts.js";
import {
  END_SIGNATURE,
  findEnds,
  MAX_END_DISTANCE,
  SPANNED_ONCE_SIGNATURE,
  SPANNED_SIGNATURE,
} from "../records/end-records.js";
import { viewOf } from "../records/fields.js";
import { LOCAL_HEADER_SIGNATURE } from "../records/local-header.js";
import { openOzx } from "./open-ozx.js";

/**
 * RFC-9 `.ozx` archives, and plain zips of OME-Zarr by other tools, to be read alone: a page that loads its code bit by
 * bit has `ozxFormat`, with all rules and the writer, where it validates or writes.
 */
export const ozxReader: StoreFormat = {
  id: "zip",
  title: "zip archive (.ozx)",
  extensions: [".ozx", ".zip"],
  probe: isZip,
  open: openOzx,
};

/** Whether the bytes are a zip archive, by their start (even if truncated) or their end. */
async function isZip(source: ByteSource, options?: ReadOptions): Promise<boolean> {
  if (source.size < 4) return false;
  const checks = [startsLikeZip, endsLikeZip];
  // For a remote source the end is cached for opening, and a read of the start would be wasted.
  if (source.readSync === undefined) checks.reverse();
  for (const check of checks) if (await check(source, options)) return true;
  return false;
}

async function startsLikeZip(source: ByteSource, options?: ReadOptions): Promise<boolean> {
  const signature = viewOf(await source.read(0, 4, options)).getUint32(0, true);
  return START_SIGNATURES.includes(signature);
}

/** A local header, an empty archive, the first part of a spanned archive, and one that remained the only part. */
const START_SIGNATURES: readonly number[] = [
  LOCAL_HEADER_SIGNATURE,
  END_SIGNATURE,
  SPANNED_SIGNATURE,
  SPANNED_ONCE_SIGNATURE,
];

async function endsLikeZip(source: ByteSource, options?: ReadOptions): Promise<boolean> {
  const length = Math.min(source.size, MAX_END_DISTANCE);
  const cached = await cacheTail(source, options);
  return findEnds(await cached.read(source.size - length, length, options)).length > 0;
}
