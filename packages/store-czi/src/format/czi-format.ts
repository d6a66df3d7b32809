import type { ByteSource, HttpOptions, ReadOptions, StoreFormat, StoreOptions } from "@ozx/core";
import { withSource } from "@ozx/core/container";
import type { RegionDecoder } from "../decode/region-layout.js";
import type { CziStore } from "../store/czi-store.js";

/** Zeiss CZI as OME-Zarr 0.5, read-only. */
export const cziFormat: StoreFormat = cziFormatWith(() => undefined);

/**
 * `cziFormat` with tiles that are decoded by something else.
 *
 * @param decoderFor what decodes for a store that is opened with these options; the calling thread where undefined
 */
export function cziFormatWith(decoderFor: (options: StoreOptions) => RegionDecoder | undefined): StoreFormat {
  return {
    id: "czi",
    title: "CZI",
    extensions: [],
    probe: isCzi,
    async open(source, options = {}) {
      const { openCziStore } = await import("./open-czi-store.js");
      return openCziStore(source, options, decoderFor(options));
    },
  };
}

/** The options of {@link openCzi}, besides those of every format. */
export interface OpenCziOptions extends StoreOptions {
  /** For an address: headers that its server requires, or a `fetch` that signs requests. */
  readonly http?: HttpOptions | undefined;
}

/**
 * Opens a Zeiss CZI as a store of OME-Zarr 0.5 for zarrita. Tiles whose compression Zarr has are read as they are in the
 * file, where they do not overlap; others are put together when they are read.
 *
 * @example
 * const store = await openCzi(file); // a File or Blob, an http(s) address, or a ByteSource
 *
 * @param input the file; a `ByteSource` is closed with the store, and stays open when it cannot be opened
 * @throws UsageError for other inputs
 * @throws NotFoundError, UnreadableError, NetworkError for an address
 * @throws UnknownFormatError when it is not a CZI
 * @throws InvalidArchiveError when it is damaged
 * @throws UnsupportedError when its pixels are of a type or compression that cannot be read
 */
export async function openCzi(
  input: ByteSource | Blob | string | URL,
  options?: OpenCziOptions,
): Promise<CziStore> {
  return withSource(input, options, async (source) => {
    // Loaded when a CZI is opened, so that a page that could open one does not grow.
    const { openCziStore } = await import("./open-czi-store.js");
    return openCziStore(source, options);
  });
}

const ID = "ZISRAWFILE";

/** Whether bytes start with the segment that a CZI starts with. */
async function isCzi(source: ByteSource, options?: ReadOptions): Promise<boolean> {
  if (source.size < ID.length) return false;
  const start = await source.read(0, ID.length, options);
  return String.fromCharCode(...start) === ID;
}
