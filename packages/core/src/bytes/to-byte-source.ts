import { UsageError } from "../errors.js";
import { blobSource, isBlob } from "./blob-source.js";
import type { HttpOptions } from "./http/http-address.js";
import { type HttpSourceOptions, openHttpSource } from "./http/http-source.js";
import type { ByteSource, ReadOptions } from "./source-and-sink.js";

/**
 * Opens any input that bytes can be read from: a `ByteSource` as it is, a Blob or File, an http(s) URL.
 *
 * @throws UsageError for any other input, saying what to pass instead
 * @throws NotFoundError, UnreadableError, NetworkError for a URL, as `openHttpSource` does
 */
export async function toByteSource(
  input: ByteSource | Blob | string | URL,
  options?: HttpSourceOptions,
): Promise<ByteSource> {
  const isAddress = typeof input === "string" || input instanceof URL;
  return isAddress ? openHttpSource(input, options) : asByteSource(input);
}

/** The options of opening any input. */
export interface SourceOptions extends ReadOptions {
  /** For an address: headers that its server requires, or a `fetch` that signs requests. */
  readonly http?: HttpOptions | undefined;
}

/**
 * Opens a store over any input that bytes can be read from. Where that fails, what was opened of the input here is closed,
 * since the caller cannot; a `ByteSource` stays open.
 *
 * @throws UsageError for any other input, saying what to pass instead
 * @throws NotFoundError, UnreadableError, NetworkError for a URL, as `openHttpSource` does; and what `open` throws
 */
export async function withSource<T>(
  input: ByteSource | Blob | string | URL,
  { http, signal }: SourceOptions = {},
  open: (source: ByteSource) => Promise<T>,
): Promise<T> {
  const source = await toByteSource(input, { ...http, signal });
  try {
    return await open(source);
  } catch (error) {
    if (source !== input) await source.close();
    throw error;
  }
}

/**
 * A `ByteSource` as it is, or one over a Blob or File.
 *
 * @throws UsageError for any other input, saying what to pass instead
 */
export function asByteSource(input: ByteSource | Blob): ByteSource {
  if (isByteSource(input)) return input;
  if (isBlob(input)) return blobSource(input);
  throw new UsageError(`bytes cannot be read from ${describeInvalidInput(input)}`);
}

function isByteSource(input: unknown): input is ByteSource {
  return isObject(input) && typeof input["read"] === "function" && typeof input["size"] === "number";
}

/** What a caller without types passed, and what to pass instead. */
function describeInvalidInput(input: unknown): string {
  if (input === undefined || input === null)
    return `${input}: pass a Blob or File, a ByteSource or an address`;
  if (isObject(input) && typeof input["then"] === "function") {
    return "a promise: await it, as in await openHttpSource(address)";
  }
  if (input instanceof ArrayBuffer || ArrayBuffer.isView(input)) {
    return "a bare buffer: pass new Blob([bytes]), or memorySource(bytes) of @ozx/core";
  }
  if (isObject(input) && typeof input["getFile"] === "function") {
    return "a file handle: pass await handle.getFile()";
  }
  const kind = Array.isArray(input)
    ? "an array"
    : `${/^[aeiou]/.test(typeof input) ? "an" : "a"} ${typeof input}`;
  return `${kind} of this kind: pass a Blob or File, a ByteSource as openFileSource of @ozx/core/node opens it, or an address`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
