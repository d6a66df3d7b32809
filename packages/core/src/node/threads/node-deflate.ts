import { promisify } from "node:util";
import { deflate, gunzip, gzip, inflate } from "node:zlib";
import { reasonOf } from "../../errors.js";
import { type Deflate, exceedsLimit, withoutOrigin } from "../../zarr/codec/codec.js";

const [gzipBytes, deflateBytes] = [
  promisify<Uint8Array, object, Uint8Array>(gzip),
  promisify<Uint8Array, object, Uint8Array>(deflate),
];
const [gunzipBytes, inflateBytes] = [
  promisify<Uint8Array, object, Uint8Array>(gunzip),
  promisify<Uint8Array, object, Uint8Array>(inflate),
];

/** Deflate by Node's zlib, which has compression levels and does not block the calling thread. */
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
      if (error instanceof RangeError) return exceedsLimit(limit);
      return `does not decode: ${reasonOf(error)}`;
    }
  },
};

/** The same bytes as a `Uint8Array` that is not a `Buffer`. */
function plain({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
