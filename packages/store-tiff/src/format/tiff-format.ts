import type { ByteSource, HttpOptions, ReadOptions, StoreFormat, StoreOptions } from "@ozx/core";
import { withSource } from "@ozx/core/container";
import type { RegionDecoder } from "../decode/decode-region.js";
import { TiffFault } from "../parse/fault.js";
import { HEADER_LENGTH, parseHeader } from "../parse/header.js";
import { isCompanion } from "../read/is-companion.js";
import type { TiffStore } from "../store/tiff-store.js";

/** TIFF and BigTIFF as OME-Zarr 0.5, read-only. */
export const tiffFormat: StoreFormat = tiffFormatWith(() => undefined);

/**
 * `tiffFormat` with tiles and strips that are decoded by something else.
 *
 * @param decoderFor what decodes for a store that is opened with these options; the calling thread where undefined
 */
export function tiffFormatWith(
  decoderFor: (options: StoreOptions) => RegionDecoder | undefined,
): StoreFormat {
  return {
    id: "tiff",
    title: "TIFF",
    extensions: [],
    probe: isTiff,
    async open(source, options = {}) {
      const { openTiffStore } = await import("./open-tiff-store.js");
      return openTiffStore(source, options, decoderFor(options));
    },
    async openFolder(folder, options = {}) {
      const { openFolderStore } = await import("./open-tiff-store.js");
      return openFolderStore(folder, options, decoderFor(options));
    },
  };
}

/** The options of {@link openTiff}, besides those of every format. */
export interface OpenTiffOptions extends StoreOptions {
  /** For an address: headers that its server requires, or a `fetch` that signs requests. */
  readonly http?: HttpOptions | undefined;
}

/**
 * Opens a TIFF as a store of OME-Zarr 0.5 for zarrita: OME-TIFF, ImageJ stacks, slides and plain TIFFs. Tiles whose
 * compression Zarr has are read as they are in the file.
 *
 * @example
 * const store = await openTiff(file); // a File or Blob, an http(s) address, or a ByteSource
 *
 * @param input the file; a `ByteSource` is closed with the store, and stays open when it cannot be opened
 * @throws UsageError for other inputs
 * @throws NotFoundError, UnreadableError, NetworkError for an address
 * @throws UnknownFormatError when it is not a TIFF
 * @throws InvalidArchiveError when it is damaged
 * @throws UnsupportedError when its pixels are of a type or compression that cannot be read
 */
export async function openTiff(
  input: ByteSource | Blob | string | URL,
  options?: OpenTiffOptions,
): Promise<TiffStore> {
  return withSource(input, options, async (source) => {
    // Loaded when a TIFF is opened, so that a page that could open one does not grow.
    const { openTiffStore } = await import("./open-tiff-store.js");
    return openTiffStore(source, options);
  });
}

/** Whether the bytes are a TIFF, or the companion file of some. */
async function isTiff(source: ByteSource, options?: ReadOptions): Promise<boolean> {
  if (source.size < 8) return false;
  const start = await source.read(0, Math.min(source.size, HEADER_LENGTH), options);
  try {
    return parseHeader(start) !== undefined || (await isCompanion(source, options));
  } catch (error) {
    // It is one, of a kind that opening it reports.
    if (error instanceof TiffFault) return true;
    throw error;
  }
}
