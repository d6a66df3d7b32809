/**
 * The errors that the project throws on purpose. Each has a `_tag` to switch on, fields that say where it happened,
 * and a message written for the person at the screen.
 *
 * @module
 */

/** The base of all tagged errors. Test for it with {@link isOzxError}, which also works across copies of this package. */
export abstract class OzxError extends Error {
  /** The kind of error, which {@link isOzxError} tests for. */
  abstract readonly _tag: OzxErrorTag;
  // Spelled out, because bundlers rename classes.
  abstract override readonly name: `${OzxErrorTag}Error`;
}

/** Where an error happened. */
export interface ErrorLocation {
  /** The file, folder or URL. */
  readonly location: string;
  /** The entry or node inside it. */
  readonly path?: string;
}

abstract class LocatedError extends OzxError {
  /** The file, folder or URL. */
  readonly location: string;
  /** The entry or node inside it, where the error concerns one. */
  readonly path: string | undefined;

  constructor(message: string, where: ErrorLocation, options?: { cause?: unknown }) {
    super(message, options);
    this.location = where.location;
    this.path = where.path;
  }
}

/** Nothing exists at the location, or a required key is missing. */
export class NotFoundError extends LocatedError {
  override readonly name = "NotFoundError";
  readonly _tag = "NotFound";
}

/** The location exists, but the operating system or the server refuses access. */
export class UnreadableError extends LocatedError {
  override readonly name = "UnreadableError";
  readonly _tag = "Unreadable";
  /** The HTTP status, such as 403; undefined where no server refused. */
  readonly status: number | undefined;

  constructor(
    message: string,
    where: ErrorLocation & { readonly status?: number | undefined },
    options?: { cause?: unknown },
  ) {
    super(message, where, options);
    this.status = where.status;
  }
}

/** A server could not be reached, or kept failing. */
export class NetworkError extends LocatedError {
  override readonly name = "NetworkError";
  readonly _tag = "Network";
}

/** The input can be read, but its format is not known, or it contains no OME-Zarr. */
export class UnknownFormatError extends LocatedError {
  override readonly name = "UnknownFormatError";
  readonly _tag = "UnknownFormat";
}

/** The container's own records contradict each other or are truncated. */
export class InvalidArchiveError extends LocatedError {
  override readonly name = "InvalidArchiveError";
  readonly _tag = "InvalidArchive";
}

/** A Zarr or OME-Zarr metadata document is not valid. */
export class InvalidMetadataError extends LocatedError {
  override readonly name = "InvalidMetadataError";
  readonly _tag = "InvalidMetadata";
  /** The roots of hierarchies that lie side by side where there should be one; empty for any other fault. */
  readonly hierarchies: readonly `/${string}`[];

  constructor(
    message: string,
    where: ErrorLocation & { readonly hierarchies?: readonly `/${string}`[] | undefined },
    options?: { cause?: unknown },
  ) {
    super(message, where, options);
    this.hierarchies = where.hierarchies ?? [];
  }
}

/** The bytes of an entry do not match its checksum or size. */
export class CorruptDataError extends LocatedError {
  override readonly name = "CorruptDataError";
  readonly _tag = "CorruptData";
}

/** The input is well-formed, but uses a feature that is not supported, or not without loss. */
export class UnsupportedError extends LocatedError {
  override readonly name = "UnsupportedError";
  readonly _tag = "Unsupported";
  /** The name of the feature. */
  readonly feature: string;

  constructor(message: string, where: ErrorLocation & { feature: string }, options?: { cause?: unknown }) {
    super(message, where, options);
    this.feature = where.feature;
  }
}

/** An entry's name leads out of the destination, or clashes with another name there. */
export class UnsafeNameError extends LocatedError {
  override readonly name = "UnsafeNameError";
  readonly _tag = "UnsafeName";
}

/** The source changed while it was being read. */
export class SourceChangedError extends LocatedError {
  override readonly name = "SourceChangedError";
  readonly _tag = "SourceChanged";
}

/** The destination exists already and may not be replaced. */
export class DestinationExistsError extends LocatedError {
  override readonly name = "DestinationExistsError";
  readonly _tag = "DestinationExists";
  /** Whether `overwrite` would replace it. */
  readonly replaceable: boolean;

  constructor(
    message: string,
    where: ErrorLocation & { replaceable: boolean },
    options?: { cause?: unknown },
  ) {
    super(message, where, options);
    this.replaceable = where.replaceable;
  }
}

