/**
 * The sample image alone, for scripts and benchmarks, which run outside of tests.
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
