import type { AbsolutePath, ByteSource, Finding, HttpOptions, StoreOptions } from "@ozx/core";
import { findHierarchyRoot, withSource } from "@ozx/core/container";
import { openArchive } from "../read/archive.js";
import { readArchiveEnd } from "../read/archive-end.js";
import { CACHED_TAIL, cacheTail } from "../read/source-parts.js";
import { type ArchiveStore, archiveOptions, zipStore } from "../read/zip-store.js";
import { countLeading, jsonFirstStore, readHead, withDocumentsRun } from "./json-first.js";

/** The options of {@link openOzx}, besides those of every format. */
export interface OpenOzxOptions extends StoreOptions {
  /** For an address: headers that its server requires, or a `fetch` that signs requests. */
  readonly http?: HttpOptions | undefined;
  /**
   * The folder of the archive to open, as in `/image`; `/` opens any zip archive at its own root, whatever is in it.
   * By default the archive is searched for a Zarr hierarchy, and its root is opened.
   */
  readonly root?: AbsolutePath | undefined;
}

/**
 * Opens an archive as a store for zarrita, at the root of the Zarr hierarchy in it. Whole values are checked against
 * their CRC-32; ranges of values cannot be. A large remote archive whose comment claims `jsonFirst` is opened by the
 * metadata at its front, unless `wholeIndex` or `shareIndex` is set.
 *
 * Bundle it with code splitting, as Vite does by default: codecs are loaded when an array needs them.
 *
 * @example
 * const store = await openOzx(file); // a File or Blob, an http(s) address, or a ByteSource
 *
 * @param input the archive; a `ByteSource` is closed with the store, and stays open when it cannot be opened
 * @throws UsageError for other inputs
 * @throws NotFoundError, UnreadableError, NetworkError for an address
 * @throws InvalidArchiveError, UnsupportedError when the archive cannot be read
 * @throws UnknownFormatError when it contains no Zarr hierarchy
 * @throws InvalidMetadataError when it contains several
 */
export async function openOzx(
  input: ByteSource | Blob | string | URL,
  options?: OpenOzxOptions,
): Promise<ArchiveStore> {
  return withSource(
    input,
    options,
    async (source) => (await openByHead(source, options)) ?? openWhole(source, options),
  );
}

async function openByHead(
  source: ByteSource,
  options: OpenOzxOptions = {},
): Promise<ArchiveStore | undefined> {
  const { wholeIndex, shareIndex, descriptor, root = "/" } = options;
  const isWanted =
    !wholeIndex && !shareIndex && !descriptor?.shared && !descriptor?.root && folderName(root) === "";
  if (source.readSync !== undefined || !isWanted) return undefined;
  const cached = await cacheTail(source, options);
  const end = await readArchiveEnd(cached, options);
  const head = await readHead(cached, end, CACHED_TAIL, options);
  return head && jsonFirstStore(head);
}

async function openWhole(source: ByteSource, options: OpenOzxOptions = {}): Promise<ArchiveStore> {
  const archive = await openArchive(source, archiveOptions(options));
  const withRun = withDocumentsRun(archive, countLeading(archive.directory));
  const store = zipStore(withRun);
  const { root, descriptor } = options;
  const folder = folderName(root ?? descriptor?.root ?? (await findHierarchyRoot(store, options)));
  if (folder === "") return store;
  return zipStore(withRun, {
    root: `${folder}/`,
    findings: root === undefined ? [folderFinding(folder)] : [],
  });
}

/** A path in the archive without slashes around it. */
function folderName(path: string): string {
  return path.replace(/^\/|\/$/g, "");
}

function folderFinding(folder: string): Finding {
  return {
    rule: "root-zarr-json",
    level: "MUST",
    severity: "error",
    where: `/${folder}`,
    message: `The image is in the folder ${folder} of the archive and not at its root.`,
    help: "Convert it to a new .ozx, which puts it at the root.",
  };
}
