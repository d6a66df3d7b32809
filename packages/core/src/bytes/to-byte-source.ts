import { UsageError } from "../errors.js";
import { type HttpSourceOptions, openHttpSource } from "./http/http-source.js";
import { blobSource, isBlob } from "./in-memory.js";
import type { ByteSource } from "./source-and-sink.js";

/**
 * A `ByteSource` of whatever bytes can be read from: one as it is, a Blob or File, an http(s) address.
 *
 * @throws UsageError for anything else, saying what to give instead
 * @throws NotFoundError, UnreadableError, NetworkError for an address, as `openHttpSource` does
 */
export async function toByteSource(
  given: ByteSource | Blob | string | URL,
  options?: HttpSourceOptions,
): Promise<ByteSource> {
  const isAddress = typeof given === "string" || given instanceof URL;
  return isAddress ? openHttpSource(given, options) : asByteSource(given);
}

/** The same of what needs not be asked for. Throws `UsageError` for anything else. */
export function asByteSource(given: ByteSource | Blob): ByteSource {
  if (isByteSource(given)) return given;
  if (isBlob(given)) return blobSource(given);
  throw new UsageError(`bytes cannot be read from ${describeInvalidInput(given)}`);
}

function isByteSource(given: unknown): given is ByteSource {
  return isObject(given) && typeof given["read"] === "function" && typeof given["size"] === "number";
}

/** What something is that callers without types give, and what they should. */
function describeInvalidInput(given: unknown): string {
  if (given === undefined || given === null)
    return `${given}: give a Blob or File, a ByteSource or an address`;
  if (isObject(given) && typeof given["then"] === "function") {
    return "a promise: await it, as in await openHttpSource(address)";
  }
  if (given instanceof ArrayBuffer || ArrayBuffer.isView(given)) {
    return "a buffer as it is: give new Blob([bytes]), or memorySource(bytes) of @ozx/core";
  }
  if (isObject(given) && typeof given["getFile"] === "function") {
    return "a handle of a file: give await handle.getFile()";
  }
  const kind = Array.isArray(given)
    ? "an array"
    : `${/^[aeiou]/.test(typeof given) ? "an" : "a"} ${typeof given}`;
  return `${kind} of this kind: give a Blob or File, a ByteSource such as openFileSource of @ozx/core/node opens, or an address`;
}

function isObject(given: unknown): given is Record<string, unknown> {
  return typeof given === "object" && given !== null;
}
