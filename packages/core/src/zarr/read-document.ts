import { InvalidMetadataError } from "../errors.js";
import { formatBytes } from "../format/quantities.js";
import type { AbsolutePath, Store, ValueOptions } from "../store/store.js";
import { tooLongIn } from "../store/value-limit.js";

/** The largest metadata document by default, in bytes: that of a plate with consolidated metadata has a few dozen megabytes. */
export const LARGEST_DOCUMENT = 64_000_000;

/** The largest metadata document that is read of a store, in bytes. */
export function largestDocument({ maxMetadata }: Pick<Store, "maxMetadata">): number {
  return maxMetadata ?? LARGEST_DOCUMENT;
}

/**
 * Reads a metadata document; undefined where there is none.
 *
 * @throws InvalidMetadataError where it is larger than metadata may be; no more of it is read
 */
export async function readDocument(
  store: Store,
  key: AbsolutePath,
  options?: ValueOptions,
): Promise<Uint8Array | undefined> {
  const atMost = largestDocument(store);
  try {
    const bytes = await store.get(key, { ...options, atMost });
    if (bytes === undefined || bytes.length <= atMost) return bytes;
    throw tooLargeDocument(store, key, bytes.length);
  } catch (error) {
    const tooLong = tooLongIn(error);
    throw tooLong === undefined ? error : tooLargeDocument(store, key, tooLong.size, error);
  }
}

/**
 * The error for a document that nobody should read into memory.
 *
 * @param size undefined where it was not read to its end
 */
export function tooLargeDocument(
  store: Pick<Store, "name" | "maxMetadata">,
  key: AbsolutePath,
  size: number | undefined,
  cause?: unknown,
): InvalidMetadataError {
  const most = formatBytes(largestDocument(store));
  return new InvalidMetadataError(
    `${key.slice(1)} in ${store.name} has ${size === undefined ? `more than ${most}` : formatBytes(size)}, and metadata is read up to ${most}: if it is meant to be so large, allow more with the option maxMetadata (--max-metadata)`,
    { location: store.name, path: key.slice(1) },
    cause === undefined ? undefined : { cause },
  );
}
