import { type AbsolutePath, type ReadOptions, SourceChangedError, unsafeReason } from "@ozx/core";
import { locate } from "@ozx/core/node";
import { formats } from "../formats.js";
import type { HttpOpening } from "../options/http-options.js";

/** Bytes that are somewhere else and can be had in parts. */
export interface RemoteBytes {
  readonly size: number;
  read(start: number, length: number, options?: ReadOptions): Promise<Uint8Array>;
}

/** A file or folder that the page cannot read itself: it needs headers, a signature, or all of it to be fetched first. */
export interface RemoteSource extends AsyncDisposable {
  readonly name: string;
  readonly isFolder: boolean;
  /** The file, or what a folder has at these segments of a path; undefined for what is not there. */
  find(path: readonly string[], options?: ReadOptions): Promise<RemoteBytes | undefined>;
}

/**
 * Opens what is at an address as its owner, to hand it on in parts.
 *
 * @throws as `locate` does, and `UnknownFormatError` where it is no OME-Zarr
 */
export async function openRemoteSource(
  address: string,
  opening: HttpOpening,
  signal: AbortSignal,
): Promise<RemoteSource> {
  const located = await locate(address, { formats, signal, ...opening });
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

/** The last segment of the address, as a file is called. */
function nameOf(address: string): string {
  const [path = ""] = address.replace(/^[^:]+:\/\/[^/]*/, "").split(/[?#]/, 1);
  const last = path.split("/").findLast((segment) => !/^\.{0,2}$/.test(segment)) ?? "image";
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
