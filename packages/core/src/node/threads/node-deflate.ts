import { promisify } from "node:util";
import { deflate, gunzip, gzip, inflate } from "node:zlib";
import { type Deflate, tooMuch, withoutOrigin } from "../../zarr/codec/codec.js";

const [gzipBytes, deflateBytes] = [
  promisify<Uint8Array, object, Uint8Array>(gzip),
  promisify<Uint8Array, object, Uint8Array>(deflate),
];
const [gunzipBytes, inflateBytes] = [
  promisify<Uint8Array, object, Uint8Array>(gunzip),
  promisify<Uint8Array, object, Uint8Array>(inflate),
];

/** Deflate by Node's zlib, which has levels and works beside the thread that asks. */
export const nodeDeflate: Deflate = {
  async deflate(bytes, format, level) {
    const deflated = await (format === "gzip" ? gzipBytes : deflateBytes)(bytes, { level });
    return withoutOrigin(plain(deflated), format);
  },
  async inflate(bytes, format, limit) {
    try {
      const inflated = await (format === "gzip" ? gunzipBytes : inflateBytes)(bytes, {
        maxOutputLength: Math.max(1, limit),
      });
      return plain(inflated);
    } catch (error) {
      if (error instanceof RangeError) return tooMuch(limit);
      return `does not decode: ${error instanceof Error ? error.message : String(error)}`;
    }
  },
};

/** Without what makes a `Buffer` of it. */
function plain({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
