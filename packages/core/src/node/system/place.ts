import { fileURLToPath } from "node:url";
import { isHttpAddress, isS3Address } from "../../bytes/http/http-address.js";
import { UsageError } from "../../errors.js";

/**
 * A place in one form: what is a `file:` address becomes a path, and everything else stays as it is.
 *
 * @throws UsageError for a `file:` address that is no file of this machine, and for what is no place at all
 */
export function pathOrAddress(place: string | URL): string {
  if (typeof place !== "string" && !(place instanceof URL)) {
    throw new UsageError(
      `a path or an address is needed, and what was given is ${place === null ? "null" : typeof place}`,
    );
  }
  const text = String(place);
  if (!/^file:\//i.test(text)) return text;
  try {
    return fileURLToPath(text);
  } catch (cause) {
    throw new UsageError(`${text} names no file of this machine: give its path`, { cause });
  }
}

/** Whether a location is on a server. */
export function isAddress(path: string): boolean {
  return isHttpAddress(path) || isS3Address(path);
}