/** The destination could not be written; it is unchanged. */
export class WriteFailedError extends LocatedError {
  override readonly name = "WriteFailedError";
  readonly _tag = "WriteFailed";
}

/** An argument or option is invalid, or options contradict each other. */
export class UsageError extends OzxError {
  override readonly name = "UsageError";
  readonly _tag = "Usage";
}

const CLASSES = {
  NotFound: NotFoundError,
  Unreadable: UnreadableError,
  Network: NetworkError,
  UnknownFormat: UnknownFormatError,
  InvalidArchive: InvalidArchiveError,
  InvalidMetadata: InvalidMetadataError,
  CorruptData: CorruptDataError,
  Unsupported: UnsupportedError,
  UnsafeName: UnsafeNameError,
  SourceChanged: SourceChangedError,
  DestinationExists: DestinationExistsError,
  WriteFailed: WriteFailedError,
  Usage: UsageError,
};

type OzxErrorByTag = { [Tag in keyof typeof CLASSES]: InstanceType<(typeof CLASSES)[Tag]> };

/** The `_tag` of an {@link OzxError}: its class name without `Error`. */
export type OzxErrorTag = keyof OzxErrorByTag;

/**
 * Whether `error` is one of the project's own, of the kind `tag` where that is given.
 *
 * @example
 * if (isOzxError(error, "DestinationExists")) askForForce(error.location);
 */
export function isOzxError<Tag extends OzxErrorTag = OzxErrorTag>(
  error: unknown,
  tag?: Tag,
): error is OzxErrorByTag[Tag] {
  if (!(error instanceof Error) || !("_tag" in error)) return false;
  return tag === undefined ? Object.hasOwn(CLASSES, String(error._tag)) : error._tag === tag;
}

/**
 * The innermost reason of an error, on one line and without a full stop at its end, to complete a message. Codecs
 * in WebAssembly throw strings and numbers too.
 */
export function reasonOf(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause !== undefined) inner = inner.cause;
  const text = inner instanceof Error ? inner.message || inner.name : String(inner);
  return text.replace(/\s+/g, " ").trim().replace(/\.$/, "");
}

/** An error as plain data, since its class does not survive `postMessage`. */
export interface PackedError {
  /** Undefined for errors that are not the project's own. */
  readonly tag: OzxErrorTag | undefined;
  readonly message: string;
  readonly stack: string | undefined;
  /** The error's own fields, such as `location`. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly cause: PackedError | undefined;
}

/** Converts an error for `postMessage`; {@link unpackError} restores it on the other side. */
export function packError(error: unknown): PackedError {
  if (!(error instanceof Error)) {
    return { tag: undefined, message: String(error), stack: undefined, fields: {}, cause: undefined };
  }
  const { message, stack, cause } = error;
  const fields = Object.entries(error).filter(
    ([, value]) => isPrimitive(value) || (Array.isArray(value) && value.every(isPrimitive)),
  );
  return {
    tag: isOzxError(error) ? error._tag : undefined,
    message,
    stack,
    fields: { ...Object.fromEntries(fields), name: error.name },
    cause: cause === undefined ? undefined : packError(cause),
  };
}

/** What always survives `postMessage`. */
function isPrimitive(value: unknown): boolean {
  return !["object", "function", "symbol"].includes(typeof value);
}

/** Restores an error that {@link packError} converted, with its class where that is an {@link OzxError}. */
export function unpackError({ tag, message, stack, fields, cause }: PackedError): Error {
  const error = new Error(message, cause === undefined ? undefined : { cause: unpackError(cause) });
  if (tag !== undefined) Object.setPrototypeOf(error, CLASSES[tag].prototype);
  if (stack !== undefined) error.stack = stack;
  return Object.assign(error, fields);
}

/**
 * Throws for options whose names are not known, since a misspelt option would have no effect.
 *
 * @param what the thing that takes the options, as in `an image`
 * @throws UsageError naming every unknown option, and the known ones
 */
export function rejectUnknownOptions(what: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).filter((key) => !known.includes(key));
  if (unknown.length === 0) return;
  const names = unknown.map((name) => JSON.stringify(name)).join(" or ");
  // Only callers that bring their own threads need it.
  const listed = known.filter((name) => name !== "workers");
  throw new UsageError(
    `${what} has no option ${names}; ${listed.length > 0 ? `there are ${listed.join(", ")}` : "there are none"}`,
  );
}
