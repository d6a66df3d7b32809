import { CorruptDataError, UsageError } from "../errors.js";
import { formatBytes } from "../format/quantities.js";
import type { AbsolutePath, Store, ValueOptions } from "./store.js";

/** A value is longer than its reader allows: the cause of the error that the store throws. */
export class TooLongValue extends Error {
  override readonly name = "TooLongValue";

  /** @param size undefined where the value was not read to its end */
  constructor(
    readonly size: number | undefined,
    readonly atMost: number,
  ) {
    super(`the value has ${size ?? "more"} bytes, and at most ${atMost} are read`);
  }
}

/**
 * Refuses a value that is longer than its reader allows.
 *
 * @param name of the store
 * @throws CorruptDataError, caused by a `TooLongValue`
 */
export function refuseTooLong(
  name: string,
  key: AbsolutePath,
  size: number,
  { atMost = Number.POSITIVE_INFINITY }: ValueOptions = {},
): void {
  if (size > atMost) throw tooLongValue(name, key, { size, atMost });
}

/**
 * A store that was just opened, with the largest metadata document that is read of it.
 *
 * @throws UsageError for a size that is not above 0
 */
export function withMaxMetadata<Opened extends Store>(
  store: Opened,
  { maxMetadata }: Pick<Store, "maxMetadata">,
): Opened {
  if (maxMetadata === undefined) return store;
  if (maxMetadata > 0) return Object.assign(store, { maxMetadata });
  throw new UsageError(`metadata of at most ${maxMetadata} bytes is nothing: pass a number above 0`);
}

/** The error for a value that is longer than its reader allows. */
export function tooLongValue(
  name: string,
  key: AbsolutePath,
  { size, atMost }: { readonly size: number | undefined; readonly atMost: number },
): CorruptDataError {
  const found = size === undefined ? `more than ${formatBytes(atMost)}` : formatBytes(size);
  return new CorruptDataError(
    `${key.slice(1)} in ${name} has ${found}, though at most ${formatBytes(atMost)} make sense there: it is damaged, or not what its metadata says`,
    { location: name, path: key },
    { cause: new TooLongValue(size, atMost) },
  );
}

/** Why a store refused a value; undefined for all other errors. */
export function tooLongIn(error: unknown): TooLongValue | undefined {
  return error instanceof Error && error.cause instanceof TooLongValue ? error.cause : undefined;
}
