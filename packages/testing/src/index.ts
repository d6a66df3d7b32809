/**
 * Shared by all tests of the project. It imports vitest; outside of tests, import `@ozx/testing/sample` or
 * `@ozx/testing/chromium`.
 *
 * @module
 */

export { BOMB_EXTENT, bombImages } from "./bomb-images.js";
export {
  type BucketServer,
  type BucketServerOptions,
  type FaultProxy,
  type ProxyFault,
  startBucketServer,
  startFaultProxy,
} from "./bucket-server.js";
export {
  describeWithChromium,
  describeWithFirefox,
  withoutChromium,
  withoutFirefox,
} from "./describe-with-browser.js";
export { encodeChain } from "./encode-chain.js";
export { type EndlessOptions, type EndlessServer, startEndlessServer } from "./endless-server.js";
export { findProgram } from "./find-program.js";
export { type ForeignImage, foreignImages, type LevelState } from "./foreign-images.js";
export { type BucketKeys, isSigned } from "./is-signed.js";
export { type LocalServer, listenLocally } from "./local-server.js";
export { expectReadOrRefused, type MutationOptions, readAllValues } from "./mutated-bytes.js";
export {
  mutatedDocuments,
  mutationRuns,
  smallVariants,
  typed,
  watchRejections,
} from "./mutated-documents.js";
export {
  type RangeServer,
  type RangeServerOptions,
  type ServedRequest,
  type ServerFault,
  startRangeServer,
} from "./range-server.js";
export { readValues } from "./read-values.js";
export { describeSample, fuzzRuns, isFullRun, outsideSample, sampled, testSample } from "./run-size.js";
export * from "./sample.js";
export { describeWithSharedData, sharedData, sharedPath, withoutSharedData } from "./shared-data.js";
export { asRoot, notOn, skipFor, unlessOn, withoutTool } from "./skip.js";
export {
  arrayDocument,
  encodeJson,
  groupDocument,
  imageMetadata,
  type SmallArray,
  smallImage,
} from "./small-image.js";
export { type BuildStore, describeStore } from "./store-conformance.js";
export { type TempFolder, tempFolder } from "./temp-folder.js";
