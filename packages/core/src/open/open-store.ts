import { openHttpSource } from "../bytes/http/http-source.js";
import type { ByteSource } from "../bytes/source-and-sink.js";
import { asByteSource } from "../bytes/to-byte-source.js";
import { isOzxError } from "../errors.js";
import { httpFolder } from "../store/http/http-folder.js";
import type { AbsolutePath, Store } from "../store/store.js";
import { findFormat, type OpenOptions, openContainer } from "../store/store-format.js";
import { namedDocuments } from "./named-documents.js";

/**
 * Opens a store of whatever can be one: bytes that one of the formats knows, an http(s) address of them or of a folder;
 * a store that is open already is given back.
 *
 * @throws UsageError for anything else
 * @throws as `openAddress` and `openStore` do
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

/** What is at an address: a file that one of the formats knows, or a folder. */
export type Located =
  | { readonly kind: "file"; readonly source: ByteSource }
  | { readonly kind: "folder"; readonly store: Store };

export interface OpenAddressOptions extends OpenOptions {
  /** What to call it in messages; the address by default. */
  readonly name?: string | undefined;
}

/**
 * Opens what is at an `http(s)` address: a file with whichever format knows its bytes, or a folder of OME-Zarr.
 *
 * @throws UsageError for an address that is none
 * @throws NotFoundError, UnreadableError, NetworkError, UnknownFormatError, and what the format throws
 */
async function openStoreAtAddress(address: string | URL, options: OpenAddressOptions): Promise<Store> {
  const located = await locateAddress(address, options);
  return located.kind === "folder" ? located.store : openContainer(located.source, options);
}

/**
 * Finds out what is at an address, by what the server sends: the name only says what is asked for first. Of an
 * archive no more is read than opening it needs.
 *
 * @throws as `openAddress`, but for what is wrong inside a file
 */
export async function locateAddress(
  address: string | URL,
  options: OpenAddressOptions,
  open = openHttpSource,
): Promise<Located> {
  const requests = { ...options.http, signal: options.signal, name: options.name };
  const folder = async (): Promise<Located | undefined> => {
    const store = await openHttpFolder(address, requests);
    return store && { kind: "folder", store };
  };
  const [path = ""] = String(address).split(/[?#]/, 1);
  const folderFirst = /(\/|\.zarr)$/i.test(path);
  const first = folderFirst ? await folder() : undefined;
  if (first !== undefined) return first;
  let source: ByteSource | undefined;
  try {
    source = await open(address, requests);
    await findFormat(source, options);
    return { kind: "file", source };
  } catch (error) {
    await source?.close();
    if (folderFirst || !isOzxError(error) || !NO_FILE.has(error._tag)) throw error;
    const found = await folder().catch((reason: unknown) => {
      // That it is refused is told of what was asked for.
      if (isOzxError(error, "Unreadable") && isOzxError(reason, "Unreadable")) return undefined;
      throw reason;
    });
    if (found === undefined) throw error;
    return found;
  }
}

/** What asking for a folder as if it were a file leads to, be it a refusal or a page that lists what is in it. */
const NO_FILE: ReadonlySet<string> = new Set([
  ...["NotFound", "Unreadable", "UnknownFormat", "Unsupported", "InvalidArchive"],
]);

/** The folder at an address, or undefined where there is no Zarr node. */
async function openHttpFolder(
  address: string | URL,
  options: Parameters<typeof httpFolder>[1],
): Promise<Store | undefined> {
  const folder = httpFolder(address, options);
  const { signal } = options ?? {};
  const isThere = async (key: AbsolutePath): Promise<boolean> => {
    try {
      const document = await folder.get(key, { signal });
      // Some servers send one and the same for whatever is asked for.
      return document !== undefined && /^\s*\{/.test(new TextDecoder().decode(document.subarray(0, 256)));
    } catch (error) {
      // A web page, for whatever is asked for.
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
