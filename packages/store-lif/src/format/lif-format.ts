import {
  type ByteSource,
  type HttpOptions,
  type ReadOptions,
  type StoreFormat,
  type StoreOptions,
  UsageError,
} from "@ozx/core";
import { type FolderOptions, type SourceFolder, withSource } from "@ozx/core/container";
import { BLOCK_START, decodeText, isLifText, parseBlockStart, TYPE_LENGTH } from "../parse/blocks.js";
import { isProjectXml, PROJECT_START } from "../parse/project-xml.js";
import type { LifStore } from "../store/lif-store.js";

/** Leica LIF, LOF and projects in several files (XLEF) as OME-Zarr 0.5, read-only. */
export const lifFormat: StoreFormat = {
  id: "lif",
  title: "LIF",
  extensions: [],
  probe: isLif,
  async open(source, options) {
    const { openLifStore } = await import("../store/lif-store.js");
    return openLifStore(source, options);
  },
  async openFolder(folder, options) {
    const source = await openExperiment(folder, options);
    if (source === undefined) return undefined;
    try {
      const { openLifStore } = await import("../store/lif-store.js");
      return await openLifStore(source, options);
    } catch (error) {
      await source.close();
      throw error;
    }
  },
};

/** The options of {@link openLif}, besides those of every format. */
export interface OpenLifOptions extends StoreOptions {
  /** For an address: headers that its server requires, or a `fetch` that signs requests. */
  readonly http?: HttpOptions | undefined;
}

/**
 * Opens a LIF or LOF as a store of OME-Zarr 0.5 for zarrita, or a project in several files (XLEF, XLCF or XLIF) with the LIFs and
 * LOFs that it names. Pixels are read as they are in the file, wherever its rows follow one another.
 *
 * @example
 * const store = await openLif(file); // a File or Blob, an http(s) address, or a ByteSource
 *
 * @param input the file; a `ByteSource` is closed with the store, and stays open when it cannot be opened
 * @throws UsageError for other inputs
 * @throws NotFoundError, UnreadableError, NetworkError for an address
 * @throws UnknownFormatError when it is neither
 * @throws InvalidArchiveError, InvalidMetadataError when it is damaged
 * @throws UnsupportedError when none of its images can be read, and for a LIFEXT, and for a project
 *   whose other files are not there, or not known, as of a Blob
 */
export async function openLif(
  input: ByteSource | Blob | string | URL,
  options?: OpenLifOptions,
): Promise<LifStore> {
  return withSource(input, options, async (source) => {
    // Loaded when a LIF is opened, so that a page that could open one does not grow.
    const { openLifStore } = await import("../store/lif-store.js");
    return openLifStore(source, options);
  });
}

async function isLif(source: ByteSource, options?: ReadOptions): Promise<boolean> {
  const start = await source.read(0, Math.min(source.size, PROJECT_START), options);
  if (parseBlockStart(start) === undefined) return isProjectXml(start);
  return isLifText(decodeText(start.subarray(BLOCK_START, BLOCK_START + TYPE_LENGTH)));
}

/**
 * The experiment (XLEF) that lies in a folder; undefined where there is none.
 *
 * @throws UsageError where there are several
 */
async function openExperiment(
  folder: SourceFolder,
  options?: FolderOptions,
): Promise<ByteSource | undefined> {
  // A pattern names files of planes.
  if (options?.pattern !== undefined) return undefined;
  const experiments = ((await folder.list?.(options)) ?? []).filter((path) => /\.xlef$/i.test(path));
  const [first, second] = experiments;
  if (second !== undefined) {
    const some = experiments.slice(0, 3).join(", ");
    throw new UsageError(
      `${folder.name} has ${experiments.length} Leica projects (${some}): open one of them`,
    );
  }
  return first === undefined ? undefined : folder.open(first, options);
}
