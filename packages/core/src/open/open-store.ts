import { openHttpSource } from "../bytes/http/http-source.js";
import type { ByteSource } from "../bytes/source-and-sink.js";
import { asByteSource } from "../bytes/to-byte-source.js";
import { isOzxError } from "../errors.js";
import { type HttpFolderOptions, httpFolder } from "../store/http/http-folder.js";
import type { AbsolutePath, Store } from "../store/store.js";
import { findFormat, type OpenOptions, openContainer, type StoreOptions } from "../store/store-format.js";
import { withMaxMetadata } from "../store/value-limit.js";
import { readDocument } from "../zarr/read-document.js";
import { namedDocuments } from "./named-documents.js";

/**
 * Opens bytes in one of the formats, or an http(s) address of such bytes or of a folder. Returns an open store as it is.
 *
 * @throws UsageError for values of other types
 * @throws NotFoundError, UnreadableError, NetworkError, UnknownFormatError, and what the format throws
 */
export async function openStore(
  source: Store | Blob | ByteSource | string | URL,
  options: OpenOptions,
): Promise<Store> {
  if (typeof source === "string" || source instanceof URL) return openStoreAtAddress(source, options);
  return isStore(source) ? source : openContainer(asByteSource(source), options);
}

function isStore(source: unknown): source is Store {
  return typeof source === "object" && source !== null && "list" in source;
}

/** The file or folder at a location. */
export type Located =
  | { readonly kind: "file"; readonly source: ByteSource }
  | { readonly kind: "folder"; readonly store: Store };

export interface OpenAddressOptions extends OpenOptions {
  /** The name in messages; the address by default. */
  readonly name?: string | undefined;
}

async function openStoreAtAddress(address: string | URL, options: OpenAddressOptions): Promise<Store> {
  const located = await locateAddress(address, options);
  return located.kind === "folder" ? located.store : openContainer(located.source, options);
}

/**
 * Opens the file or OME-Zarr folder at an `http(s)` address. What the server sends decides which it is; the name only
 * decides what is requested first.
 *
 * @param open opens a file, for its first bytes at least
 * @throws UsageError for an invalid address
 * @throws NotFoundError, UnreadableError, NetworkError
 * @throws UnknownFormatError when it is neither a folder nor in one of the formats
 */
export async function locateAddress(
  address: string | URL,
  options: OpenAddressOptions,
  open = openHttpSource,
): Promise<Located> {
  const { signal, name, maxMetadata } = options;
  const requests = { ...options.http, signal, name };
  const folder = async (): Promise<Located | undefined> => {
    const store = await openHttpFolder(address, { ...requests, maxMetadata });
    return store && { kind: "folder", store };
  };
  const [path = ""] = String(address).split(/[?#]/, 1);
  const isFolderName = /(\/|\.zarr)$/i.test(path);
  const named = isFolderName ? await folder() : undefined;
  if (named !== undefined) return named;
  let source: ByteSource | undefined;
  try {
    source = await open(address, requests);
    await findFormat(source, options);
    return { kind: "file", source };
  } catch (error) {
    await source?.close();
    if (isFolderName || !isOzxError(error) || !NOT_A_FILE.has(error._tag)) throw error;
    const found = await folder().catch((reason: unknown) => {
      // If the server refuses both, the error of the file names the requested address.
      if (isOzxError(error, "Unreadable") && isOzxError(reason, "Unreadable")) return undefined;
      throw reason;
    });
    if (found === undefined) throw error;
    return found;
  }
}

/** The errors of opening a folder as a file: the server refuses it, or sends a page that lists it. */
const NOT_A_FILE: ReadonlySet<string> = new Set([
  ...["NotFound", "Unreadable", "UnknownFormat", "Unsupported", "InvalidArchive"],
]);

/** The folder at an address; undefined where it has no Zarr node. */
async function openHttpFolder(
  address: string | URL,
  options: HttpFolderOptions & Pick<StoreOptions, "maxMetadata">,
): Promise<Store | undefined> {
  const { maxMetadata, ...requests } = options;
  const folder = withMaxMetadata(httpFolder(address, requests), { maxMetadata });
  const { signal } = options;
  const isThere = async (key: AbsolutePath): Promise<boolean> => {
    try {
      const document = await readDocument(folder, key, { signal });
      // Some servers send a page for every address.
      return document !== undefined && /^\s*\{/.test(new TextDecoder().decode(document.subarray(0, 256)));
    } catch (error) {
      // A page instead of the document.
      if (isOzxError(error, "InvalidArchive")) return false;
      throw error;
    }
  };
  const { size } = folder;
  const as = (zarrFormat: 2 | 3): Store => ({
    ...folder,
    unlisted: { documents: (read) => namedDocuments(folder, zarrFormat, read), size },
  });
  if (await isThere("/zarr.json")) return as(3);
  const v2 = await Promise.all((["/.zgroup", "/.zattrs", "/.zarray"] as const).map(isThere));
  return v2.includes(true) ? as(2) : undefined;
}
