export { type CompressionReport, describeCompression } from "./decode/compressions.js";
export { type DecodeOptions, decodeSegment } from "./decode/decode-segment.js";
export type { SegmentLayout } from "./decode/segment-layout.js";
