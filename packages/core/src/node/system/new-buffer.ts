import { UnsupportedError } from "../../errors.js";

/**
 * A buffer for bytes of a file. Not from Buffer's shared pool: what is read may be transferred to another thread.
 *
 * @throws UnsupportedError naming the file where memory has no room for so many
 */
export function newBuffer(length: number, path: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(length);
  } catch (cause) {
    throw new UnsupportedError(
      `${length} bytes of ${path} are to be read at once, and there is no memory for so many: the file is damaged, or needs a computer with more memory`,
      { location: path, feature: "large value" },
      { cause },
    );
  }
}
