/**
 * What decodes pixels of foreign formats, here or in threads: compressions of bytes and of pictures. A library of
 * WebAssembly is loaded when the first picture comes.
 *
 * @module
 */

export { type DecodeModule, decodeByWorkers, type LayoutDecoder } from "./decode-by-workers.js";
export { type PredictedRows, undoHorizontalPredictor } from "./horizontal-predictor.js";
export { decodeJpegXrPicture, decodePicture, type PictureCompression } from "./pictures/decode-picture.js";
export { type JpegHeader, readJpegHeader } from "./pictures/jpeg-stream.js";
export type { JpegXrPicture } from "./pictures/jpeg-xr.js";
export { isJpegXr } from "./pictures/jpeg-xr-header.js";
export { type Jpeg2000Header, readJpeg2000Header } from "./pictures/jpeg2000-header.js";
export { DamagedSegmentError, tooShort, UnsupportedSegmentError } from "./segment-fault.js";
export {
  decodedSampleBytes,
  measureSegment,
  type SegmentLayout,
  type SegmentSize,
} from "./segment-layout.js";
export {
  decodeAtMost,
  decodeDeflate,
  decodeLzw,
  decodeStored,
  decodeZstandard,
  type StoredSize,
} from "./stored-bytes.js";
