import * as collections from "./collection-rules.js";
import * as images from "./image-rules.js";
import * as labels from "./label-rules.js";
import type { OmeRule } from "./ome-rule.js";
import * as plates from "./plate-rules.js";
import * as transforms from "./transform-rules.js";
import * as versions from "./version-rules.js";

/**
 * Every rule of the specification's prose that is checked, in the order in which findings come. Each module exports
 * rules and nothing else: all that it exports is taken.
 */
export const OME_RULES: readonly OmeRule[] = [
  versions,
  images,
  transforms,
  labels,
  plates,
  collections,
].flatMap((group) => Object.values(group));
