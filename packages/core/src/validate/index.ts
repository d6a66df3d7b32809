/**
 * Rules of Zarr and OME-Zarr, and reports about the contents of a hierarchy.
 *
 * @module
 */

export { collectFindings, type FindingGroup } from "../findings.js";
export type {
  ArrayReport,
  ErrorReport,
  FailedImage,
  HierarchyReport,
  ImageReport,
  LevelReport,
  NodeReport,
  PlateReport,
} from "../inspect/hierarchy-report.js";
export { errorReport, inspectArray, inspectNode } from "../inspect/inspect-node.js";
export { measureStored, type StoredSizes } from "../inspect/stored-sizes.js";
export { checkOme } from "../ome/rules/check-ome.js";
export { checkSchema } from "../ome/schema/check-schema.js";
export { checkZarr } from "../zarr/check/check-zarr.js";
export { type ValidateOptions, validateOmeZarr } from "./validate-ome-zarr.js";
export {
  isValid,
  specificationTitle,
  type ValidationReport,
  type Verdict,
  verdictsOf,
} from "./verdicts.js";
