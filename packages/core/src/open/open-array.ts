import type * as zarr from "zarrita";
import { CorruptDataError, InvalidMetadataError, isOzxError, UnsupportedError } from "../errors.js";
import type { AbsolutePath } from "../store/store.js";
import type { ArrayNode } from "../zarr/zarr-node.js";
import { type ArraySource, arrayStore } from "./array-store.js";
import { checkReadable } from "./check-readable.js";
import type { PixelArray } from "./node.js";

/**
 * Opens an array with zarrita, without reading its metadata again. What goes wrong in it, and in reading its
 * chunks, is one of our errors and names the array.
 *
 * @throws UnsupportedError, InvalidMetadataError
 */
export async function openArray(store: ArraySource, node: ArrayNode): Promise<PixelArray> {
  checkReadable(node, store.name);
  // Loaded when pixels are wanted: those who only look at metadata start faster.
  const { root, open, Location, defineArrayExtension, isZarritaError } = await import("zarrita");
  const place = { location: store.name, path: node.path };
  const translate = (error: unknown, what: string, otherwise: Fault): unknown => {
    if (isOzxError(error) || isAbort(error)) return error;
    const message = `${what} in ${store.name} cannot be read: ${reasonOf(error)}`;
    if (isZarritaError(error, "UnknownCodecError", "UnsupportedError")) {
      const feature = "codec" in error ? error.codec : error.feature;
      const wayOut = "zarr-python can rewrite the array without it";
      return new UnsupportedError(`${message}; ${wayOut}`, { ...place, feature }, { cause: error });
    }
    const Wrapper = isZarritaError(error, "InvalidMetadataError") ? InvalidMetadataError : otherwise;
    return new Wrapper(message, place, { cause: error });
  };

  let array: PixelArray;
  try {
    const location = new Location(root(arrayStore(store, node)).store, asUrlPath(node.path));
    const versioned = node.zarrFormat === 3 ? open.v3 : open.v2;
    array = await versioned(location, { kind: "array" });
  } catch (error) {
    throw translate(error, node.path, InvalidMetadataError);
  }

  const elements = array.chunks.reduce((product, size) => product * size, 1);
  return defineArrayExtension((inner: PixelArray) => ({
    async getChunk(position: number[], options?: zarr.GetOptions, more?: object) {
      const what = `chunk (${position.join(", ")}) of ${node.path}`;
      try {
        const chunk = await inner.getChunk(position, options, more);
        const { length } = chunk.data;
        if (length === elements) return chunk;
        // zarrita fills what is missing with whatever the result held before.
        throw new Error(`it decodes to ${length} values instead of ${elements}`);
      } catch (error) {
        // The reason of whoever stopped the read may be any error, as that of `AbortSignal.timeout`.
        options?.signal?.throwIfAborted();
        throw translate(error, what, CorruptDataError);
      }
    },
  }))(array);
}

type Fault = typeof CorruptDataError | typeof InvalidMetadataError;

/** zarrita resolves keys as URLs, so that a `#` or `%` in a name must be escaped. */
function asUrlPath(path: AbsolutePath): AbsolutePath {
  return path.split("/").map(encodeURIComponent).join("/") as AbsolutePath;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

/** The first cause that says something: zarrita wraps what its codecs throw. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? `${error.message} (${cause.message})` : error.message;
}
