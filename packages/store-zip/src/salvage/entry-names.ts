import { decodeCp437, isUtf8 } from "../directory/central-directory.js";
import { parseUnicodePath } from "../records/extra-fields.js";
import { RecordError } from "../records/fields.js";

/**
 * The name of an entry by its bytes and extra field; undefined where no archive of Zarr has such a name, so that the bytes
 * only look like a header.
 */
export function plausibleName(bytes: Uint8Array, extra: Uint8Array): string | undefined {
  const name = unicodePath(bytes, extra) ?? bytes;
  if (name.length === 0) return undefined;
  for (const byte of name) if (byte < 0x20 || byte === 0x7f) return undefined;
  return isUtf8(name) ? UTF8.decode(name) : decodeCp437(name);
}

function unicodePath(bytes: Uint8Array, extra: Uint8Array): Uint8Array | undefined {
  if (extra.length === 0) return undefined;
  try {
    return parseUnicodePath(extra, bytes);
  } catch (error) {
    if (error instanceof RecordError) return undefined;
    throw error;
  }
}

const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });
