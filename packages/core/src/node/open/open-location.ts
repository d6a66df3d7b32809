import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { isHttpAddress, isS3Address, redactAddress } from "../../bytes/http/http-address.js";
import { openHttpSource } from "../../bytes/http/http-source.js";
import type { ByteSource } from "../../bytes/source-and-sink.js";
import { NotFoundError, SourceChangedError, UnknownFormatError, UsageError } from "../../errors.js";
import { type Located, locateAddress, openStore } from "../../open/open-store.js";
import { reopenViews } from "../../open/part-view.js";
import type { Store, StoreDescriptor } from "../../store/store.js";
import { type FolderOptions, type OpenOptions, openContainer } from "../../store/store-format.js";
import { withMaxMetadata } from "../../store/value-limit.js";
import { openDirectoryStore } from "../read/directory-store.js";
import { openFileSource, openSourceFolder } from "../read/file-source.js";
import { isMissing, readFailure } from "../system/system-errors.js";
import { resolveAddress } from "./s3.js";

export interface OpenPathOptions extends OpenOptions {
  /** How a file on a server is opened: by range requests by default, or `downloadSource` to download it first. */
  readonly openHttp?: typeof openHttpSource | undefined;
}

/**
 * Opens a store at a path or a `file:`, `http(s)` or `s3://` address: a folder, or a file with the format that
 * recognizes its bytes, whatever its name. A Blob and other bytes are opened in the same way.
 *
 * @example
 * const store = await openPath("image.ozx", { formats: [ozxFormat] });
 * const node = await openOmeZarr(store, { formats: [] });
 *
 * @throws NotFoundError, UnreadableError, NetworkError, UnknownFormatError, and what the format throws
 */
export async function openPath(
  path: string | URL | Blob | ByteSource,
  options: OpenPathOptions,
): Promise<Store> {
  if (typeof path !== "string" && !(path instanceof URL)) return openStore(path, options);
  const pattern = await filePattern(pathOrAddress(path));
  if (pattern !== undefined) return openFiles(pattern.folder, { ...options, pattern: pattern.names });
  const located = await locatePath(path, options);
  if (located.kind === "file") return openContainer(located.source, options);
  const { store } = located;
  const isLocal = store.format === "directory" && !(await hasZarr(store));
  return (isLocal ? await openFolder(pathOrAddress(path), options) : undefined) ?? store;
}

/** The folder and the names of a pattern such as `scan/img_t{t}.tif`; undefined for other paths. */
async function filePattern(path: string): Promise<{ folder: string; names: string } | undefined> {
  if (!/\{[a-z]+\}/i.test(path) || isAddress(path)) return undefined;
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  if (exists) return undefined;
  const parts = path.split(/[\\/]/);
  const first = parts.findIndex((part) => part.includes("{"));
  return {
    folder: parts.slice(0, first).join("/") || (path.startsWith("/") ? "/" : "."),
    names: parts.slice(first).join("/"),
  };
}

/** Whether a folder is a node of Zarr, which need not be a valid one. */
async function hasZarr(folder: Store): Promise<boolean> {
  const names = ["/zarr.json", "/.zgroup", "/.zattrs", "/.zarray"] as const;
  const parts = await Promise.allSettled(names.map((key) => folder.getRange(key, { offset: 0, length: 1 })));
  return parts.some((part) => part.status === "rejected" || part.value !== undefined);
}

/** Opens the files of a folder with the first format that has some there. */
async function openFolder(
  path: string,
  options: OpenPathOptions & FolderOptions,
): Promise<Store | undefined> {
  const folder = openSourceFolder(resolve(path), path);
  for (const format of options.formats) {
    const store = await format.openFolder?.(folder, options);
    if (store !== undefined) return store;
  }
  return undefined;
}

async function openFiles(folder: string, options: OpenPathOptions & FolderOptions): Promise<Store> {
  const store = await openFolder(folder, options);
  if (store !== undefined) return store;
  const { pattern } = options;
  const what = pattern === undefined ? "is an image any more" : `has a name as in ${pattern}`;
  throw new NotFoundError(`no file in ${folder} ${what}`, { location: folder });
}

/**
 * Opens the file or folder at a path or address, without reading the file.
 *
 * @throws NotFoundError, UnreadableError, NetworkError
 * @throws UsageError for an empty path, standard input, and unsupported addresses
 * @throws UnknownFormatError for a device, a pipe, and the like
 */
