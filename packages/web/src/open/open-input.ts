import {
  type ByteSource,
  filesStore,
  folderStore,
  openOmeZarr,
  type ReadOptions,
  type Store,
  type StoreFormat,
  type StoreOptions,
} from "@ozx/core";
import { blobSource } from "@ozx/core/container";
import { isS3Address, locateAddress, openContainer, publicS3Address } from "@ozx/core/internal";
import { openOzx, ozxReader } from "@ozx/store-zip";
import { decodeWorkers } from "../workers/decode-workers.js";
import { CZI_DECODER, ND2_DECODER, TIFF_DECODER } from "../workers/task-modules.js";
import { imageFolder, noImage } from "./image-folder.js";
import { plainImage } from "./plain-image.js";
import type { OpenedSource, SourceInput } from "./source-input.js";

/** A format of which nothing is loaded before a file is in none of those before it. */
function lazyFormat(id: string, title: string, load: () => Promise<StoreFormat>): StoreFormat {
  return {
    id,
    title,
    extensions: [],
    probe: async (source, options) => (await load()).probe(source, options),
    open: async (source, options) => (await load()).open(source, options),
  };
}

const loadTiff = async (): Promise<StoreFormat> => {
  const { decodeByWorkers, tiffFormatWith } = await import("@ozx/store-tiff/internal");
  return tiffFormatWith(() => decodeByWorkers(decodeWorkers(), TIFF_DECODER, { few: 0 }));
};

const tiffFormat: StoreFormat = {
  ...lazyFormat("tiff", "TIFF", loadTiff),
  openFolder: async (folder, options) => (await loadTiff()).openFolder?.(folder, options),
};

const cziFormat = lazyFormat("czi", "CZI", async () => {
  const { cziFormatWith, decodeByWorkers } = await import("@ozx/store-czi/internal");
  return cziFormatWith(() => decodeByWorkers(decodeWorkers(), CZI_DECODER, { few: 0 }));
});

const nd2Format = lazyFormat("nd2", "ND2", async () => {
  const { decodeFramesByWorkers, nd2FormatWith } = await import("@ozx/store-nd2/internal");
  return nd2FormatWith(() => decodeFramesByWorkers(decodeWorkers(), ND2_DECODER, { few: 0 }));
});

const loadLif = async (): Promise<StoreFormat> => (await import("@ozx/store-lif")).lifFormat;

const lifFormat: StoreFormat = {
  ...lazyFormat("lif", "LIF", loadLif),
  openFolder: async (folder, options) => (await loadLif()).openFolder?.(folder, options),
};

/** The container formats that the page opens. A new one is added here; a folder with a Leica project may have TIFFs too. */
export const formats: readonly StoreFormat[] = [ozxReader, lifFormat, tiffFormat, cziFormat, nd2Format];

/**
 * Opens a dropped file or folder, or an address, as OME-Zarr.
 *
 * @throws whatever `openOmeZarr` and the format throw
 */
export async function openSource(source: SourceInput, options?: ReadOptions): Promise<OpenedSource> {
  // The workers start while the metadata is read.
  const work = decodeWorkers();
  const store = await storeOf(source, options);
  const node = await openOmeZarr(store, { ...options, formats, workers: work });
  const plain = node.kind === "array" ? plainImage(node, work) : undefined;
  return { name: source.name, source, store, node: plain ? { ...node, images: [plain] } : node };
}

/**
 * The http address to request for an address. For `s3://` it is the bucket's public one: the page signs no requests.
 *
 * @throws UsageError for an `s3://` address without a key
 */
export function requestedAddress(url: string): string {
  return isS3Address(url) ? publicS3Address(url) : url;
}

/** Opens a source as a store. */
export async function storeOf(source: SourceInput, options: StoreOptions = {}): Promise<Store> {
  const located = await locate(source, options);
  return "list" in located ? located : openContainer(located, { ...options, formats: formatsFor(source) });
}

/** The formats for a source: archives are opened at the folder that was chosen of them. */
export function formatsFor(
  source: SourceInput,
  all: readonly StoreFormat[] = formats,
): readonly StoreFormat[] {
  const root = source.kind === "folder" ? undefined : source.inside;
  if (root === undefined) return all;
  const open: StoreFormat["open"] = (content, options) => openOzx(content, { ...options, root });
  return all.map((format) => (format.id === ozxReader.id ? { ...format, open } : format));
}

/**
 * A file as bytes whose format is not known yet, or a folder as a store.
 *
 * @throws NotFoundError, UnreadableError, NetworkError, UnsupportedError for sources on a server
 */
export async function locate(source: SourceInput, options: ReadOptions = {}): Promise<ByteSource | Store> {
  if (source.kind === "file") return blobSource(source.file, source.name);
  if (source.kind === "url") {
    const located = await locateAddress(requestedAddress(source.url), {
      ...options,
      formats,
      name: source.url,
    });
    return located.kind === "folder" ? located.store : located.source;
  }
  const { content, name } = source;
  const folder = await imageFolder(content, name, options);
  if (folder !== undefined) {
    for (const format of formats) {
      const store = await format.openFolder?.(folder, options);
      if (store !== undefined) return store;
    }
    throw noImage(name);
  }
  return content instanceof Map
    ? filesStore(content, name)
    : folderStore(content as FileSystemDirectoryHandle, name);
}
