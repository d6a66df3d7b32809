import type { ByteSource, ReadOptions } from "@ozx/core";

/** Enough for a declaration and the comment that OME-XML has before its root. */
const START = 2048;

/** Whether bytes are OME-XML: a companion file, which says where the planes of TIFFs beside it belong. */
export async function isCompanion(source: ByteSource, options?: ReadOptions): Promise<boolean> {
  const start = await source.read(0, Math.min(START, source.size), options);
  const text = new TextDecoder().decode(start);
  return /^\s*</.test(text) && /<(?:\w+:)?OME[\s>]/.test(text);
}
