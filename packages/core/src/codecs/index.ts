/**
 * Fast and strict decoders and encoders of Zarr's chunks, on their own: blosc, zstd, lz4, gzip, zlib, crc32c and
 * shuffle, in Node and in browsers. `@ozx/core/codecs/register` gives them to zarrita.
 *
 * @module
 */
export type { BloscCompressor, BloscOptions, BloscShuffle } from "./blosc/encode-blosc.js";
export { type ChunkCodec, type Codecs, type LoadOptions, loadCodecs } from "./codecs.js";
export type { EngineKind } from "./engine/engine.js";
export { type CodecName, DamagedChunkError } from "./fault.js";
export type { DecodedSize } from "./size.js";
export { type CodecRegistry, registerCodecs } from "./zarrita.js";
export type { ZstdOptions } from "./zstd/encode-zstd.js";
