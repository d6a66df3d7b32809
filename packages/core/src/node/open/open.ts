import { stat } from "node:fs/promises";
import type { openHttpSource } from "../../bytes/http/http-source.js";
import { NotFoundError, UnknownFormatError, UsageError } from "../../errors.js";
import { type Located, locateAddress } from "../../open/open-address.js";
import type { Store } from "../../store/store.js";
import { type OpenOptions, openStore } from "../../store/store-format.js";
import { openDirectoryStore } from "../read/directory-store.js";
import { openFileSource } from "../read/file-source.js";
import { isMissing, readFailure } from "../system/failures.js";
import { isAddress, pathOrAddress } from "../system/place.js";
import { resolveAddress } from "./s3.js";

export interface OpenPathOptions extends OpenOptions {
  /** How a file on a server is opened: in ranges by default, whole with `downloadSource`. */
  readonly openHttp?: typeof openHttpSource | undefined;
}

/**
 * Opens whatever is at a path, or a `file:`, `http(s)` or `s3://` address: a folder, or a file with whichever format
 * knows its bytes. The name says nothing.
 *
 * @throws NotFoundError, UnreadableError, NetworkError, UnknownFormatError, and what the format throws
 */
export async function openPath(path: string | URL, options: OpenPathOptions): Promise<Store> {
  const located = await locate(path, options);
  return located.kind === "folder" ? located.store : openStore(located.source, options);
}

/**
 * Opens what is at a path or address, without looking into a file.
 *
 * @throws NotFoundError, UnreadableError, NetworkError; UnknownFormatError for what is neither file nor folder
 */
export async function locate(place: string | URL, options: OpenPathOptions): Promise<Located> {
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
