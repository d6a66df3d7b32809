import * as collections from "./collection-rules.js";
import * as images from "./image-rules.js";
import * as labels from "./label-rules.js";
import type { OmeRule } from "./ome-rule.js";
import * as plates from "./plate-rules.js";
import * as transforms from "./transform-rules.js";
import * as versions from "./version-rules.js";

/**
 * The rules of the specification's prose, in the order of their findings. Every export of these modules is a rule, so a
 * new rule is one new export.
 */
export const OME_RULES: readonly OmeRule[] = [
  versions,
  images,
  transforms,
  labels,
  plates,
  collections,
].flatMap((group) => Object.values(group));
