import { SourceChangedError, UnreadableError, UsageError } from "../errors.js";
import { type ByteSource, checkRange } from "./byte-source.js";

/** A `ByteSource` over a Blob or File, read slice by slice; the browser never holds it whole. */
export function blobSource(
  blob: Blob,
  name: string = isBlob(blob) && "name" in blob ? String(blob.name) : "blob",
): ByteSource {
  if (!isBlob(blob)) {
    throw new UsageError(`${name} is no Blob: give a File, a Blob, or new Blob([bytes]) of bytes`);
  }
  return {
    name,
    size: blob.size,
    async read(offset, length, options) {
      options?.signal?.throwIfAborted();
      checkRange({ name, size: blob.size }, offset, length);
      let bytes: Uint8Array;
      try {
        bytes = new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
      } catch (cause) {
        // Browsers reject with NotReadableError when the file on disk has changed since it was chosen.
        throw new UnreadableError(
          `${name} cannot be read any more; it may have been changed or moved: choose it again`,
          { location: name },
          { cause },
        );
      }
      options?.signal?.throwIfAborted();
      if (bytes.length !== length) {
        throw new SourceChangedError(`${name} has become shorter while it was being read: choose it again`, {
          location: name,
        });
      }
      return bytes;
    },
    async close() {},
  };
}

/** Whether something is a Blob, of whatever realm: frames and test environments have classes of their own. */
export function isBlob(given: unknown): given is Blob {
  if (typeof given !== "object" || given === null) return false;
  return "arrayBuffer" in given && "slice" in given && "size" in given;
}
