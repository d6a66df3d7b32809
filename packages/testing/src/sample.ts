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
} from "./sample-image.js";
export { sampleStore } from "./sample-store.js";
export { writeSampleFolder } from "./write-sample.js";
