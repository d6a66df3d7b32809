import { type ByteSource, shareWork } from "@ozx/core";
import { overlay } from "./overlay.js";

/**
 * The source with the bytes at `start..end` read in one piece when any of them is first asked for, and kept: for
 * what lies together and is wanted together, as the metadata at the front of an archive.
 */
export function keepRun(source: ByteSource, start: number, end: number): ByteSource {
  const run = shareWork((options) => source.read(start, end - start, options));
  return overlay(source, async (offset, length, options) => {
    if (offset < start || offset + length > end) return source.read(offset, length, options);
    const bytes = await run(options);
    return bytes.subarray(offset - start, offset - start + length);
  });
}