export async function locatePath(location: string | URL, options: OpenPathOptions): Promise<Located> {
  const path = pathOrAddress(location);
  if (path === "" || path === "-") {
    throw new UsageError(
      path === ""
        ? "the input has no name: give a folder or a file"
        : "standard input cannot be read, because an archive is read from its end: give a file",
    );
  }
  if (isAddress(path)) {
    const { address, ...request } = await resolveAddress(path, options.http);
    return locateAddress(address, { ...options, ...request }, options.openHttp);
  }
  const found = await stat(path).catch((error: unknown) => {
    if (looksLikeAddress(path)) throw noAddress(path);
    throw lacksScheme(path) && isMissing(error) ? noScheme(path) : readFailure(error, path);
  });
  if (found.isDirectory()) {
    return { kind: "folder", store: withMaxMetadata(openDirectoryStore(path, options), options) };
  }
  if (found.isFile()) return { kind: "file", source: await openFileSource(path, options) };
  throw new UnknownFormatError(`${path} is neither a file nor a folder: copy its content to a file`, {
    location: path,
  });
}

/** Whether a path starts with a scheme; one letter is a drive of Windows. */
function looksLikeAddress(path: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\//i.test(path);
}

/** Whether a path starts with a host and port, as in `localhost:8000/image.ozx`. */
function lacksScheme(path: string): boolean {
  return /^[a-z0-9][a-z0-9.-]+:\d+(\/|$)/i.test(path);
}

function noScheme(path: string): NotFoundError {
  return new NotFoundError(`${path} does not exist: if it is on a server, write http:// before it`, {
    location: path,
  });
}

function noAddress(path: string): UsageError {
  const [, object] = /^gs:\/\/(.+)/i.exec(path) ?? [];
  if (object !== undefined) {
    return new UsageError(
      `${path} cannot be read: gs:// addresses are not supported; use https://storage.googleapis.com/${object} for a public object`,
    );
  }
  return new UsageError(`${path} cannot be read: supported addresses start with http://, https:// or s3://`);
}

/**
 * Opens a store again by its descriptor, in another thread or process. It gets its own file handle, so that neither
 * store affects the other; an index in shared memory is used as it is, any other is read again. A descriptor contains no
 * headers and credentials: pass them again as `http`.
 *
 * @example
 * new Worker(script, { workerData: store.descriptor?.() });
 * const store = await reopen(workerData, { formats: [ozxFormat] }); // in the worker
 *
 * @throws SourceChangedError when the file has changed since then
 * @throws UnknownFormatError when the descriptor's format is not in `formats`
 * @throws NotFoundError, UnreadableError, NetworkError, and what the format throws
 */
export async function reopen(descriptor: StoreDescriptor, options: OpenOptions): Promise<Store> {
  if (typeof descriptor?.location !== "string") {
    throw new UsageError(
      "reopen needs a descriptor, which descriptor() of a store returns: a Blob, bytes in memory and a folder on a server have none",
    );
  }
  const { format: id, location, version, views } = descriptor;
  if (id === "directory") {
    return reopenViews(withMaxMetadata(openDirectoryStore(location, options), options), views);
  }
  const format = options.formats.find((each) => each.id === id);
  if (format === undefined) {
    throw new UnknownFormatError(
      `${redactAddress(location)} was opened as "${id}", which is not in formats: pass the formats that it was opened with`,
      { location: redactAddress(location) },
    );
  }
  if (descriptor.files !== undefined) {
    const { files, axes } = descriptor;
    const store = await openFiles(location, {
      ...options,
      axes,
      formats: [format],
      pattern: files || undefined,
    });
    return reopenViews(store, views);
  }
  const source = isAddress(location)
    ? await openRemote(location, options)
    : await openFileSource(location, options);
  const store = await openContainer(source, { ...options, formats: [format], descriptor });
  if (store.descriptor?.().version === version) return reopenViews(store, views);
  await store.close();
  throw new SourceChangedError(
    `${redactAddress(location)} was changed or replaced since it was opened: open it again from the start`,
    { location: redactAddress(location) },
  );
}

async function openRemote(location: string, { http, signal }: OpenOptions): Promise<ByteSource> {
  const { address, name, http: request } = await resolveAddress(location, http);
  return openHttpSource(address, { ...request, name, signal });
}

/**
 * A location as a string: a `file:` address becomes a path, and everything else stays as it is.
 *
 * @throws UsageError for a `file:` address on another computer, and for values of other types
 */
export function pathOrAddress(location: string | URL): string {
  if (typeof location !== "string" && !(location instanceof URL)) {
    const type = location === null ? "null" : typeof location;
    throw new UsageError(`a path or an address is required, not ${type}`);
  }
  const text = String(location);
  if (!/^file:\//i.test(text)) return text;
  try {
    return fileURLToPath(text);
  } catch (cause) {
    throw new UsageError(`${text} is not a file on this computer: give its path`, { cause });
  }
}

/** Whether a location is an `http(s)` or `s3` address. */
export function isAddress(path: string): boolean {
  return isHttpAddress(path) || isS3Address(path);
}
