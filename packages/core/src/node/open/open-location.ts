import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { isHttpAddress, isS3Address, redactAddress } from "../../bytes/http/http-address.js";
import { openHttpSource } from "../../bytes/http/http-source.js";
import type { ByteSource } from "../../bytes/source-and-sink.js";
import { NotFoundError, SourceChangedError, UnknownFormatError, UsageError } from "../../errors.js";
import { type Located, locateAddress, openStore } from "../../open/open-store.js";
import { reopenViews } from "../../open/part-view.js";
import type { Store, StoreDescriptor } from "../../store/store.js";
import { type OpenOptions, openContainer } from "../../store/store-format.js";
import { openDirectoryStore } from "../read/directory-store.js";
import { openFileSource } from "../read/file-source.js";
import { isMissing, readFailure } from "../system/system-errors.js";
import { resolveAddress } from "./s3.js";

export interface OpenPathOptions extends OpenOptions {
  /** How a file on a server is opened: in ranges by default, whole with `downloadSource`. */
  readonly openHttp?: typeof openHttpSource | undefined;
}

/**
 * Opens a store at a path or a `file:`, `http(s)` or `s3://` address: a folder, or a file with the format that
 * recognizes its bytes, whatever its name. Bytes at hand (a Blob, a source) are opened in the same way.
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
  const located = await locatePath(path, options);
  return located.kind === "folder" ? located.store : openContainer(located.source, options);
}

/**
 * Opens what is at a path or address, without looking into a file.
 *
 * @throws NotFoundError, UnreadableError, NetworkError; UnknownFormatError for what is neither file nor folder
 */
export async function locatePath(place: string | URL, options: OpenPathOptions): Promise<Located> {
  const path = pathOrAddress(place);
  if (path === "" || path === "-") {
    throw new UsageError(
      path === ""
        ? "the input has no name: give a folder or a file"
        : "the standard input cannot be read from, because an archive is read from its end: give a file",
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
  if (found.isDirectory()) return { kind: "folder", store: openDirectoryStore(path) };
  if (found.isFile()) return { kind: "file", source: await openFileSource(path) };
  throw new UnknownFormatError(`${path} is neither a file nor a folder: copy its content to a file`, {
    location: path,
  });
}

/** Not one letter, which is a drive of Windows. */
function looksLikeAddress(path: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\//i.test(path);
}

/** As in `localhost:8000/image.ozx`. */
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
      `${path} is no address that can be read: give https://storage.googleapis.com/${object}, where what is public is to be found`,
    );
  }
  return new UsageError(
    `${path} is no address that can be read: those start with http://, https:// or s3://; everything else is a path`,
  );
}

/**
 * Opens a store that was opened elsewhere, in another thread or process, by its descriptor. It has a handle of its
 * own, so that neither disturbs the other; an index in shared memory is used as it is, and otherwise read again.
 * Headers and credentials are no part of a descriptor: give them again as `http`.
 *
 * @example
 * new Worker(script, { workerData: store.descriptor?.() });
 * const store = await reopen(workerData, { formats: [ozxFormat] }); // in the worker
 *
 * @throws SourceChangedError when the file is not what it was when the descriptor was made
 * @throws UnknownFormatError when none of the formats is the descriptor's
 * @throws NotFoundError, UnreadableError, NetworkError, and what the format throws
 */
export async function reopen(descriptor: StoreDescriptor, options: OpenOptions): Promise<Store> {
  if (typeof descriptor?.location !== "string") {
    throw new UsageError(
      "a store is opened again by its descriptor, as descriptor() of a store gives it: a Blob, bytes in memory and a folder on a server have none",
    );
  }
  const { format: id, location, version, views } = descriptor;
  if (id === "directory") return reopenViews(openDirectoryStore(location), views);
  const format = options.formats.find((each) => each.id === id);
  if (format === undefined) {
    throw new UnknownFormatError(
      `${redactAddress(location)} was opened as "${id}", which is none of the formats given: give the ones it was opened with`,
      { location: redactAddress(location) },
    );
  }
  const source = isAddress(location) ? await openRemote(location, options) : await openFileSource(location);
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
 * A place in one form: what is a `file:` address becomes a path, and everything else stays as it is.
 *
 * @throws UsageError for a `file:` address that is no file of this machine, and for what is no place at all
 */
export function pathOrAddress(place: string | URL): string {
  if (typeof place !== "string" && !(place instanceof URL)) {
    throw new UsageError(
      `a path or an address is needed, and what was given is ${place === null ? "null" : typeof place}`,
    );
  }
  const text = String(place);
  if (!/^file:\//i.test(text)) return text;
  try {
    return fileURLToPath(text);
  } catch (cause) {
    throw new UsageError(`${text} names no file of this machine: give its path`, { cause });
  }
}

/** Whether a location is on a server. */
export function isAddress(path: string): boolean {
  return isHttpAddress(path) || isS3Address(path);
}
