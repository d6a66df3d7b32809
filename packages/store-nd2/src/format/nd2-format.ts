import type { ByteSource, HttpOptions, ReadOptions, StoreFormat, StoreOptions } from "@ozx/core";
import { withSource } from "@ozx/core/container";
import type { FrameDecoder } from "../decode/decode-frame.js";
import { HEADER_LENGTH, parseChunkHeader } from "../parse/chunk.js";
import { isLegacy } from "../read/is-legacy.js";
import type { Nd2Store } from "../store/opened-store.js";

/** Nikon ND2 as OME-Zarr 0.5, read-only. */
export const nd2Format: StoreFormat = nd2FormatWith(() => undefined);

/**
 * `nd2Format` with frames that are decoded by something else.
 *
 * @param decoderFor what decodes for a store that is opened with these options; the calling thread where undefined
 */
export function nd2FormatWith(decoderFor: (options: StoreOptions) => FrameDecoder | undefined): StoreFormat {
  return {
    id: "nd2",
    title: "ND2",
    extensions: [],
    probe: isNd2,
    async open(source, options = {}) {
      const { openAnyVersion } = await import("./open-any-version.js");
      return openAnyVersion(source, options, decoderFor(options));
    },
  };
}

/** The options of {@link openNd2}, besides those of every format. */
export interface OpenNd2Options extends StoreOptions {
  /** For an address: headers that its server requires, or a `fetch` that signs requests. */
  readonly http?: HttpOptions | undefined;
}

/**
 * Opens an ND2 as a store of OME-Zarr 0.5 for zarrita. Frames that are not compressed, or with zlib, are read as they are in
 * the file; those of before version 2.1 are JPEG 2000, which is decoded.
 *
 * @example
 * const store = await openNd2(file); // a File or Blob, an http(s) address, or a ByteSource
 *
 * @param input the file; a `ByteSource` is closed with the store, and stays open when it cannot be opened
 * @throws UsageError for other inputs
 * @throws NotFoundError, UnreadableError, NetworkError for an address
 * @throws UnknownFormatError when it is not an ND2
 * @throws InvalidArchiveError, InvalidMetadataError when it is damaged
 * @throws UnsupportedError for lossy compression but JPEG 2000, and loops that OME-Zarr has no axis for
 */
export async function openNd2(
  input: ByteSource | Blob | string | URL,
  options?: OpenNd2Options,
): Promise<Nd2Store> {
  return withSource(input, options, async (source) => {
    // Loaded when an ND2 is opened, so that a page that could open one does not grow.
    const { openAnyVersion } = await import("./open-any-version.js");
    return openAnyVersion(source, options);
  });
}

async function isNd2(source: ByteSource, options?: ReadOptions): Promise<boolean> {
  if (source.size < HEADER_LENGTH) return false;
  const start = await source.read(0, HEADER_LENGTH, options);
  return parseChunkHeader(start) !== undefined || isLegacy(source, start, options);
}
