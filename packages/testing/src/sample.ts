/**
 * The sample image alone, for what runs outside of a test: scripts and benchmarks.
 *
 * @module
 */
export {
  type SampleArray,
  type SampleCodec,
  type SampleEntry,
  type SampleOptions,
  sampleArrays,
  sampleEntries,
  sampleMap,
  sampleStore,
  writeSampleFolder,
} from "./sample-image.js";
