import type { ByteSource, ReadOptions } from "../bytes/byte-source.js";

/**
 * What a file is that is none of the formats that are known, by its first bytes: what people have saved under the wrong
 * name, with the way out. Undefined where it is nothing of these.
 */
export async function otherKind(source: ByteSource, options?: ReadOptions): Promise<string | undefined> {
  const bytes = await source.read(0, Math.min(source.size, LONGEST), options);
  const text = new TextDecoder("latin1").decode(bytes);
  return KINDS.find(([is]) => is(text))?.[1];
}

const LONGEST = 512;

const KINDS: readonly (readonly [(text: string) => boolean, string])[] = [
  [
    (text) => /^(?:\u00ef\u00bb\u00bf)?\s*<(?:!doctype html|html)/i.test(text),
    "a web page (HTML): what its address gives is a page about the file, or asks to log in; download the file itself",
  ],
  [
    (text) => /^(?:\u00ef\u00bb\u00bf)?\s*<\?xml/i.test(text),
    "XML, as a server's error message is: download the file again",
  ],
  [(text) => text.startsWith("\u001f\u008b"), "compressed with gzip: unpack it first, as with gunzip"],
  [
    (text) => text.startsWith("\u0028\u00b5\u002f\u00fd"),
    "compressed with zstd: unpack it first, as with unzstd",
  ],
  [(text) => text.startsWith("BZh"), "compressed with bzip2: unpack it first, as with bunzip2"],
  [(text) => text.startsWith("\u00fd7zXZ"), "compressed with xz: unpack it first, as with unxz"],
  [(text) => text.slice(257, 262) === "ustar", "a tar archive: unpack it first, as with tar -xf"],
  [(text) => text.startsWith("7z\u00bc\u00af"), "a 7-Zip archive: unpack it first"],
  [(text) => text.startsWith("Rar!"), "a RAR archive: unpack it first"],
  [
    (text) => text.startsWith("\u0089HDF"),
    "an HDF5 file: convert it to OME-Zarr first, as with bioformats2raw",
  ],
  [
    (text) => ["II*\0", "II+\0", "MM\0*", "MM\0+"].includes(text.slice(0, 4)),
    "a TIFF: convert it to OME-Zarr first, as with bioformats2raw",
  ],
];
