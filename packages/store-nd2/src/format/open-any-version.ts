import type { ByteSource, StoreOptions } from "@ozx/core";
import { decodeFrame, type FrameDecoder } from "../decode/decode-frame.js";
import { HEADER_LENGTH } from "../parse/chunk.js";
import { isLegacy } from "../read/is-legacy.js";
import { openNd2Store } from "../store/nd2-store.js";
import type { Nd2Store } from "../store/opened-store.js";

/**
 * Opens the store over an ND2 of any version.
 *
 * @param source is closed with the store, and stays open when it cannot be opened
 * @param decode where frames are decoded; in this thread by default
 * @throws as `openNd2` does
 */
export async function openAnyVersion(
  source: ByteSource,
  options: StoreOptions = {},
  decode: FrameDecoder = decodeFrame,
): Promise<Nd2Store> {
  const start = await source.read(0, Math.min(source.size, HEADER_LENGTH), options);
  if (!(await isLegacy(source, start, options))) return openNd2Store(source, start, options, decode);
  const { openLegacyStore } = await import("../legacy/legacy-store.js");
  return openLegacyStore(source, options, decode);
}
