import { type AbsolutePath, type ReadOptions, SourceChangedError } from "@ozx/core";
import { unsafeReason } from "@ozx/core/container";
import { locatePath } from "@ozx/core/internal/node";
import { formats } from "../formats.js";
import type { HttpOpening } from "../options/http-options.js";

/** Bytes on a server that are read in parts. */
export interface RemoteBytes {
  readonly size: number;
  read(start: number, length: number, options?: ReadOptions): Promise<Uint8Array>;
}

/** A file or folder that the page cannot read itself: it needs headers, a signature or a download. */
export interface RemoteSource extends AsyncDisposable {
  readonly name: string;
  readonly isFolder: boolean;
  /** The file, or the one at this path in the folder; undefined where there is none. */
  find(path: readonly string[], options?: ReadOptions): Promise<RemoteBytes | undefined>;
}

/**
 * Opens the file or folder at an address with credentials, to relay parts of it.
 *
 * @throws NotFoundError, UnreadableError, NetworkError, and UnknownFormatError when it is not OME-Zarr
 */
export async function openRemoteSource(
  address: string,
  opening: HttpOpening,
  signal: AbortSignal,
): Promise<RemoteSource> {
  const located = await locatePath(address, { formats, signal, ...opening });
  const name = nameOf(address);
  if (located.kind === "file") {
    const { source } = located;
    const bytes: RemoteBytes = {
      size: source.size,
      read: (start, length, options) => source.read(start, length, options),
    };
    return {
      name,
      isFolder: false,
      find: async (path) => (path.length === 0 ? bytes : undefined),
      [Symbol.asyncDispose]: () => source.close(),
    };
  }
  const { store } = located;
  return {
    name,
    isFolder: true,
    async find(path, options) {
      const key: AbsolutePath = `/${path.join("/")}`;
      if (path.length === 0 || unsafeReason(key) !== undefined) return undefined;
      const size = await store.unlisted?.size(key, options);
      if (size === undefined) return undefined;
      return {
        size,
        async read(start, length, reading) {
          const part = await store.getRange(key, { offset: start, length }, reading);
          if (part?.length === length) return part;
          throw new SourceChangedError(
            `${store.name}${key} was replaced while it was being read: start again`,
            {
              location: store.name,
            },
          );
        },
      };
    },
    [Symbol.asyncDispose]: () => store.close(),
  };
}

/** The last segment of the address that is a name. */
function nameOf(address: string): string {
  const [path = ""] = address.replace(/^[^:]+:\/\/[^/]*/, "").split(/[?#]/, 1);
  const last = path.split("/").findLast((segment) => !/^\.{0,2}$/.test(segment)) ?? "image";
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
