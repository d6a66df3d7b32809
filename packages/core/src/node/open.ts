import { stat } from "node:fs/promises";
import { openHttpSource } from "../bytes/http/http-source.js";
import { UnknownFormatError, UsageError } from "../errors.js";
import { type OpenOptions, openStore } from "../store/format.js";
import type { Store } from "../store/store.js";
import { openDirectoryStore } from "./directory-store.js";
import { readFailure } from "./failures.js";
import { openFileSource } from "./file-source.js";

/**
 * Opens whatever is at a path or `http(s)` address: a folder as it is, a file with whichever format knows its
 * bytes. The name says nothing.
 *
 * @throws NotFoundError, UnreadableError, NetworkError, UnknownFormatError, and what the format throws
 */
export async function openPath(path: string, options: OpenOptions): Promise<Store> {
  if (path === "" || path === "-") {
    throw new UsageError(
      path === ""
        ? "the input has no name: give a folder or a file"
        : "the standard input cannot be read from, because an archive is read from its end: give a file",
    );
  }
  if (isAddress(path)) return openStore(await openHttpSource(path, { signal: options.signal }), options);
  const found = await stat(path).catch((error: unknown) => {
    throw readFailure(error, path);
  });
  if (found.isDirectory()) return openDirectoryStore(path);
  if (found.isFile()) return openStore(await openFileSource(path), options);
  throw new UnknownFormatError(`${path} is neither a file nor a folder: copy its content to a file`, {
    location: path,
  });
}

/** Whether a location is on a server. */
export function isAddress(path: string): boolean {
  return /^https?:\/\//i.test(path);
}
