/**
 * Every error the project throws on purpose is one of these classes. Each has a `_tag` to switch on, the
 * fields that say where it happened, and a message that is a sentence for the person at the screen.
 *
 * @module
 */

/** The base of all tagged errors. Test for it with {@link isOzxError}, which also works across copies of this package. */
export abstract class OzxError extends Error {
  abstract readonly _tag: OzxErrorTag;
  // Written out, as bundlers give classes other names.
  abstract override readonly name: `${OzxErrorTag}Error`;
}

/** Where an error happened: the file, folder or URL, and the entry or node inside it. */
export interface ErrorLocation {
  readonly location: string;
  readonly path?: string;
}

abstract class LocatedError extends OzxError {
  readonly location: string;
  readonly path: string | undefined;

  constructor(message: string, place: ErrorLocation, options?: { cause?: unknown }) {
    super(message, options);
    this.location = place.location;
    this.path = place.path;
  }
}

/** Nothing exists at the location, or a key that must be there is not. */
export class NotFoundError extends LocatedError {
  override readonly name = "NotFoundError";
  readonly _tag = "NotFound";
}

/** It exists, but the operating system or the server does not let us read it. */
export class UnreadableError extends LocatedError {
  override readonly name = "UnreadableError";
  readonly _tag = "Unreadable";
  /** What a server answered, as 403; undefined where it is none that refuses. */
  readonly status: number | undefined;

  constructor(
    message: string,
    place: ErrorLocation & { readonly status?: number | undefined },
    options?: { cause?: unknown },
  ) {
    super(message, place, options);
    this.status = place.status;
  }
}

/** A server could not be reached, or kept failing. */
export class NetworkError extends LocatedError {
  override readonly name = "NetworkError";
  readonly _tag = "Network";
}

/** The input is readable and is none of the formats we know, or holds no OME-Zarr. */
export class UnknownFormatError extends LocatedError {
  override readonly name = "UnknownFormatError";
  readonly _tag = "UnknownFormat";
}

/** The container's own records contradict each other or are cut short. */
export class InvalidArchiveError extends LocatedError {
  override readonly name = "InvalidArchiveError";
  readonly _tag = "InvalidArchive";
}

/** A Zarr or OME-Zarr metadata document cannot be understood. */
export class InvalidMetadataError extends LocatedError {
  override readonly name = "InvalidMetadataError";
  readonly _tag = "InvalidMetadata";
}

/** The bytes of an entry are not those that its checksum or size promises. */
export class CorruptDataError extends LocatedError {
  override readonly name = "CorruptDataError";
  readonly _tag = "CorruptData";
}

/** Well-formed, but it asks for something that we cannot do without loss: `feature` names it. */
export class UnsupportedError extends LocatedError {
  override readonly name = "UnsupportedError";
  readonly _tag = "Unsupported";
  readonly feature: string;

  constructor(message: string, place: ErrorLocation & { feature: string }, options?: { cause?: unknown }) {
    super(message, place, options);
    this.feature = place.feature;
  }
}

/** An entry's name would leave the destination or clash with another one there. */
export class UnsafeNameError extends LocatedError {
  override readonly name = "UnsafeNameError";
  readonly _tag = "UnsafeName";
}

/** The source changed while it was being read. */
export class SourceChangedError extends LocatedError {
  override readonly name = "SourceChangedError";
  readonly _tag = "SourceChanged";
}

/** The destination is there already and may not be replaced. */
export class DestinationExistsError extends LocatedError {
  override readonly name = "DestinationExistsError";
  readonly _tag = "DestinationExists";
  /** Whether `overwrite` would replace it. */
  readonly replaceable: boolean;

  constructor(
    message: string,
    place: ErrorLocation & { replaceable: boolean },
    options?: { cause?: unknown },
  ) {
    super(message, place, options);
    this.replaceable = place.replaceable;
  }
}

/** The destination could not be written; it is as it was before. */
export class WriteFailedError extends LocatedError {
  override readonly name = "WriteFailedError";
  readonly _tag = "WriteFailed";
}

/** The request contradicts itself. */
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

export type OzxErrorTag = keyof OzxErrorByTag;

/**
 * Whether `error` is one of ours, and, when `tag` is given, that one.
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

/** An error as plain data: its class would not survive the way to another thread. */
export interface PackedError {
  readonly tag: OzxErrorTag | undefined;
  readonly message: string;
  readonly stack: string | undefined;
  /** Its own fields, such as `location`. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly cause: PackedError | undefined;
}

/** Makes an error ready for `postMessage`; {@link unpackError} makes it whole again on the other side. */
export function packError(error: unknown): PackedError {
  if (!(error instanceof Error)) {
    return { tag: undefined, message: String(error), stack: undefined, fields: {}, cause: undefined };
  }
  const { message, stack, cause } = error;
  const fields = Object.entries(error).filter(
    ([, value]) => typeof value !== "object" && typeof value !== "function",
  );
  return {
    tag: isOzxError(error) ? error._tag : undefined,
    message,
    stack,
    fields: { ...Object.fromEntries(fields), name: error.name },
    cause: cause === undefined ? undefined : packError(cause),
  };
}

/** The error that was packed, of its own class where that is one of ours. */
export function unpackError({ tag, message, stack, fields, cause }: PackedError): Error {
  const error = new Error(message, cause === undefined ? undefined : { cause: unpackError(cause) });
  if (tag !== undefined) Object.setPrototypeOf(error, CLASSES[tag].prototype);
  if (stack !== undefined) error.stack = stack;
  return Object.assign(error, fields);
}

/**
 * Throws for options of a name that there is none of, as a misspelt one would be without effect.
 *
 * @param what has the options, as in `an image`
 * @throws UsageError naming them all
 */
export function rejectUnknownOptions(what: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).filter((key) => !known.includes(key));
  if (unknown.length === 0) return;
  const names = unknown.map((name) => JSON.stringify(name)).join(" or ");
  // Who makes threads of their own knows so; nobody else looks for it.
  const told = known.filter((name) => name !== "work");
  throw new UsageError(
    `${what} has no option ${names}; ${told.length > 0 ? `there are ${told.join(", ")}` : "there are none"}`,
  );
}
