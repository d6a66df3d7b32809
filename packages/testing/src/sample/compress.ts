import { promisify } from "node:util";
import { gzip } from "node:zlib";
import Blosc from "numcodecs/blosc";
import Zstd from "numcodecs/zstd";
import type { SampleCodec } from "./options.js";

interface Encoder {
  encode(data: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** Parameters of the compressors, as the metadata must state them. */
export const LEVELS = { gzip: 5, zstd: 3, blosc: 5 } as const;
export const BLOSC_COMPRESSOR = "lz4";

const zstd: Encoder = Zstd.fromConfig({ id: "zstd", level: LEVELS.zstd });
const blosc: Encoder = Blosc.fromConfig({
  id: "blosc",
  cname: BLOSC_COMPRESSOR,
  clevel: LEVELS.blosc,
  shuffle: 1,
  blocksize: 0,
});
const gzipAsync = promisify<Uint8Array, { level: number }, Uint8Array>(gzip);

/** Compresses the bytes of one chunk. */
export async function compress(bytes: Uint8Array, codec: SampleCodec): Promise<Uint8Array> {
  switch (codec) {
    case "none":
      return bytes;
    case "gzip": {
      const out = new Uint8Array(await gzipAsync(bytes, { level: LEVELS.gzip }));
      // The header names the operating system (RFC 1952, 2.3.1); 255 is "unknown", the same everywhere.
      out[9] = 255;
      return out;
    }
    case "zstd":
      return new Uint8Array(await zstd.encode(bytes));
    case "blosc":
      return new Uint8Array(await blosc.encode(bytes));
  }
}
